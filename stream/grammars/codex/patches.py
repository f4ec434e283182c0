"""The patches of a turn of codex: what was asked for, what came of it, and which files changed. Pure.

codex prints `apply patch`, its outcome, the paths, and then a diff that repeats every earlier edit of the turn: what
this patch did is what the diff says beyond the one before. Before 0.100 it is `file update`, then what is proposed,
`apply_patch(…) exited N in …:` and, if all went well, the list of files.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stream.grammars.account import Passage, TextAccount
from stream.grammars.unified_diff import FileChange, UnifiedDiff
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

STATUS = lazy_regex(r"patch: (completed|failed|declined|in_progress)$")
EXITED = lazy_regex(r"apply_patch\(.*\) exited (-?\d+)(?: in (\S.*))?:$")
_OUTCOMES = {"completed": "ok", "failed": "error", "declined": "denied", "in_progress": "unknown"}
_PATH = lazy_regex(r"(?:/|[A-Za-z]:[\\/]|~/|\.{1,2}/)\S.*$")
_LISTED = lazy_regex(r"([AMDR]) (\S.*)$")
_LIST_TITLE = lazy_regex(r"Success\b.*:$")
_OPERATIONS = {"A": "created", "M": "modified", "D": "deleted", "R": "renamed"}
_MOST_PATHS = 200


class _Touched(NamedTuple):
    path: str
    operation: str
    passage: Passage


class Patches:
    """Of one turn."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._asked: Passage | None = None  # a patch whose call has not been told
        self._outcome = "unknown"
        self._exit_code: int | None = None
        self._error = ""
        self._cwd = ""
        self._listed = False  # its files come as `M path`, below a title
        self._files: list[_Touched] = []
        self._diff: UnifiedDiff | None = None
        self._told: dict[str, FileChange] = {}  # what the last diff said

    @property
    def awaits_diff(self) -> bool:
        """Whether the next diff says what became of files that are known to be changed."""
        return bool(self._files) and self._asked is None

    def begin(self, passage: Passage, cwd: str, report: Report) -> None:
        """A patch is applied, in this directory."""
        self.flush(report)
        self._asked, self._cwd = passage, cwd
        self._outcome, self._exit_code, self._error, self._listed = "unknown", None, "", False

    def decide(self, passage: Passage) -> None:
        """Its outcome has come: a line that `STATUS` or `EXITED` matches."""
        line = passage.text
        self._asked = self._asked.through(line, passage.where) if self._asked else passage
        if match := STATUS.match(line):
            self._outcome = _OUTCOMES[match[1]]
        elif match := EXITED.match(line):
            self._exit_code, self._listed = int(match[1]), True
            self._outcome = "error" if self._exit_code else "ok"

    def take(self, line: str, where: Line) -> bool:
        """Whether the line is one of those below the outcome: the paths, or the tool's own words."""
        if self._asked is None:
            return False
        if self._listed and self._outcome == "error":
            self._error = self._error or line.strip()
            return False
        match = _LISTED.match(line) if self._listed else None
        if not (match or (not self._listed and _PATH.match(line))):
            return self._listed and _LIST_TITLE.match(line) is not None
        path, operation = (match[2], _OPERATIONS[match[1]]) if match else (line, "")
        if len(self._files) < _MOST_PATHS:
            self._files.append(_Touched(path, operation, Passage.of(line, where)))
        return True

    def tell_call(self, report: Report) -> None:
        """What follows is no path: the call is told."""
        if self._asked is None:
            return
        asked, self._asked = self._asked, None
        paths = ", ".join(touched.path for touched in self._files)
        value = f"apply_patch: {paths}" if paths else "apply_patch"
        place = {"cwd": self._cwd} if self._cwd else {}
        metadata: dict[str, Any] = {"tool": "apply_patch", "outcome": self._outcome, **place}
        if self._exit_code is not None:
            metadata["exit_code"] = self._exit_code
        if self._outcome == "denied":
            self._account.tell(
                "permission", paths or value, asked, report, {"phase": "denied", "kind": "edit", **place}
            )
        self._account.call_alone(value, asked, report, metadata, self._error or f"{value} failed")
        if self._outcome != "ok":
            self._files.clear()

    def read_diff(self, line: str) -> bool:
        """Whether the line belongs to the diff that says what changed."""
        if self._diff is None:
            self._diff = UnifiedDiff()
        return self._diff.take(line)

    def flush(self, report: Report) -> None:
        """The diff has ended, or none came: the files are told."""
        self.tell_call(report)
        files, self._files = self._files, []
        changes = self._diff.files if self._diff else {}
        for touched in files:
            path, metadata = self._change(touched, changes)
            self._account.tell("file_operation", path, touched.passage, report, metadata)
        if self._diff:
            self._told, self._diff = changes, None

    def _change(self, touched: _Touched, changes: Mapping[str, FileChange]) -> tuple[str, dict[str, Any]]:
        """The path, and what this patch did to it, as far as it is known."""
        change, before = _find(touched.path, changes), _find(touched.path, self._told)
        operation = touched.operation
        if change and not operation:
            came = change.operation in ("created", "renamed")  # which a later diff of the turn says again
            again = came and before is not None and (before.operation, before.to) == (change.operation, change.to)
            operation = "modified" if again else change.operation
        elif before and changes and not change:
            operation = operation or ("deleted" if before.operation == "created" else "modified")
        metadata: dict[str, Any] = {"operation": operation} if operation else {}
        if change:
            added = change.added - (before.added if before else 0)
            removed = change.removed - (before.removed if before else 0)
            metadata |= {"to": _moved(touched.path, change)} if operation == "renamed" and change.to else {}
            metadata |= {"added": added, "removed": removed} if added >= 0 and removed >= 0 else {}
        return touched.path, metadata

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {
            "asked": self._asked,
            "outcome": [self._outcome, self._exit_code, self._error, self._cwd, self._listed],
            "files": self._files,
            "diff": self._diff.state() if self._diff else None,
            "told": list(self._told.values()),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._asked = Passage.resumed(state["asked"]) if state["asked"] else None
        self._outcome, self._exit_code, self._error, self._cwd, self._listed = state["outcome"]
        self._files = [_Touched(path, operation, Passage.resumed(row)) for path, operation, row in state["files"]]
        self._diff = UnifiedDiff.resumed(state["diff"]) if state["diff"] else None
        self._told = {change.to or change.path: change for change in (FileChange(*row) for row in state["told"])}


def _find(path: str, changes: Mapping[str, FileChange]) -> FileChange | None:
    """The change of this file: a diff's names begin at the repository's root, the path may be absolute."""
    found = [
        (len(known), change)
        for name, change in changes.items()
        for known in {name, change.path}
        if path == known or path.endswith(f"/{known}")
    ]  # of `README.md` and `docs/README.md` the longer one is meant
    return max(found, key=lambda one: one[0])[1] if found else None


def _moved(path: str, change: FileChange) -> str:
    """Where the file is now, written as its path is."""
    return path.removesuffix(change.path) + change.to if path.endswith(change.path) else change.to
