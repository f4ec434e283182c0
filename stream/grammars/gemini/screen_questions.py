"""The questions on gemini's screen: what is to be done, the choices, and what became of it. Pure."""

from collections.abc import Mapping
from typing import Any

from stream.decoders.account import Account
from stream.decoders.record import Record
from stream.grammars.screen_rows import Row, row_state, rowed
from stream.lazy_regex import lazy_regex
from stream.report import Report

_KINDS = {
    "Shell": "command", "Edit": "edit", "WriteFile": "edit", "Replace": "edit", "WebFetch": "network",
    "GoogleSearch": "network", "ReadFile": "read", "ReadManyFiles": "read", "ReadFolder": "read",
}  # fmt: skip
_OPTION = lazy_regex(r"\s*(?:[●○❯>] )?(\d)\. (\S.*)$")  # noqa: RUF001
_ASKS = lazy_regex(r"\s*((?:Allow|Apply|Do you want|Would you|Proceed|Save)\b.*\?)$")
_PATH = lazy_regex(r"(?:Writing to )?(?P<path>\S+?):?(?: .*)?$")
_MOST_OPTIONS = 9
_LONGEST = 4096


class Questions:
    """Of one screen. A question that is painted again is the same one."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._open: tuple[str, str, dict[str, Any], Record] | None = None  # tool, what it is about, metadata
        self._rows = 0  # of the inner box, which has a command in full
        self._asked: tuple[str, str, int] | None = None  # tool, value and line of one that is not answered

    def begin(self, tool: str, rest: str, record: Record) -> None:
        """Its first row."""
        match = _PATH.match(rest) if _KINDS.get(tool) == "edit" else None
        self._open = (tool, match["path"] if match else rest, {"kind": _KINDS.get(tool, "tool")}, record)
        self._rows = 0

    def take(self, row: Row, _report: Report) -> None:
        """A row below it."""
        if self._open is None:
            return
        tool, value, metadata, record = self._open
        if row.depth > 1 and tool == "Shell":
            self._rows += 1
            value = row.text if self._rows == 1 else f"{value}\n{row.text}"[:_LONGEST]
        elif option := _OPTION.match(row.text):
            metadata = {
                **metadata,
                "options": list(dict.fromkeys((*metadata.get("options", ()), option[2])))[:_MOST_OPTIONS],
            }
        elif asks := _ASKS.match(row.text):
            metadata = {**metadata, "reason": asks[1]}
        self._open = (tool, value.strip(), metadata, record)

    def end(self, report: Report) -> None:
        """It is whole."""
        if self._open is None:
            return
        (tool, value, metadata, record), self._open = self._open, None
        if self._asked is None or self._asked[:2] != (tool, value):
            self._account.tell("permission", value, record, report, {"phase": "asked", **metadata})
            self._asked = (tool, value, record.where.number)

    def whole(self, tool: str, subject: str) -> str:
        """What a call is about, as the question had it that was asked about it: its row may have less of it."""
        if self._asked is None or self._asked[0] != tool:
            return subject
        asked = self._asked[1]
        short = subject.removesuffix("…").removesuffix("...")
        return asked if asked.startswith(short) or asked.endswith(f"/{subject}") else subject

    def decide(self, tool: str, subject: str, outcome: str, record: Record, report: Report) -> None:
        """The tool was used, or was not."""
        if self._asked is None or self._asked[:2] != (tool, subject) or outcome == "unknown":
            return
        asked, self._asked = self._asked, None
        answer = {"phase": "denied"} if outcome == "cancelled" else {"phase": "answered", "answer": "yes"}
        metadata = {**answer, "kind": _KINDS.get(tool, "tool"), "asked_line": asked[2]}
        self._account.tell("permission", subject, record, report, metadata)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        opened = self._open and [*self._open[:3], row_state(self._open[3])]
        return {"open": opened, "rows": self._rows, "asked": self._asked}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        if state["open"]:
            tool, value, metadata, record = state["open"]
            self._open = (tool, value, metadata, rowed(record))
        self._rows = state["rows"]
        self._asked = tuple(state["asked"]) if state["asked"] else None
