"""The cells of codex's screen: commands that ran, what was looked at, files that are to be changed. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report
from stream.text_block import Where

_OPERATIONS = {"Edited": "modified", "Added": "created", "Deleted": "deleted"}
_MORE_COMMAND = lazy_regex(r"  │ (.*)$")  # of one that is wider than the screen
_LOOKED_AT = lazy_regex(r"  (?:└| ) (?P<tool>Read|List|Search|Run) (?P<subject>\S.*)$")
_MOST_ROWS = 50  # of a command, or of a cell
_LONGEST = 4096  # characters of a command
_REFUSAL = lazy_regex(r"  └ (?:Error|Err)\b")  # of a server's tool
_ERROR_ROW = lazy_regex(r"[\s└]*(?P<kind>\w*(?:Error|Exception)|error|fatal|Err)(?:\[\w+\])?: *(?P<message>\S.*)$")


class _Command(NamedTuple):
    """One whose row has come; it may go on in the next one. `code` is its exit status, as far as it is shown."""

    text: str
    code: str | None
    passage: Passage
    tool: str = "shell"

    @classmethod
    def resumed(cls, row: Sequence[Any] | None) -> Self | None:
        """Of its JSON form."""
        return cls(row[0], row[1], Passage.resumed(row[2]), row[3]) if row else None


class Cells:
    """Of one screen; at most one change waits until it is known to be applied."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._change: tuple[str, dict[str, Any], Passage] | None = None
        self._refused = ""  # a command that was refused: its cell says that it exited
        self._running: _Command | None = None
        self._ended: _Command | None = None  # one that is still being read
        self._looked_at: list[str] = []  # rows of the cell that is painted again while it grows

    def begin(self, command: str, passage: Passage) -> None:
        """A command that runs."""
        self._running = _Command(command, None, passage)

    def run(self, command: str, code: str | None, passage: Passage) -> None:
        """A command that ended; its text may go on below."""
        self._ended, self._running = _Command(command, code, passage), None

    def call(self, tool: str, arguments: str, passage: Passage) -> None:
        """A tool of a server that has answered; the next row has its answer."""
        self._ended = _Command(f"{tool}: {arguments}".removesuffix(": "), None, passage, tool)

    def take(self, line: str, where: Line) -> bool:
        """Whether the row goes on with the command that ended."""
        match = _MORE_COMMAND.match(line)
        if self._ended is None or match is None or self._ended.passage.text.count("\n") >= _MOST_ROWS:
            return False
        whole = f"{self._ended.text}\n{match[1].strip()}"[:_LONGEST]
        self._ended = self._ended._replace(text=whole, passage=self._ended.passage.through(line, where))
        return True

    def tell_command(self, line: str, report: Report) -> str:
        """The command is whole, and this is the row below it. What stands there."""
        refused, self._refused = self._refused, ""
        ended, self._ended = self._ended, None
        if ended is None or ended.text == refused:
            return "rest"
        has_failed = int(ended.code or 0) != 0 or (ended.tool != "shell" and _REFUSAL.match(line) is not None)
        metadata: dict[str, Any] = {"tool": ended.tool, "outcome": "error" if has_failed else "ok"}
        metadata |= {"exit_code": int(ended.code or 0)} if ended.code is not None else {}
        self._account.call(ended.text, ended.passage, report, metadata)
        return "failed" if has_failed else "output"

    def look(self, line: str, where: Where, report: Report) -> bool:
        """Whether the row says what was looked at; each is told once."""
        match = _LOOKED_AT.match(line)
        if match is None:
            return False
        value = f"{match['tool']}: {match['subject']}"
        if value not in self._looked_at:
            self._looked_at = [*self._looked_at, value][-_MOST_ROWS:]
            metadata = {"tool": match["tool"], "outcome": "ok"}
            self._account.tell("tool_use", value, Passage.of(line, where()), report, metadata)
        return True

    def look_elsewhere(self) -> None:
        """What is looked at from here on is looked at again."""
        self._looked_at = []

    def explain(self, line: str) -> None:
        """A row below a command that failed."""
        if match := _ERROR_ROW.match(line):
            kind = match["kind"] if match["kind"][0].isupper() else ""
            self._account.explain(match["message"], kind=kind)

    def refuse(self, command: str, passage: Passage, report: Report) -> None:
        """A command that was not allowed to run."""
        self._refused, self._running = command, None
        self._account.tell("tool_use", command, passage, report, {"tool": "shell", "outcome": "cancelled"})

    def edit(self, match: re.Match[str], passage: Passage) -> None:
        """A change that is shown."""
        counts = {"added": int(match["added"]), "removed": int(match["removed"])}
        self._change = (match["path"], {"operation": _OPERATIONS[match["verb"]], **counts}, passage)

    def fail(self, message: str, passage: Passage, report: Report) -> None:
        """The change was not applied."""
        change, self._change = self._change, None
        value = f"apply_patch: {change[0]}" if change else "apply_patch"
        self._account.call_alone(value, passage, report, {"tool": "apply_patch", "outcome": "error"}, message)

    def drop(self) -> None:
        """The user has stopped codex before the change was applied, as far as is known."""
        self._change = None

    def end(self, report: Report, *, asked: bool = False) -> None:
        """Another cell begins: the change was applied, unless somebody is still asked about it."""
        if self._change is None:
            return
        (path, metadata, passage), self._change = self._change, None
        if not asked:
            outcome = {"tool": "apply_patch", "outcome": "ok"}
            self._account.tell("tool_use", f"apply_patch: {path}", passage, report, outcome)
            self._account.tell("file_operation", path, passage, report, metadata)

    def finish(self, report: Report) -> None:
        """Nothing more is shown: nobody knows what became of what runs."""
        if self._running:
            outcome = {"tool": "shell", "outcome": "unknown"}
            self._account.tell("tool_use", self._running.text, self._running.passage, report, outcome)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {
            "change": self._change,
            "refused": self._refused,
            "running": self._running,
            "ended": self._ended,
            "looked_at": self._looked_at,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._refused, self._looked_at = state["refused"], list(state["looked_at"])
        self._running, self._ended = map(_Command.resumed, (state["running"], state["ended"]))
        if state["change"]:
            path, metadata, passage = state["change"]
            self._change = (path, metadata, Passage.resumed(passage))
