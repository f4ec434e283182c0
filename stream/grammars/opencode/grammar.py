"""opencode's text: `opencode run` prints the model's words on stdout, tools and their output on stderr.

Things with an output stand between empty lines: `$ command` and what it printed, `← Edit file` and its diff. What has
none may follow at once: `→ Read file`, `✗ title failed` and `Error: why`. Whether a command failed is not told.
"""

import re
from collections.abc import Mapping
from typing import Any

from stream.decoders.account import http_kind
from stream.embedded import EmbeddedTexts
from stream.grammars.account import Passage, TextAccount
from stream.grammars.opencode.calls import Calls
from stream.grammars.opencode.command_rows import CommandRows
from stream.grammars.opencode.last_words import LastWords, may_be_last
from stream.grammars.opencode.printed_command import PrintedCommand, complains, shows
from stream.grammars.opencode.printed_title import PrintedTitle
from stream.grammars.shapes import Shape, Shapes, runs_with, shape_of
from stream.lines import Line
from stream.lines_before import LinesBefore
from stream.recording import RecordingHeader
from stream.regions import DIFF, FAILED_OUTPUT, HEADER, MESSAGE, PLAIN, SHOWN, Region
from stream.report import Report
from stream.text_block import Where

_REACH = 256  # bytes to look back for a blank line
MARKS = r"^(?:\$ |> \S+ · |[→←✱%◈⚙•⚡✗] |Error: |! permission requested: )"
_SHAPES = Shapes.of(
    ("session", r"> \S+ · (?P<model>\S.*)$"),
    ("command", r"\$ (?P<command>\S.*)$"),
    ("edited", r"← (?P<tool>Edit|Write|Patch|Apply_?[Pp]atch) (?P<path>\S.*)$"),
    ("used", r"[→←✱%◈⚙•⚡] (?P<tool>[A-Z]\w*)(?: (?P<subject>\S.*))?$"),
    ("failed", r"✗ (?P<title>\S[\s\S]*) failed(?P<detail> in \S.*| · .*| \[.*\])?$"),
    ("refused", r"! permission requested: (?P<permission>[\w-]+)(?: \((?P<subject>[\s\S]*)\))?; auto-rejecting$"),
    ("begun", r"(?:✗|! permission requested: [\w-]+ \() ?(?P<title>\S.*)$"),
    ("error", r"Error: (?P<message>\S.*)$"),
)
_OUTPUTS = ("output", "shown", "complaint")
_KEY = "opencode last words"
_ALONE = ("session", "used", "refused", "error")  # what has no output: the next thing may follow at once
_REGIONS = {
    "start": PLAIN, "text": MESSAGE, "log": PLAIN, "command": SHOWN, "output": FAILED_OUTPUT, "shown": SHOWN,
    "complaint": FAILED_OUTPUT, "diff": DIFF, "title": SHOWN, "failed": HEADER,
}  # fmt: skip


class OpencodeText:
    """Of one stream."""

    awaits_opening = False

    def __init__(self, header: RecordingHeader, stream: str, texts: EmbeddedTexts) -> None:
        self.before = LinesBefore(_REACH)
        self._texts = texts
        self._account = TextAccount("opencode_run")
        self._calls = Calls(self._account)
        self._command: PrintedCommand | None = None  # whose rows are still coming
        self._title: PrintedTitle | None = None  # whose rows are still coming
        self._last_words: LastWords | None = None  # an error of its own, or more of an output
        self._running = ""  # the command whose output is shown
        one_stream = header.mode[1] == "pty"
        answers = runs_with(header.command, "run") and not runs_with(header.command, "json")
        self._words = "text" if stream == "stdout" else "log"  # what stands between tools
        self._place = "text" if stream == "stdout" and answers and not one_stream else "start"
        self._boundary = 0  # number of the last line behind which something may begin, blank ones aside

    @property
    def region(self) -> Region:
        return _REGIONS[self._words if self._place == "why" else self._place]

    @property
    def hungry(self) -> bool:
        return self._last_words is not None or self._place in ("command", "diff", "title", "failed", "why")

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        line = line.rstrip()
        if self._command:
            return self._go_on(self._command, line, where(), report)
        if self._title:
            self._go_on_with_title(self._title, line, where(), report)
            return True
        if self._place == "failed":
            explained = self._calls.explain(line, where(), report)
            self._place = "why" if explained else self._words
            if explained:
                return True
        if self._place == "why" and not line:
            self._place = self._words
        if self._place == "diff" and self._calls.read_diff(line, report):
            return True
        shape = None if fenced else shape_of(line, _SHAPES)
        if self._last_words and self._wait(self._last_words, line, shape, where(), report):
            return True
        if shape and self._may_begin(where):
            begin = self._begin_last_words if shape.name == "error" and self._place in _OUTPUTS else self._follow
            return begin(shape, Passage.of(line, where()), report)
        if self._place in ("shown", "complaint"):
            self._place = "complaint" if not fenced and complains(self._running, line) else "shown"
        return False

    def _begin_last_words(self, shape: Shape, passage: Passage, _report: Report) -> bool:
        """Whether it may be the agent's own error."""
        if may_be_last(self.before):
            self._last_words = LastWords(shape.match["message"], passage)
        return self._last_words is not None

    def _wait(self, words: LastWords, line: str, shape: Shape | None, where: Line, report: Report) -> bool:
        """Whether the row may belong to what is waited for. If not, it is known who said it."""
        ends_run = words.is_over and shape is not None and shape.name == "session"  # another one follows
        if not ends_run and words.take(line, where):
            return True
        self._end_last_words(report, own=ends_run)
        return False

    def _end_last_words(self, report: Report, *, own: bool) -> None:
        words, self._last_words = self._last_words, None
        if words is None:
            return
        if own:
            self._calls.end(report)
            self._calls.settle(report)
            self._place = self._words
            self._account.problem("error", words.message, words.passage, report, http_kind(words.message))
            return
        for row, where in words.rows:
            self._texts.feed(_KEY, f"{row}\n", _REGIONS[self._place], where)
        self._texts.end(_KEY, words.rows[-1][1])

    def settle(self, report: Report) -> None:
        self._calls.settle(report)

    def finish(self, at: int, report: Report) -> None:
        self._give_up(report)
        self._end_last_words(report, own=self._last_words is not None and not self._last_words.is_over)
        self._calls.end(report)
        self.settle(report)

    def state(self) -> dict[str, Any]:
        return {
            "place": [self._place, self._boundary, self._running],
            "command": self._command.state() if self._command else None,
            "title": self._title.state() if self._title else None,
            "last_words": self._last_words.state() if self._last_words else None,
            "account": self._account.state(),
            "calls": self._calls.state(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._place, self._boundary, self._running = state["place"]
        self._command = PrintedCommand.resumed(state["command"]) if state["command"] else None
        self._title = PrintedTitle.resumed(state["title"]) if state["title"] else None
        self._last_words = LastWords.resumed(state["last_words"]) if state["last_words"] else None
        self._account.resume(state["account"])
        self._calls.resume(state["calls"])

    def _may_begin(self, where: Where) -> bool:
        return self._place == "why" or where().number == self._boundary + 1 or self.before.is_behind_blank

    def _follow(self, shape: Shape, passage: Passage, report: Report) -> bool:
        name, match = shape
        self._calls.end(report)
        self._place = self._words
        if name in _ALONE:
            self._boundary = passage.where.number
        if name == "session":
            self._account.tell("session", match["model"], passage, report, {"model": match["model"]})
        elif name == "command":
            self._place, self._command = "command", PrintedCommand(match["command"], passage)
            self._begin_output(self._command)
        elif name == "edited":
            self._calls.begin_edit(match["tool"], match["path"], passage)
            self._place = "diff"
        elif name == "used":
            self._calls.tell(match["tool"], match["subject"] or "", passage, report)
        elif name == "failed":
            self._calls.fail(match["title"] + (match["detail"] or ""), passage)
            self._place = "failed"
        elif name == "begun":
            self._begin_title(match, passage)
        elif name == "refused":
            self._calls.refuse(match["permission"], match["subject"] or "", passage, report)
        else:
            self._account.problem("error", match["message"], passage, report, http_kind(match["message"]))
        return True

    def _go_on(self, command: PrintedCommand, line: str, where: Line, report: Report) -> bool:
        """A row below the first one of a command that is not whole."""
        shape = shape_of(line, _SHAPES)
        mark = shape if shape and shape.name != "error" and self.before.is_behind_blank else None
        if not command.may_end_at(line, at_mark=mark is not None):
            command.take(line, where)
            self._begin_output(command)
            return True
        self._give_up(report)
        self._place = "output"
        return mark is not None and self._follow(mark, Passage.of(line, where), report)

    def _begin_title(self, match: re.Match[str], passage: Passage) -> None:
        """A row that does not end as it should: its command has others, or it says in its own words what failed.

        The others are looked for only behind a refusal: a row of the model's words may begin in the same way.
        """
        rows = CommandRows()
        rows.take(match["title"])
        if passage.text.startswith("!") or (rows.is_open and self._calls.was_refused):
            self._place, self._title = "title", PrintedTitle(match[0], passage)
        else:
            self._calls.fail(match["title"], passage)
            self._place = "failed"

    def _go_on_with_title(self, title: PrintedTitle, line: str, where: Line, report: Report) -> None:
        title.take(line, where)
        if not (title.is_whole or title.is_endless):
            return
        self._place, self._title = self._words, None
        shape = shape_of(title.text, _SHAPES)
        if title.is_whole and shape:
            self._follow(shape, title.passage, report)
            self._boundary = where.number

    def _begin_output(self, command: PrintedCommand) -> None:
        if command.is_whole:
            self._command, self._running = None, command.text
            self._calls.begin_command(command.text, command.passage)
            self._place = "shown" if shows(command.text) else "output"

    def _give_up(self, report: Report) -> None:
        """A command that nothing has closed: its other rows are what its shell had to say."""
        if self._command:
            command, self._command = self._command, None
            self._calls.begin_command(command.first, command.first_passage)
            self._calls.settle(report)
            self._texts.read(command.rest, FAILED_OUTPUT, command.passage.where)
