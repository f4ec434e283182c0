"""What gemini's screen says at `/stats` and at its end that the run used, in a table of its models. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from stream.decoders.account import Account
from stream.decoders.record import Record
from stream.grammars.screen_rows import row_state, rowed
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report
from stream.token_counts import Tokens, add_up, parse_count

_COLUMN = lazy_regex(r"Reqs|Input Tokens|Cache(?: Reads|d(?: Tokens)?)|Output Tokens")
_ROW = lazy_regex(r"\s{1,2}(?P<model>[a-z][\w./:-]*)\s+(?P<counts>\d[\d.,\u00a0\u202f' ]*)$")
_SESSION = lazy_regex(r"\s*Session ID: +(?P<id>\S+)")
_MOST_MODELS = 20


class Stats:
    """Of one screen. A table that is shown again with the same numbers says nothing new."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._record: Record | None = None
        self._columns: list[str] = []
        self._models: dict[str, Tokens] = {}
        self._session = ""
        self._told = 0

    def begin(self, record: Record) -> None:
        """Its first row; it has several that may be."""
        self._record, self._columns, self._models = record, [], {}

    def take(self, row: str, where: Line) -> None:
        """A row of it."""
        if self._record is None:
            return
        self._record = self._record._replace(line_end=where.number)
        if session := _SESSION.match(row):
            self._session = session["id"]
        if columns := _COLUMN.findall(row):
            self._columns = columns
        elif self._columns and len(self._models) < _MOST_MODELS and (match := _ROW.match(row)):
            counts = [parse_count(word) for word in re.split(r"\s{2,}", match["counts"].strip())]
            if len(counts) == len(self._columns) and None not in counts:
                numbers = {name: count.value for name, count in zip(self._columns, counts, strict=True) if count}
                self._models[match["model"]] = _tokens(numbers)

    def end(self, report: Report) -> None:
        """It is whole."""
        record, self._record = self._record, None
        total = add_up(list(self._models.values()))
        if record is None or not total.counted() or total.counted() == self._told:
            return
        self._told = total.counted() or 0
        self._account.metric(total, "run", record, report)
        for model, tokens in self._models.items():
            report.usage(
                tokens,
                record.where,
                thread=self._session,
                key=f"run {model}"[:200],
                scope="run",
                source="gemini stats",
                model=model,
            )

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {
            "record": self._record and row_state(self._record),
            "columns": self._columns,
            "models": self._models,
            "told": [self._session, self._told],
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._record = rowed(state["record"]) if state["record"] else None
        self._columns = list(state["columns"])
        self._models = {model: Tokens(*counts) for model, counts in state["models"].items()}
        self._session, self._told = state["told"]


def _tokens(counts: Mapping[str, int]) -> Tokens:
    """Input contains what was read from the cache."""
    cached = next((count for name, count in counts.items() if name.startswith("Cache")), None)
    whole, output = counts.get("Input Tokens"), counts.get("Output Tokens")
    uncached = None if whole is None else max(0, whole - (cached or 0))
    return Tokens(uncached, cached, None, output, None, None)
