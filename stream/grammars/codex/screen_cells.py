"""The cells of codex's screen: commands that ran, files that are to be changed. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.report import Report

_OPERATIONS = {"Edited": "modified", "Added": "created", "Deleted": "deleted"}
_ERROR_ROW = lazy_regex(r"[\s└]*(?P<kind>\w*(?:Error|Exception)|error|fatal)(?:\[\w+\])?: *(?P<message>\S.*)$")


class Cells:
    """Of one screen; at most one change waits until it is known to be applied."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._change: tuple[str, dict[str, Any], Passage] | None = None
        self._refused = ""  # a command that was refused: its cell says that it exited

    def run(self, command: str, code: str | None, passage: Passage, report: Report) -> str:
        """A command that ended. What stands below its cell."""
        refused, self._refused = self._refused, ""
        if command == refused:
            return "rest"
        exit_code = int(code or 0)
        metadata: dict[str, Any] = {"tool": "shell", "outcome": "error" if exit_code else "ok"}
        metadata |= {"exit_code": exit_code} if code is not None else {}
        self._account.call(command, passage, report, metadata)
        return "failed" if exit_code else "output"

    def explain(self, line: str) -> None:
        """A row below a command that failed."""
        if match := _ERROR_ROW.match(line):
            kind = match["kind"] if match["kind"][0].isupper() else ""
            self._account.explain(match["message"], kind=kind)

    def refuse(self, command: str, passage: Passage, report: Report) -> None:
        """A command that was not allowed to run."""
        self._refused = command
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

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"change": self._change, "refused": self._refused}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._refused = state["refused"]
        if state["change"]:
            path, metadata, passage = state["change"]
            self._change = (path, metadata, Passage.resumed(passage))
