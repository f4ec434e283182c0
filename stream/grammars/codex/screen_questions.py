"""The questions on codex's screen: what is asked about, the options, the answer. Pure.

Rows that stood there before are not painted again: a question may come without its first row.
"""

from collections.abc import Mapping
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.grammars.shapes import Shape
from stream.lazy_regex import lazy_regex
from stream.report import Report

QUESTION = (
    r"(?:.*\s)?(?P<question>Would you like to"
    r" (?P<what>run the following command|make the following edits|grant these permissions)\?)$"
)
_KINDS = {"run the following command": "command", "make the following edits": "edit"}
_OPTION = lazy_regex(r"\s*(?:\u203a )?(\d)\. (\S.*)$")
_COMMAND = lazy_regex(r"  \$ (\S.*)$")
_FILE = lazy_regex(r"\s+(?:Destination: (?P<path>\S.*)|(?P<shown>\S.*?) \(\+\d+ -\d+\))$")
_REASON = lazy_regex(r"\s+(?:Reason|Description): (\S.*)$")
_MORE = lazy_regex(r"\s{4,}\S")
_MOST_ROWS = 200


class Questions:
    """Of one screen."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._open: tuple[str, dict[str, Any], Passage] | None = None
        self._rows = 0
        self._asked: tuple[str, str, int] | None = None  # value, kind and line of the last one

    @property
    def is_open(self) -> bool:
        """Whether its rows are still coming."""
        return self._open is not None

    @property
    def is_whole(self) -> bool:
        """Whether its options were there: nothing of it stands below them."""
        return self._open is not None and "options" in self._open[1]

    def begin(self, shape: Shape, passage: Passage) -> None:
        """With its first row, or with the one that names what it is about."""
        name, match = shape
        self._rows = 0
        if name == "question":
            metadata = {"kind": _KINDS.get(match["what"], "tool"), "reason": match["question"]}
            self._open = ("", {"phase": "asked", **metadata}, passage)
        else:
            value, kind = (match["path"], "edit") if name == "destination" else (match["command"], "command")
            self._open = (value, {"phase": "asked", "kind": kind}, passage)

    def take(self, line: str) -> bool:
        """Whether the row belongs to it."""
        self._rows += 1
        if self._open is None or self._rows > _MOST_ROWS:
            return False
        value, metadata, passage = self._open
        if option := _OPTION.match(line):
            metadata = {**metadata, "options": [*metadata.get("options", []), option[2]][:9]}
        elif reason := _REASON.match(line):
            metadata = {**metadata, "reason": reason[1]}
        elif metadata["kind"] == "command" and (command := _COMMAND.match(line)):
            value = command[1]
        elif metadata["kind"] == "command" and value and "options" not in metadata and _MORE.match(line):
            value = f"{value}\n{line.strip()}"[:4096]
        elif metadata["kind"] == "edit" and (file := _FILE.match(line)):
            value = file["path"] or value or file["shown"]
        elif line and not line.startswith(" "):
            return False
        self._open = (value, metadata, passage)
        return True

    def end(self, report: Report) -> None:
        """It is whole."""
        if self._open is None:
            return
        (value, metadata, passage), self._open = self._open, None
        value = value or metadata.get("reason", "")
        if self._asked is None or self._asked[:2] != (value, metadata["kind"]):
            self._account.tell("permission", value, passage, report, metadata)
            self._asked = (value, metadata["kind"], passage.where.number)

    def decide(self, command: str, *, refused: bool, passage: Passage, report: Report) -> None:
        """The answer about a command is known."""
        asked, self._asked = self._asked, None
        metadata: dict[str, Any] = {"phase": "denied"} if refused else {"phase": "answered", "answer": "yes"}
        metadata |= {"kind": "command"} | ({"asked_line": asked[2]} if asked and asked[0] == command else {})
        self._account.tell("permission", command, passage, report, metadata)

    def forget(self, kind: str = "") -> None:
        """What was asked about, if it is of that kind, has been done or never will be: the same may be asked again."""
        if self._asked and kind in ("", self._asked[1]):
            self._asked = None

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open, "rows": self._rows, "asked": self._asked}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._rows = state["rows"]
        if state["open"]:
            value, metadata, passage = state["open"]
            self._open = (value, metadata, Passage.resumed(passage))
        self._asked = tuple(state["asked"]) if state["asked"] else None
