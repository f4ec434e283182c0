"""The tools that opencode says it used: told when it is known what came of them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.grammars.account import Passage, TextAccount
from stream.grammars.unified_diff import FileChange, UnifiedDiff
from stream.lazy_regex import lazy_regex
from stream.report import Report

_KINDS = {"bash": "command", "edit": "edit", "write": "edit", "read": "read", "webfetch": "network"}
_TITLE = lazy_regex(r"(?P<tool>[A-Z][A-Za-z]+)(?: (?P<subject>\S.*))?$")
_WRITTEN = lazy_regex(r"Wrote file successfully")


class _Command(NamedTuple):
    command: str
    passage: Passage
    errors_before: int | None = None  # None until what stood before it has been told

    @classmethod
    def resumed(cls, row: Sequence[Any] | None) -> Self | None:
        if row is None:
            return None
        return cls(row[0], Passage.resumed(row[1]), row[2])


class Calls:
    """Of one stream; at most one of them is open."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._command: _Command | None = None
        self._ended: _Command | None = None  # one whose output has ended, but may hold what is not told yet
        self._edited: tuple[str, str, Passage] | None = None
        self._diff = UnifiedDiff()
        self._failed: tuple[str, Passage] | None = None
        self._refused = ""  # the permission that was not given to what fails next

    def begin_command(self, command: str, passage: Passage) -> None:
        """Its output follows."""
        self._command = _Command(command, passage)

    def begin_edit(self, tool: str, path: str, passage: Passage) -> None:
        """A file was changed; its diff follows, or a line that says so."""
        self._edited, self._diff = (tool, path, passage), UnifiedDiff()

    def read_diff(self, line: str, report: Report) -> bool:
        """Whether the line tells of the edit; one that does not ends it."""
        taken = bool(_WRITTEN.match(line)) or self._diff.take(line)
        if not taken and line:
            self.end(report)
        return taken

    def tell(self, tool: str, subject: str, passage: Passage, report: Report) -> None:
        """A tool that did what was asked."""
        value = f"{tool}: {subject}" if subject else tool
        self._account.tell("tool_use", value, passage, report, {"tool": tool, "outcome": "ok"})

    def refuse(self, permission: str, subject: str, passage: Passage, report: Report) -> None:
        """Nobody is there who could permit it; the tool's failure follows."""
        metadata = {"phase": "denied", "kind": _KINDS.get(permission, "tool"), "tool": permission}
        self._account.tell("permission", subject or permission, passage, report, metadata)
        self._refused = permission

    @property
    def was_refused(self) -> bool:
        """Whether what fails next may be what was refused."""
        return bool(self._refused)

    def fail(self, title: str, passage: Passage) -> None:
        """A tool that failed; the next line says why."""
        self._failed = (title, passage)

    def explain(self, line: str, where: Any, report: Report) -> bool:
        """The line behind a failure; False if there was none, or it says nothing."""
        if self._failed is None:
            return False
        (title, passage), self._failed = self._failed, None
        reason = line.removeprefix("Error: ").strip()
        passage = passage.through(line, where) if line else passage
        refused, self._refused = self._refused, ""
        match = None if refused == "bash" else _TITLE.match(title)
        tool = match["tool"] if match else "bash"
        value = f"{tool}: {match['subject']}" if match and match["subject"] else title
        outcome = {"tool": tool, "outcome": "denied" if refused else "error"}
        self._account.call_alone(value, passage, report, outcome, reason or f"{title} failed")
        return bool(line)

    def end(self, report: Report) -> None:
        """Something else begins."""
        if self._command:
            self._ended, self._command = self._command, None
        if self._failed:
            self.explain("", None, report)
        if self._edited:
            (tool, path, passage), self._edited = self._edited, None
            self._account.tell("tool_use", f"{tool}: {path}", passage, report, {"tool": tool, "outcome": "ok"})
            change = next(iter(self._diff.files.values()), None)
            self._account.tell("file_operation", path, passage, report, _change(change))

    def settle(self, report: Report) -> None:
        """What stood open in a command's output has been told: whether it names an error says how it ended."""
        self._account.settle(report)
        ended, self._ended = self._ended, None
        if self._command and self._command.errors_before is None:
            self._command = self._command._replace(errors_before=report.errors_in_output)
        if ended:
            outcome = "ok" if ended.errors_before in (None, report.errors_in_output) else "error"
            self._account.tell("tool_use", ended.command, ended.passage, report, {"tool": "bash", "outcome": outcome})

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {
            "command": self._command,
            "ended": self._ended,
            "edited": self._edited,
            "diff": self._diff.state(),
            "failed": self._failed,
            "refused": self._refused,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._command, self._ended = map(_Command.resumed, (state["command"], state["ended"]))
        self._refused = state["refused"]
        if state["edited"]:
            tool, path, passage = state["edited"]
            self._edited = (tool, path, Passage.resumed(passage))
        self._diff = UnifiedDiff.resumed(state["diff"])
        if state["failed"]:
            self._failed = (state["failed"][0], Passage.resumed(state["failed"][1]))


def _change(change: FileChange | None) -> dict[str, Any]:
    if change is None:
        return {}  # a file that was written may have been there before
    return {"operation": change.operation, "added": change.added, "removed": change.removed}
