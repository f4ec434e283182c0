"""The files that codex's screen shows to be changed: one in a cell's head, or several, each in a row of its own. Pure.

A change is shown before it is asked about, and stays on the screen when it fails: it counts when the next cell has come
without a word of failure.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

COUNTS = r"\(\+(?P<added>\d+) -(?P<removed>\d+)\)$"
_FILE = rf"(?P<path>\S.*?)(?: → (?P<to>\S.*?))? {COUNTS}"
EDITED = rf"• (?P<verb>Edited|Added|Deleted) {_FILE}"
_OPERATIONS = {"Edited": "modified", "Added": "created", "Deleted": "deleted"}
_SEVERAL = lazy_regex(r"\d+ files$")  # in place of a path
_ROW = lazy_regex(rf"  └ {_FILE}")
_MOST_FILES = 200


class _File(NamedTuple):
    """What is known of it; a cell of several files says of none whether it is new or gone."""

    path: str
    metadata: dict[str, Any]
    passage: Passage


class _Change(NamedTuple):
    """`shown` is what the head says in place of a path, if there are `several`."""

    shown: str
    several: bool
    passage: Passage
    files: tuple[_File, ...]

    @classmethod
    def resumed(cls, row: Sequence[Any] | None) -> Self | None:
        """Of its JSON form."""
        if row is None:
            return None
        shown, several, passage, files = row
        known = (_File(path, metadata, Passage.resumed(at)) for path, metadata, at in files)
        return cls(shown, several, Passage.resumed(passage), tuple(known))

    @property
    def call(self) -> str:
        """What is told of the patch."""
        return f"apply_patch: {', '.join(file.path for file in self.files) or self.shown}"


class Changes:
    """Of one screen; at most one waits until it is known to be applied."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._open: _Change | None = None

    @property
    def awaits_files(self) -> bool:
        """Whether the next rows may name files."""
        return self._open is not None and self._open.several

    def begin(self, match: re.Match[str], passage: Passage) -> None:
        """A row that `EDITED` matches."""
        several = match["verb"] == "Edited" and not match["to"] and _SEVERAL.match(match["path"]) is not None
        files = () if several else (_file(match, passage, _OPERATIONS[match["verb"]]),)
        self._open = _Change(match["path"], several, passage, files)

    def take(self, line: str, where: Line) -> bool:
        """Whether the row names one of several files."""
        if self._open is None or not self._open.several or (match := _ROW.match(line)) is None:
            return False
        if len(self._open.files) < _MOST_FILES:
            file = _file(match, Passage.of(line, where))
            self._open = self._open._replace(files=(*self._open.files, file))
        return True

    def fail(self, message: str, passage: Passage, report: Report) -> None:
        """It was not applied."""
        change, self._open = self._open, None
        value = change.call if change else "apply_patch"
        self._account.call_alone(value, passage, report, {"tool": "apply_patch", "outcome": "error"}, message)

    def drop(self) -> None:
        """The user has stopped codex before it was applied, as far as is known."""
        self._open = None

    def end(self, report: Report, *, asked: bool = False) -> bool:
        """Another cell begins: it was applied, unless somebody is still asked about it. Whether one was."""
        change, self._open = self._open, None
        if change is None or asked:
            return False
        outcome = {"tool": "apply_patch", "outcome": "ok"}
        self._account.tell("tool_use", change.call, change.passage, report, outcome)
        for file in change.files:
            self._account.tell("file_operation", file.path, file.passage, report, file.metadata)
        return True

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._open = _Change.resumed(state["open"])


def _file(match: re.Match[str], passage: Passage, operation: str = "") -> _File:
    path, to = match["path"], match["to"]
    if to and operation in ("created", "deleted"):  # an arrow in its name
        path, to = f"{path} → {to}", None
    metadata: dict[str, Any] = {"operation": "renamed", "to": to} if to else {}
    metadata |= {"operation": operation} if operation and not to else {}
    counts = {"added": int(match["added"]), "removed": int(match["removed"])}
    return _File(path, {**metadata, **counts}, passage)
