"""What codex looked at, as one cell of its screen lists it: `• Explored`, `  └ Read a.py`. Pure.

The cell is painted again while it grows. While it says `Exploring`, nobody knows how its last rows end.
"""

from collections.abc import Mapping
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

_ROW = lazy_regex(r"  (?:└| ) (?P<tool>Read|List|Search|Run) (?P<subject>\S.*)$")
_EXIT = lazy_regex(r"(?P<subject>.*\S) \(exit (?P<code>-?\d+)\)$")
_MOST_ROWS = 50


class Lookups:
    """Of one screen."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._is_done = False
        self._has_failures = False  # says its head, and then a row says `(exit 2)` behind its subject
        self._is_sure = False  # whether a row has come: a message may begin like the head
        self._waiting: dict[str, tuple[str, Passage]] = {}  # the tool, by what will be told
        self._told: list[str] = []  # rows of this cell

    @property
    def is_sure(self) -> bool:
        """Whether the cell is one."""
        return self._is_sure

    def begin(self, *, is_done: bool, has_failures: bool) -> None:
        """Its head; perhaps once more."""
        self._is_done, self._has_failures, self._is_sure = is_done, has_failures, False

    def take(self, line: str, where: Line, report: Report) -> bool:
        """Whether the row says what was looked at; each is told once."""
        match = _ROW.match(line)
        if match is None:
            return False
        self._is_sure = True
        tool, subject = match["tool"], match["subject"]
        failed = _EXIT.match(subject) if self._has_failures else None
        value = f"{tool}: {failed['subject'] if failed else subject}"
        if value in self._told:
            return True
        if failed:
            self._tell(value, tool, Passage.of(line, where), report, int(failed["code"]))
        elif self._is_done:
            self._tell(value, tool, Passage.of(line, where), report)
        elif len(self._waiting) < _MOST_ROWS:
            self._waiting.setdefault(value, (tool, Passage.of(line, where)))
        return True

    def end(self, report: Report) -> None:
        """Something else is shown."""
        waiting, self._waiting = self._waiting, {}
        for value, (tool, passage) in waiting.items():
            self._told = [*self._told, value][-_MOST_ROWS:]
            outcome = {"tool": tool, "outcome": "ok" if self._is_done else "unknown"}
            self._account.tell("tool_use", value, passage, report, outcome)

    def look_elsewhere(self) -> None:
        """What is looked at from here on is looked at again."""
        self._told = []

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        head = [self._is_done, self._has_failures, self._is_sure]
        return {"head": head, "waiting": self._waiting, "told": self._told}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._is_done, self._has_failures, self._is_sure = state["head"]
        self._waiting = {value: (tool, Passage.resumed(row)) for value, (tool, row) in state["waiting"].items()}
        self._told = list(state["told"])

    def _tell(self, value: str, tool: str, passage: Passage, report: Report, code: int = 0) -> None:
        _, passage = self._waiting.pop(value, (tool, passage))
        self._told = [*self._told, value][-_MOST_ROWS:]
        metadata: dict[str, Any] = {"tool": tool, "outcome": "error" if code else "ok"}
        metadata |= {"exit_code": code} if code else {}
        self._account.call_alone(value, passage, report, metadata)
