"""Tools of codex other than commands and patches: those of MCP servers, and searches. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from stream.decoders.calls import call_of
from stream.grammars.account import Passage, TextAccount
from stream.grammars.codex.outcomes import milliseconds
from stream.lines import Line
from stream.report import Report

_STATUSES = {"(completed)": "ok", "success": "ok", "(failed)": "error", "failed": "error"}
_MOST_OPEN = 50


class Tools:
    """Calls that wait for their outcome, by the tool's name; `read` says where codex stands afterwards."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._open: dict[str, Passage] = {}
        self._failed: tuple[str, Passage] | None = None  # its message is on the next line
        self._searched = ""

    def read(self, name: str, match: re.Match[str], passage: Passage, report: Report) -> str:
        """A mark of a tool."""
        if name == "search":
            self._search(match["query"], passage, report)
            return "between"
        tool, arguments = match["tool"].replace("/", "."), match.groupdict().get("arguments") or ""
        status = match["status"] if name != "tool_begin" else "started"
        if status not in _STATUSES:
            self._open = dict(list(self._open.items())[1 - _MOST_OPEN :]) | {tool: passage}
            return "between"
        asked = self._open.pop(tool, passage)
        if status == "(failed)":
            self._failed = (tool, asked)
            return "mcp_error"
        took = {"duration_ms": milliseconds(match["took"])} if name == "tool_end" else {}
        outcome = _STATUSES[status]
        self._end(tool, outcome, asked, report, arguments=arguments, **took)
        return "failed" if outcome == "error" else "output"

    def explain(self, line: str, where: Line, report: Report) -> bool | None:
        """The line behind a failure; None if it is a mark, and the failure has no message."""
        if self._failed is None:
            return None
        (tool, asked), self._failed = self._failed, None
        self._end(tool, "error", asked.through(line, where), report, error=line.strip())
        return True

    def finish(self, report: Report) -> None:
        """The stream has ended."""
        if self._failed:
            self._end(self._failed[0], "error", self._failed[1], report)
        for tool, passage in self._open.items():
            self._end(tool, "unknown", passage, report)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open, "failed": self._failed, "searched": self._searched}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._open = {tool: Passage.resumed(row) for tool, row in state["open"].items()}
        self._failed = (state["failed"][0], Passage.resumed(state["failed"][1])) if state["failed"] else None
        self._searched = state["searched"]

    def _search(self, query: str, passage: Passage, report: Report) -> None:
        """Both its beginning and its end are printed, and the beginning may not know the query."""
        if query and query != self._searched:
            call = call_of("", "web_search", {"query": query})
            metadata = {"tool": call.tool, "arguments": call.arguments, "outcome": "ok"}
            self._account.tell("tool_use", call.value, passage, report, metadata)
        self._searched = query[:1000]

    def _end(self, tool: str, outcome: str, passage: Passage, report: Report, **more: Any) -> None:
        """`more`: `arguments` (their JSON), `duration_ms`, `error` (the tool's own words)."""
        error, arguments = more.pop("error", ""), _parsed(more.pop("arguments", ""))
        call = call_of("", tool, arguments)
        given = {"arguments": call.arguments} if arguments else {}
        tell = self._account.call_alone if error or outcome == "unknown" else self._account.call
        tell(call.value, passage, report, {"tool": tool, **given, "outcome": outcome, **more}, error)


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, Mapping) else {}
