"""The rows of codex's full-screen program, as far as its marks tell: cells that begin with a bullet, and questions."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from stream.embedded import EmbeddedTexts
from stream.grammars.account import Passage, TextAccount
from stream.grammars.codex.screen_banner import BANNER, FOOTER, MODEL, Banner
from stream.grammars.codex.screen_changes import EDITED, Changes
from stream.grammars.codex.screen_commands import ShownCommands
from stream.grammars.codex.screen_lookups import Lookups
from stream.grammars.codex.screen_output import FRAME, ShownOutput
from stream.grammars.codex.screen_questions import QUESTION, Questions
from stream.grammars.codex.screen_usage import USAGE, ThreadUsage
from stream.grammars.parts import Parts
from stream.grammars.shapes import Shape, Shapes, shape_of
from stream.regions import DIFF, FAILED_OUTPUT, HEADER, MESSAGE, PLAIN, PROMPT, SHOWN, Region
from stream.report import Report
from stream.text_block import Where

SCREEN_MARKS = (
    r"^(?:[│ ]*(?:>_ OpenAI Codex|[Mm]odel: )|[•◦■⚠\x{203a}] |[✔✓✗✘] (?:You |Failed to apply)"
    r"|Token usage: |\s+Destination: |  \$ |  \S.* · (?:[~/]|[A-Za-z]:))"
    r"|Would you like to (?:run the|make the|grant)"
)
_SHAPES = Shapes.of(
    ("banner", BANNER),
    ("model", MODEL),
    ("footer", FOOTER),
    ("question", QUESTION),
    ("destination", r"\s+Destination: (?P<path>\S.*)$"),
    ("asked", r"  \$ (?P<command>\S.*)$"),
    ("working", r"• (?:Working|Thinking) \(|[•◦] .*\((?:\d+[hms] ?)+• esc to interrupt\)"),
    ("running", r"• Running (?P<command>\S.*)$"),
    ("explored", r"• Explor(?P<end>ed|ing)(?P<failed> · \d+ nonzero exits?)?$"),
    ("called", r"• Called (?P<tool>[\w-]+\.[\w-]+)\((?P<arguments>.*)\)$"),
    ("ran", r"• (?:Ran|Exited \(status (?P<code>-?\d+)\)) (?P<command>\S.*)$"),
    ("edited", EDITED),
    ("unapplied", r"[✘✗] (?P<message>Failed to apply patch.*)$"),
    ("refused", r"[✗✘] You (?:cancell?ed the request|did not approve codex) to run (?P<command>\S.*?)(?: this time)?$"),
    ("approved", r"[✔✓] You approved codex to (?:always )?run (?P<command>\S.*?)(?: (?:this|every) time\b.*)?$"),
    ("interrupted", r"■ Conversation interrupted"),
    ("error", r"■ (?P<message>\S.*)$"),
    ("warning", r"⚠ (?P<message>\S.*)$"),
    ("usage", USAGE),
    ("compacted", r"• Context compacted"),
    ("text", r"• \S"),
    ("typed", r"\u203a (?!\d\. )"),
)  # fmt: skip
_CELLS = {"running": "command", "explored": "explored", "called": "command", "ran": "command", "edited": "diff"}
_REGIONS = {
    "start": PLAIN, "banner": HEADER, "command": HEADER, "explored": HEADER, "message": MESSAGE, "typed": PROMPT,
    "output": SHOWN, "failed": SHOWN, "diff": DIFF, "question": HEADER, "rest": HEADER, "after": PLAIN,
}  # fmt: skip
_HUNGRY = frozenset({"banner", "question", "output", "failed", "command", "explored"})
_AFTER_LOOKUPS = frozenset({"running", "called", "ran", "edited", "text", "interrupted"})
_ASIDE = frozenset({"unapplied", "interrupted", "working", "typed", "banner"})  # what may stand behind a change


_BEGINNINGS = frozenset({"banner", "question", "ran", "refused", "approved", "usage"})


def begins_screen(line: str) -> bool:
    """Whether nobody but codex's full-screen program is likely to print this row."""
    shape = shape_of(line, _SHAPES)
    return shape is not None and shape.name in _BEGINNINGS


class CodexScreen:
    """Of one stream."""

    before = None
    awaits_opening = False

    def __init__(self, texts: EmbeddedTexts, command: Sequence[str] = ()) -> None:
        self._account = TextAccount("codex_screen")
        self._commands = ShownCommands(self._account)
        self._output = ShownOutput(texts)
        self._lookups = Lookups(self._account)
        self._changes = Changes(self._account)
        self._questions = Questions(self._account)
        self._place = "start"
        self._banner = Banner(self._account)
        self._usage = ThreadUsage(self._account, command)
        self._parts = Parts(
            account=self._account,
            commands=self._commands,
            output=self._output,
            lookups=self._lookups,
            changes=self._changes,
            questions=self._questions,
            banner=self._banner,
            usage=self._usage,
        )
        self._last_state = ""  # while nothing else has happened
        self._interrupted_at = -1  # when it was shown to be (µs), while nothing else has been typed

    @property
    def region(self) -> Region:
        return _REGIONS[self._place]

    @property
    def hungry(self) -> bool:
        if self._usage.awaits_thread:
            return True
        return self._place in _HUNGRY or (self._place == "diff" and self._changes.awaits_files)

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        line = line.rstrip()
        if self._usage.awaits_thread:
            self._usage.take(line, self._banner.told("agent_session_id"), self._banner.told("model"), report)
        shape = None if fenced else shape_of(line, _SHAPES)
        if self._place == "banner":
            if (shape is None or shape.name == "model") and self._banner.take(line):
                return True
            self._banner.end(report)
            self._place = "rest"
        if self._in_cell(line, where, report):
            return True
        if shape is None or (self._place == "message" and self._is_said(shape)):
            return False
        return self._follow(shape, Passage.of(line, where()), report)

    def settle(self, report: Report) -> None:
        self._account.settle(report)

    def finish(self, at: int, report: Report) -> None:
        self._banner.finish(report)
        self._usage.end(self._banner.told("agent_session_id"), self._banner.told("model"), report)
        self._end_output(report)
        self._lookups.end(report)
        self._changes.end(report, asked=self._questions.is_open)
        self._questions.end(report)
        self._commands.finish(report)
        self._end_output(report)

    def state(self) -> dict[str, Any]:
        return {
            "place": [self._place, self._last_state, self._interrupted_at],
            **self._parts.state(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._parts.resume(state)
        self._place, self._last_state, self._interrupted_at = state["place"]

    def _in_cell(self, line: str, where: Where, report: Report) -> bool:
        """Whether the row belongs to what is open. If it does not, that has ended."""
        if self._place == "question":
            return self._questions.take(line)
        if self._place == "command":
            if self._commands.take(line, where()):
                return True
            self._begin_output(self._commands.tell(line, report), report)
        if self._place in ("output", "failed"):
            if self._output.take(line, where()):
                if self._place == "failed":
                    self._commands.explain(line)
                return True
            self._end_output(report)
            self._place = "rest"
        if self._place == "explored":
            return self._in_lookups(line, where, report)
        return self._place == "diff" and self._changes.take(line, where())

    def _begin_output(self, region: Region, report: Report) -> None:
        self._place = {MESSAGE: "message", HEADER: "rest", FAILED_OUTPUT: "failed"}.get(region, "output")
        if self._place in ("output", "failed"):
            self._account.settle(report)  # what other tools printed has been told
            self._output.begin(region)
        if self._place != "message":
            self._lookups.look_elsewhere()

    def _end_output(self, report: Report) -> None:
        self._output.end()
        self._account.output_ends(report)
        self._account.settle(report)

    def _in_lookups(self, line: str, where: Where, report: Report) -> bool:
        taken = self._lookups.take(line, where(), report)
        if line and not taken and not self._lookups.is_sure and not line.startswith(FRAME):
            self._place = "message"  # that began with the same word
        return taken

    def _is_said(self, shape: Shape) -> bool:
        """Whether the row of a question stands in a message, not below a command that waits for its answer."""
        if shape.name == "asked":
            return not self._commands.is_asked(shape.match["command"])
        return shape.name == "destination"

    def _follow(self, shape: Shape, passage: Passage, report: Report) -> bool:
        name, match = shape
        if name == "model":
            return self._place == "rest" and self._banner.name(match["model"], passage, report)
        if name == "footer":
            return self._banner.sign(match["named"], match["cwd"], passage, report)
        if name == "working" and self._place == "question" and not self._questions.is_whole:
            return True  # painted among the rows of a question, which go on below
        self._end_output(report)
        if name in ("question", "destination", "asked"):
            self._questions.end(report)
            self._questions.begin(shape, passage)
            self._place = "question"
            return True
        self._questions.end(report)
        if name not in _ASIDE and self._changes.end(report):
            self._questions.forget("edit")
        if name in _AFTER_LOOKUPS:
            self._lookups.end(report)
        if name in _CELLS:
            self._last_state = ""
            self._begin_cell(name, match, passage)
        elif name == "text":
            self._place, self._last_state = "message", ""
            return False
        else:
            self._tell(name, match, passage, report)
        return True

    def _begin_cell(self, name: str, match: re.Match[str], passage: Passage) -> None:
        self._place = _CELLS[name]
        if name == "running":
            self._commands.begin(match["command"], passage)
        elif name == "ran":
            self._commands.run(match["command"], match["code"], passage)
        elif name == "called":
            self._commands.call(match["tool"], match["arguments"], passage)
        elif name == "explored":
            self._lookups.begin(is_done=match["end"] == "ed", has_failures=bool(match["failed"]))
        elif name == "edited":
            self._lookups.look_elsewhere()
            self._changes.begin(match, passage)

    def _tell(self, name: str, match: re.Match[str], passage: Passage, report: Report) -> None:
        self._place = {"typed": "typed", "usage": "after"}.get(name, "rest")
        if name == "typed":
            self._interrupted_at = -1
        if name == "banner":
            self._banner.begin(match["version"], passage)
            self._place = "banner"
        elif name in ("refused", "approved"):
            self._questions.decide(match["command"], refused=name == "refused", passage=passage, report=report)
            if name == "refused":
                self._commands.refuse(match["command"], passage, report)
            else:
                self._commands.is_asked(match["command"])
        elif name == "unapplied":
            self._changes.fail(match["message"], passage, report)
            self._questions.forget("edit")
        elif name in ("error", "warning"):
            self._account.problem(name, match["message"], passage, report)
        elif name == "usage":
            self._usage.begin(match, passage, report)
        elif name in ("interrupted", "compacted", "working"):
            self._tell_state(name, passage, report)

    def _tell_state(self, name: str, passage: Passage, report: Report) -> None:
        """Once: it stays on the screen, and is painted again.

        What seems to work at the moment when it is interrupted is a row that was not yet painted over.
        """
        if name == "working" and passage.at == self._interrupted_at:
            return
        if name == "interrupted":
            self._changes.drop()
            self._questions.forget()
            self._interrupted_at = passage.at
        if name != self._last_state:
            self._account.tell("state_change", name, passage, report)
        self._last_state = name
