"""The commands on codex's screen: those that run, and those that ended. Pure.

`• Ran make` is a cell if a row of a cell stands below it; a message may begin with the same words.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.grammars.account import Passage, TextAccount
from stream.grammars.codex.screen_output import FRAME
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.regions import FAILED_OUTPUT, HEADER, MESSAGE, OUTPUT, SHOWN, Region
from stream.report import Report
from stream.shell.reading import only_reads

_MORE_COMMAND = lazy_regex(r"  │ (.*)$")  # of one that is wider than the screen
_MOST_ROWS = 50  # of a command
_LONGEST = 4096  # characters of a command
_REFUSAL = lazy_regex(r"  └ (?:Error|Err)\b")  # of a server's tool
_ERROR_ROW = lazy_regex(r"[\s└]*(?P<kind>\w*(?:Error|Exception)|error|fatal|Err)(?:\[\w+\])?: *(?P<message>\S.*)$")


class _Command(NamedTuple):
    """`code` is its exit status, as far as it is shown. `is_sure`: no message can look like what is shown of it."""

    text: str
    code: str | None
    passage: Passage
    tool: str = "shell"
    is_sure: bool = False

    @classmethod
    def resumed(cls, row: Sequence[Any] | None) -> Self | None:
        """Of its JSON form."""
        return cls(row[0], row[1], Passage.resumed(row[2]), *row[3:]) if row else None

    def begins_like(self, other: str) -> bool:
        """Whether their first rows say the same, as far as the shorter one goes."""
        ours, theirs = self.text.partition("\n")[0], other.partition("\n")[0]
        return ours.startswith(theirs) or theirs.startswith(ours)


class ShownCommands:
    """Of one screen."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._head: _Command | None = None  # one whose rows are still coming
        self._runs = False  # the head's command, as far as it shows
        self._running: _Command | None = None  # sure to be one
        self._said: _Command | None = None  # one that seemed to run, unless it is a message
        self._refused = ""  # a command that was refused: its cell says that it exited

    def begin(self, command: str, passage: Passage) -> None:
        """A command that runs, or a message; its text may go on below."""
        self._head, self._runs, self._said = _Command(command, None, passage), True, None

    def run(self, command: str, code: str | None, passage: Passage) -> None:
        """A command that ended, or a message; its text may go on below."""
        self._head, self._runs, self._said = _Command(command, code, passage, is_sure=code is not None), False, None

    def call(self, tool: str, arguments: str, passage: Passage) -> None:
        """A tool of a server that has answered; the next row has its answer."""
        value = f"{tool}: {arguments}".removesuffix(": ")
        self._head, self._runs = _Command(value, None, passage, tool, is_sure=True), False

    def take(self, line: str, where: Line) -> bool:
        """Whether the row goes on with the command."""
        match = _MORE_COMMAND.match(line)
        if self._head is None or match is None or self._head.passage.text.count("\n") >= _MOST_ROWS:
            return False
        whole = f"{self._head.text}\n{match[1].strip()}"[:_LONGEST]
        self._head = self._head._replace(text=whole, passage=self._head.passage.through(line, where), is_sure=True)
        return True

    def tell(self, line: str, report: Report) -> Region:
        """The command is whole, and this is the row below it. What that row, and those that follow, stand in.

        `MESSAGE`: it was none. `HEADER`: nothing that it printed is shown for the first time.
        """
        head, self._head = self._head, None
        if head is None:
            return HEADER
        ran = self._running if self._running and not self._runs and self._running.begins_like(head.text) else None
        if not (head.is_sure or line.startswith(FRAME) or ran):
            self._said = head if self._runs else None
            return MESSAGE
        if self._runs:
            self._running = head
            return HEADER
        refused, self._refused, self._running = self._refused, "", None
        if head.text == refused:
            return HEADER
        whole = head._replace(text=max(head.text, ran.text, key=len)) if ran else head
        return self._tell(whole, line, report)

    def is_asked(self, command: str) -> bool:
        """Whether the user is asked about the command that seemed to run: it was no message."""
        if self._said is None or not self._said.begins_like(command):
            return False
        self._running, self._said = self._said, None
        return True

    def explain(self, line: str) -> None:
        """A row below a command that failed."""
        if match := _ERROR_ROW.match(line):
            kind = match["kind"] if match["kind"][0].isupper() else ""
            self._account.explain(match["message"], kind=kind)

    def refuse(self, command: str, passage: Passage, report: Report) -> None:
        """A command that was not allowed to run."""
        self._refused, self._running, self._said = command, None, None
        self._account.tell("tool_use", command, passage, report, {"tool": "shell", "outcome": "cancelled"})

    def finish(self, report: Report) -> None:
        """Nothing more is shown: nobody knows what became of what runs."""
        self.tell("", report)
        if self._running:
            outcome = {"tool": "shell", "outcome": "unknown"}
            self._account.tell("tool_use", self._running.text, self._running.passage, report, outcome)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"commands": [self._head, self._running, self._said], "runs": self._runs, "refused": self._refused}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._head, self._running, self._said = map(_Command.resumed, state["commands"])
        self._runs, self._refused = state["runs"], state["refused"]

    def _tell(self, ended: _Command, line: str, report: Report) -> Region:
        is_command = ended.tool == "shell"
        has_failed = int(ended.code or 0) != 0 or (not is_command and _REFUSAL.match(line) is not None)
        metadata: dict[str, Any] = {"tool": ended.tool, "outcome": "error" if has_failed else "ok"}
        metadata |= {"exit_code": int(ended.code or 0)} if ended.code is not None else {}
        self._account.call(ended.text, ended.passage, report, metadata)
        if has_failed:
            return FAILED_OUTPUT
        return SHOWN if is_command and only_reads(ended.text) else OUTPUT
