"""CSV for spreadsheets: a row for each extracted event and each state, RFC 4180 with a header.

A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@` for a formula, and an agent's output may be anything:
such a text gets an apostrophe in front (OWASP, "CSV Injection"). All texts are quoted, so that none is split by a
program that separates cells otherwise.
"""

import csv
import io
from typing import Any

from data.export.encoder import About
from data.export.events import seconds
from data.json_text import to_json
from stream.records import ExtractionEvent, StateChange
from stream.replay.items import Item

COLUMNS = (
    "timestamp",
    "t",
    "event",
    "event_type",
    "pattern",
    "matched_value",
    "original_line",
    "line_number",
    "risk_level",
    "auto_confirmable",
    "code_block_language",
    "stream",
    "byte_offset",
    "state",
    "exit_code",
    "metadata",
    "agent_name",
    "session_id",
    "id",
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # also of full width


class CsvRows:
    """Output is left out: it is no table."""

    def __init__(self, about: About) -> None:
        self._agent = about.session.agent_name

    def begin(self) -> bytes:
        return _row(list(COLUMNS))

    def add(self, item: Item) -> bytes:
        if not isinstance(item.value, ExtractionEvent | StateChange):
            return b""
        row = item.value._asdict()
        name = "extraction" if isinstance(item.value, ExtractionEvent) else "state_change"
        told = {
            "agent_name": self._agent,
            **row,
            "t": seconds(item.at),
            "event": name,
            "metadata": to_json(row["metadata"]) if row["metadata"] else None,
        }
        return _row([told.get(column) for column in COLUMNS])

    def end(self) -> bytes:
        return b""


def _row(cells: list[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerow([_cell(cell) for cell in cells])
    return text.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        value = value.replace("\0", "")
        return f"'{value}" if value.startswith(_FORMULA) else value
    return value
