"""claude's questions on its screen, `Do you want to proceed?`, their options, and what became of them. Pure."""

from collections.abc import Mapping
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.grammars.claude.calls import Call
from stream.lazy_regex import lazy_regex
from stream.report import Report

QUESTION = r"\s*(?P<question>Do you (?:want|trust)\b.*\?)$"
_OPTION = lazy_regex(r"\s*(?:\u276f )?(\d)\. (\S.*)$")
_KINDS = {"Bash": "command", "Read": "read", "Fetch": "network", "WebFetch": "network", "WebSearch": "network"}
_KINDS |= dict.fromkeys(("Edit", "Update", "MultiEdit", "Write", "NotebookEdit"), "edit")
_WORDS = (
    ("trust", lazy_regex(r"\btrust\b")),
    ("edit", lazy_regex(r"\b(?:make this edit|create|overwrite|edit)\b")),
    ("network", lazy_regex(r"\bfetch\b")),
)
_SUBJECT = lazy_regex(r"(?:edit to|create|overwrite|fetch) (?P<subject>\S+?)\?$")
_FOLDER = lazy_regex(r"\s*(?:/|~|[A-Za-z]:\\)\S*$")
_MOST_OPTIONS = 9


class Questions:
    """Of one stream. A question that is painted again is the same one."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._open: tuple[str, dict[str, Any], Passage] | None = None  # value and metadata, while its options come
        self._asked: tuple[str, str, int] | None = None  # value, kind and line of one that is not answered

    def begin(self, *, line: str, passage: Passage, call: Call | None) -> None:
        """A row that `QUESTION` matches; `call` is the tool that waits for the answer."""
        by_words = next((kind for kind, words in _WORDS if words.search(line)), "tool")
        kind = _KINDS.get(call.tool, by_words) if call else by_words
        subject = _SUBJECT.search(line)
        value = (call.arguments if kind != "tool" else call.value) if call else subject["subject"] if subject else line
        self._open = (value, {"phase": "asked", "kind": kind, "reason": line, "options": []}, passage)

    def take(self, line: str, report: Report) -> bool:
        """Whether the row is one of its options."""
        if self._open and (match := _OPTION.match(line)):
            self._open[1]["options"] = [*self._open[1]["options"], match[2]][:_MOST_OPTIONS]
            return True
        if self._open and self._open[1]["kind"] == "trust" and not self._open[1]["options"]:
            if _FOLDER.match(line) and self._open[0] == self._open[1]["reason"]:
                self._open = (line.strip(), *self._open[1:])
            return True
        self.end(report)
        return False

    def end(self, report: Report) -> None:
        """It is whole."""
        if self._open is None:
            return
        (value, metadata, passage), self._open = self._open, None
        if self._asked is None or self._asked[:2] != (value, metadata["kind"]):
            self._account.tell("permission", value, passage, report, metadata)
            self._asked = (value, metadata["kind"], passage.where.number)

    def decided(self, *, refused: bool, passage: Passage, report: Report) -> None:
        """What was asked about was done, or was not."""
        if self._asked is None:
            return
        (value, kind, line), self._asked = self._asked, None
        metadata = {"phase": "denied"} if refused else {"phase": "answered", "answer": "yes"}
        self._account.tell("permission", value, passage, report, {**metadata, "kind": kind, "asked_line": line})

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open, "asked": self._asked}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        if state["open"]:
            value, metadata, passage = state["open"]
            self._open = (value, metadata, Passage.resumed(passage))
        self._asked = tuple(state["asked"]) if state["asked"] else None
