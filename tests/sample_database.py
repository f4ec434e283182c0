"""Databases with rows of a test's choice, and plain SQL to compare with."""

import json
import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import Any

from data.sqlite.counts import block_count_statements, count_statements
from data.sqlite.database import open_writer
from data.sqlite.transaction import converse
from stream.records import ExtractionEvent
from stream.timestamps import format_timestamp

MINUTE = 60_000_000
START = 1_795_305_600_000_000  # 2026-11-22T00:00:00Z


class SampleDatabase:
    """A new database at `path`; every row is given what its table must have unless the test says otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = open_writer(path)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA synchronous = OFF")  # nobody cuts the power in a test

    def close(self) -> None:
        self.connection.close()

    def session(self, session_id: str, **columns: Any) -> int:
        given = {"agent_name": "codex", "started_at": at(0), "state": "running"} | columns
        return self._insert("process_sessions", {"session_id": session_id} | given)

    def event(self, session_id: str = "one", **columns: Any) -> int:
        given = {"agent_name": "codex", "timestamp": at(0), "event_type": "error", "pattern": "error_line"} | columns
        row_id = self._insert("extraction_events", {"session_id": session_id} | given)
        event = ExtractionEvent(
            given["agent_name"],
            session_id,
            given["timestamp"],
            given["event_type"],
            given["pattern"],
            risk_level=given.get("risk_level"),
        )
        converse(self.connection, count_statements([event], row_id))
        return row_id

    def state(self, session_id: str, state: str, **columns: Any) -> int:
        return self._insert("process_state_changes", {"session_id": session_id, "state": state} | columns)

    def block(self, session_id: str, content: str, language: str = "python", **columns: Any) -> None:
        """An occurrence, and the block itself unless it is there."""
        given = {"agent_name": "codex", "session_id": session_id, "timestamp": at(0)} | columns
        digest = sha256(f"{language}\0{content}".encode()).hexdigest()
        found = self.rows("SELECT id FROM code_blocks WHERE digest = ?", digest)
        new = given | {"language": language, "content": content, "digest": digest}
        block_id = found[0]["id"] if found else self._insert("code_blocks", new)
        counts = block_count_statements(0 if found else 1, [(given["agent_name"], digest)])
        converse(self.connection, counts)
        self._insert("code_block_occurrences", given | {"block_id": block_id})

    def bucket(self, start: str, event_type: str, count: int, **columns: Any) -> None:
        given = {"width": "5m", "agent_name": "codex", "pattern": "p"} | columns
        self._insert("metric_buckets", {"start": start, "event_type": event_type, "count": count} | given)
        kind = given["width"], start, given["agent_name"], event_type
        add = "INSERT INTO type_buckets VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
        self.connection.execute(add, (*kind, count))

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self.connection.execute(sql, values).fetchall()

    def number(self, sql: str, *values: Any) -> int:
        return int(self.connection.execute(sql, values).fetchone()[0])

    def _insert(self, table: str, columns: dict[str, Any]) -> int:
        values = [json.dumps(value) if name.endswith("_json") else value for name, value in columns.items()]
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        row_id = self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values).lastrowid
        assert row_id is not None
        return row_id


def at(minutes: float) -> str:
    """The timestamp so many minutes after the start of 2026-11-22."""
    return format_timestamp(START + round(minutes * MINUTE))
