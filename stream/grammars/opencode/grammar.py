"""opencode's text: `opencode run` prints the model's words on stdout, tools and their output on stderr.

Each thing begins behind an empty line: `$ command` and what it printed, `→ Read file`, `← Edit file` and its diff,
`✗ title failed` and `Error: why`. Whether a command failed is not told.
"""

from collections.abc import Mapping
from typing import Any

from stream.decoders.account import http_kind
from stream.grammars.account import Passage, TextAccount
from stream.grammars.opencode.calls import Calls
from stream.grammars.shapes import Shape, Shapes, runs_with, shape_of
from stream.lines_before import LinesBefore
from stream.recording import RecordingHeader
from stream.regions import DIFF, FAILED_OUTPUT, HEADER, MESSAGE, PLAIN, Region
from stream.report import Report
from stream.text_block import Where

_REACH = 256  # bytes to look back for a blank line
MARKS = r"^(?:\$ |> \S+ · |[→←✱%◈⚙•⚡✗] |Error: |! permission requested: )"
_SHAPES = Shapes.of(
    ("session", r"> \S+ · (?P<model>\S.*)$"),
    ("command", r"\$ (?P<command>\S.*)$"),
    ("edited", r"← (?P<tool>Edit|Write|Patch|Apply_?[Pp]atch) (?P<path>\S.*)$"),
    ("used", r"[→←✱%◈⚙•⚡] (?P<tool>[A-Z]\w*)(?: (?P<subject>\S.*))?$"),
    ("failed", r"✗ (?P<title>\S.*?)(?: failed)?$"),
    ("refused", r"! permission requested: (?P<permission>[\w-]+)(?: \((?P<subject>.*)\))?; auto-rejecting$"),
    ("error", r"Error: (?P<message>\S.*)$"),
)
_REGIONS = {"start": PLAIN, "text": MESSAGE, "log": PLAIN, "output": FAILED_OUTPUT, "diff": DIFF, "failed": HEADER}


class OpencodeText:
    """Of one stream."""

    def __init__(self, header: RecordingHeader, stream: str) -> None:
        self.before = LinesBefore(_REACH)
        self._account = TextAccount("opencode_run")
        self._calls = Calls(self._account)
        one_stream = header.mode[1] == "pty"
        answers = runs_with(header.command, "run") and not runs_with(header.command, "json")
        self._words = "text" if stream == "stdout" else "log"  # what stands between tools
        self._place = "text" if stream == "stdout" and answers and not one_stream else "start"
        self._boundary = 0  # number of the last line behind which something may begin, blank ones aside

    @property
    def region(self) -> Region:
        return _REGIONS[self._place]

    @property
    def hungry(self) -> bool:
        return self._place in ("diff", "failed")

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        line = line.rstrip()
        if self._place == "failed" and self._calls.explain(line, where(), report):
            self._place = self._words
            return True
        if self._place == "diff" and self._calls.read_diff(line, report):
            return True
        shape = None if fenced else shape_of(line, _SHAPES)
        if shape is None or not (where().number == self._boundary + 1 or self.before.is_behind_blank):
            return False
        return self._follow(shape, Passage.of(line, where()), report)

    def settle(self, report: Report) -> None:
        self._calls.settle(report)

    def finish(self, at: int, report: Report) -> None:
        self._calls.end(report)
        self.settle(report)

    def state(self) -> dict[str, Any]:
        place = [self._place, self._boundary]
        return {"place": place, "account": self._account.state(), "calls": self._calls.state()}

    def resume(self, state: Mapping[str, Any]) -> None:
        self._place, self._boundary = state["place"]
        self._account.resume(state["account"])
        self._calls.resume(state["calls"])

    def _follow(self, shape: Shape, passage: Passage, report: Report) -> bool:
        name, match = shape
        self._calls.end(report)
        self._place = self._words
        if name == "session":
            self._account.tell("session", match["model"], passage, report, {"model": match["model"]})
        elif name == "command":
            self._calls.begin_command(match["command"], passage)
            self._place = "output"
        elif name == "edited":
            self._calls.begin_edit(match["tool"], match["path"], passage)
            self._place = "diff"
        elif name == "used":
            self._calls.tell(match["tool"], match["subject"] or "", passage, report)
        elif name == "failed":
            self._calls.fail(match["title"], passage)
            self._place = "failed"
        elif name == "refused":
            self._calls.refuse(match["permission"], match["subject"] or "", passage, report)
            self._boundary = passage.where.number  # the failure follows at once
        else:
            self._account.problem("error", match["message"], passage, report, http_kind(match["message"]))
        return True
