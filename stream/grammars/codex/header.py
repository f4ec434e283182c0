"""What codex says about itself before it begins, and how long the prompt is that follows. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.grammars.codex.threads import is_older
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

_ENTRY = lazy_regex(r"([a-z]+(?: [a-z]+)?): (.*)$")
_FIELDS = {
    "workdir": "cwd",
    "model": "model",
    "provider": "provider",
    "approval": "approval",
    "sandbox": "sandbox",
    "session id": "agent_session_id",
}


class Header:
    """`workdir`, `model` and the like, between two lines of dashes."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._passage: Passage | None = None
        self._fields: dict[str, str] = {}
        self.cwd = ""
        self.model = ""
        self.thread = ""

    def begin(self, version: str, passage: Passage) -> None:
        """With the line that names the version."""
        self._passage, self._fields = passage, {"version": version}

    def take(self, line: str, where: Line) -> bool:
        """Whether the line belongs to it."""
        match = _ENTRY.match(line)
        if self._passage is None or not (match or line == "--------"):
            return False
        self._passage = self._passage.through(line, where)
        if match and match[1] in _FIELDS:
            self._fields[_FIELDS[match[1]]] = match[2].partition(" [")[0].strip()
        return True

    @property
    def is_of_older_thread(self) -> bool:
        """Whether the header that is open is that of a thread which began before the last one that was told."""
        return is_older(self._fields.get("agent_session_id", ""), self.thread)

    def drop(self) -> None:
        """It was none, or that of another run, whose log is shown."""
        self._passage = None

    def tell(self, report: Report) -> None:
        """The header is whole."""
        if self._passage is None:
            return
        fields = {name: value for name, value in self._fields.items() if value}
        self.cwd, self.model = fields.get("cwd", ""), fields.get("model", "")
        self.thread = fields.get("agent_session_id", "")
        value = self.model or f"codex {fields.get('version', '')}".strip()
        self._account.tell("session", value, self._passage, report, fields)
        self._passage = None

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"passage": self._passage, "fields": self._fields, "known": [self.cwd, self.model, self.thread]}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        if state["passage"]:
            self._passage = Passage.resumed(state["passage"])
        self._fields = dict(state["fields"])
        self.cwd, self.model, self.thread = state["known"]


def prompt_lines(first: str, command: Sequence[str]) -> int | None:
    """How many lines the prompt has whose first line this is, if the command has it among its arguments."""
    for argument in reversed(command[1:]):
        lines = argument.rstrip("\n").split("\n")
        if lines[0].strip() and first == lines[0].rstrip():
            return len(lines)
    return None
