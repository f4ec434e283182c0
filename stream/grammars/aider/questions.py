"""aider's questions, `Run shell command? (Y)es/(N)o … [Yes]: y`, and what they are about: the lines before. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.report import Report

QUESTION = (
    r"(?P<question>\S.*\?) (?P<options>\(Y\)es/\(N\)o(?:/\([A-Z]\)[^\[\]/]*)*)"
    r"(?: \[(?P<default>\w+)\])?:?(?: +(?P<answer>\S.*))?$"
)
_KINDS = (
    ("command", lazy_regex(r"Run shell command")),
    ("edit", lazy_regex(r"Create new file|Allow (?:edits|creation)|Edit the files")),
    ("read", lazy_regex(r"Add (?:file|URL)\b")),
)
_OPTION = lazy_regex(r"\(([A-Z])\)([a-z' ]*)")
_MOST_FILES = 100


class Questions:
    """Of one stream."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._subject = ""
        self._asked: tuple[str, str, int] | None = None  # question, value and line of one that is not answered
        self._named: list[str] = []  # what was asked about, or named, since the model's last message
        self._created: list[str] = []

    def subjects(self, lines: Sequence[str], *, at_work: bool) -> None:
        """Lines, of which the next question may be about the last; `at_work`: the model's message is over."""
        told = [text[:1000] for line in lines if (text := line.strip())]
        if told:
            self._subject = told[-1]
        if at_work:
            self._named = [*self._named, *told][-_MOST_FILES:]

    def ask(self, match: re.Match[str], passage: Passage, report: Report) -> None:
        """A line that `QUESTION` matches."""
        question = match["question"]
        kind = next((kind for kind, words in _KINDS if words.search(question)), "question")
        value = self._subject if kind != "question" and self._subject else question
        options = [f"{letter}{rest}".strip() for letter, rest in _OPTION.findall(match["options"])]
        if not match["answer"] or self._asked is None or self._asked[0] != question:
            metadata: dict[str, Any] = {"phase": "asked", "kind": kind, "options": options, "reason": question}
            self._account.tell("permission", value, passage, report, metadata)
            self._asked = (question, value, passage.where.number)
        _, value, line = self._asked
        if match["answer"]:
            self._asked = None
            answered = {"answer": match["answer"].strip(), "asked_line": line}
            self._account.tell("permission", value, passage, report, {"phase": "answered", "kind": kind, **answered})
        if question.startswith("Create new file") and not (match["answer"] or "y").lower().startswith("n"):
            self._created = [*self._created[1 - _MOST_FILES :], value]

    def operation_of(self, path: str) -> dict[str, str]:
        """What an edit did that was applied; unknown for a file that was named before without a question."""
        if path in self._created:
            self._created.remove(path)
            return {"operation": "created"}
        if path in self._named:  # under --yes the question itself is not printed
            return {}
        return {"operation": "modified"}

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"subject": self._subject, "asked": self._asked, "named": self._named, "created": self._created}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._asked = tuple(state["asked"]) if state["asked"] else None
        self._subject, self._named, self._created = state["subject"], list(state["named"]), list(state["created"])
