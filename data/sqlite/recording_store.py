"""The indexer's store: synchronous, because its process does one thing at a time and must start at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from data.sqlite.batch import batch_statements, session_not_found
from data.sqlite.database import BUSY_TIMEOUT, open_writer
from data.sqlite.errors import naming, path_of
from data.sqlite.fulltext import take_in
from data.sqlite.reset import reset_statements
from data.sqlite.rows import SESSION_COLUMNS, read_session
from data.sqlite.session_rows import open_session
from data.sqlite.transaction import converse, transaction
from data.stores import StoreError
from stream.records import Batch, Checkpoint, Session

_CHECKPOINT = f"SELECT {', '.join(Checkpoint._fields)} FROM checkpoints WHERE session_id = ?"
_HEARTBEAT = "UPDATE process_sessions SET heartbeat_at = ? WHERE session_id = ?"
_BY_PREFIX = f"""
    SELECT {SESSION_COLUMNS} FROM process_sessions WHERE session_id >= ? AND session_id < ? ORDER BY session_id LIMIT 10
"""
_BEHIND_ALL = "\U0010ffff"


class SQLiteRecordingStore:
    """`data.stores.RecordingStore` on a connection of `open_writer`. Every failure is a `StoreError`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.path = Path(path_of(connection))

    @classmethod
    def open(cls, path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> Self:
        """Makes and migrates the database as needed; waits `busy_timeout` seconds for other writers."""
        return cls(open_writer(path, busy_timeout=busy_timeout))

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def open_session(self, session: Session) -> None:
        with self._writing():
            self._connection.execute(*open_session(session)[:2])

    def checkpoint(self, session_id: str) -> Checkpoint | None:
        with naming(self.path):
            row = self._connection.execute(_CHECKPOINT, (session_id,)).fetchone()
        return None if row is None else Checkpoint(*row)

    def commit(self, batch: Batch) -> bool:
        with self._writing():
            return converse(self._connection, batch_statements(batch))

    def reset(self, session_id: str, config_version: str) -> None:
        with self._writing():
            converse(self._connection, reset_statements(session_id, config_version))

    def heartbeat(self, session_id: str, timestamp: str) -> None:
        with self._writing():
            if not self._connection.execute(_HEARTBEAT, (timestamp, session_id)).rowcount:
                raise session_not_found(session_id)

    def index_text(self) -> bool:
        """Takes some of what was stored into the full text; False when all is in it."""
        with naming(self.path):
            return take_in(self._connection)

    def find_session(self, prefix: str) -> Session:
        """The session of this id, or the one whose id starts with it.

        Raises `SessionNotFoundError`, and `StoreError` when several do.
        """
        with naming(self.path):
            rows = self._connection.execute(_BY_PREFIX, (prefix, prefix + _BEHIND_ALL)).fetchall()
        sessions = [read_session(row) for row in rows]
        if not sessions:
            raise session_not_found(prefix)
        if len(sessions) > 1 and sessions[0].session_id != prefix:
            ids = ", ".join(session.session_id for session in sessions)
            raise StoreError(f"several sessions have an id that starts with {prefix!r}: {ids}", "give more of it")
        return sessions[0]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with naming(self.path), transaction(self._connection):
            yield
