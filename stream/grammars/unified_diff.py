"""What a unified diff changes, counted while its lines come. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stream.lazy_regex import lazy_regex

_FILE = lazy_regex(r'diff --git "?\w/(.*?)"? "?\w/(.*?)"?$')
_SAME_FILE = lazy_regex(r'diff --git "?\w/(.*)"? "?\w/(\1)"?$')  # a name may have ` b/` in it
_INDEX = lazy_regex(r"Index: (\S.*)$")
_HUNK = lazy_regex(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_EXTENDED = lazy_regex(
    r"(?:index|old mode|new mode|(?:dis)?similarity index|(?:rename|copy) (?:from|to)|new file mode|deleted file mode"
    r"|---|\+\+\+|Binary files|GIT binary patch)(?: |$)|={20,}$"
)
_OPERATIONS = {"new file mode": "created", "deleted file mode": "deleted", "copy to": "created"}
_MOST_FILES = 500


class FileChange(NamedTuple):
    """`operation` as in docs/events.md; `path` is the old name where it was renamed, `to` the new one."""

    path: str
    operation: str = "modified"
    to: str = ""
    added: int = 0
    removed: int = 0


class UnifiedDiff:
    """Of `git diff`'s form, or with an `Index:` line before each file.

    `files` are those seen so far, by the name that they have afterwards.
    """

    def __init__(self) -> None:
        self.files: dict[str, FileChange] = {}
        self._current = ""
        self._old = self._new = 0  # lines that the open hunk still has

    def take(self, line: str) -> bool:
        """Whether the line belongs to the diff; one that does not ends it."""
        if self._old > 0 or self._new > 0:
            return self._content(line)
        if match := _SAME_FILE.match(line) or _FILE.match(line):
            self._begin(match[1], match[2])
            return True
        if match := _INDEX.match(line):
            self._begin(match[1], match[1])
            return True
        if not self._current:
            return False
        if match := _HUNK.match(line):
            self._old, self._new = (1 if count is None else int(count) for count in match.groups())
            return True
        if line.startswith("\\ "):
            return True
        return self._extended(line)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"files": list(self.files.values()), "current": self._current, "hunk": [self._old, self._new]}

    @classmethod
    def resumed(cls, state: Mapping[str, Any]) -> "UnifiedDiff":
        """The diff that `state` was taken of."""
        diff = cls()
        for row in state["files"]:
            change = FileChange(*row)
            diff.files[change.to or change.path] = change
        diff._current = state["current"]
        diff._old, diff._new = state["hunk"]
        return diff

    def _begin(self, old: str, new: str) -> None:
        self._current = new
        if len(self.files) < _MOST_FILES:
            moved = old != new  # what `rename from` says again, where it is printed
            self.files[new] = FileChange(old, "renamed" if moved else "modified", new if moved else "")

    def _extended(self, line: str) -> bool:
        if not _EXTENDED.match(line):
            return False
        for words, operation in _OPERATIONS.items():
            if line.startswith(words):
                self._change(operation=operation)
        return True

    def _content(self, line: str) -> bool:
        mark = line[:1]
        if mark == "+":
            self._new -= 1
            self._change(added=1)
        elif mark == "-":
            self._old -= 1
            self._change(removed=1)
        elif mark in (" ", ""):  # some take the blank off an empty line
            self._old, self._new = self._old - 1, self._new - 1
        elif mark != "\\":
            self._old = self._new = 0
            return self.take(line)
        return True

    def _change(self, *, operation: str = "", added: int = 0, removed: int = 0) -> None:
        if change := self.files.get(self._current):
            self.files[self._current] = change._replace(
                operation=operation or change.operation,
                added=change.added + added,
                removed=change.removed + removed,
            )
