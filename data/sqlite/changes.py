"""Watching a SQLite database: what has been committed behind a cursor, in the order in which it was stored."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from data.changes import END, Change, Cursor, Offsets, Reach, Wanted
from data.sqlite.change_statements import changes_between
from data.sqlite.database import open_reader
from data.sqlite.errors import naming
from data.sqlite.read_pool import ReadPool
from data.sqlite.rows import SESSION_COLUMNS, read_session
from stream.records import Session

_LAST = "(SELECT COALESCE(MAX(id), 0) FROM %s)"
_HEAD = f"""SELECT {_LAST % "extraction_events"}, {_LAST % "process_state_changes"},
    {_LAST % "process_state_changes"}, {_LAST % "process_sessions"}
"""
_RUNNING = f"""
    SELECT {SESSION_COLUMNS} FROM process_sessions WHERE ended_at IS NULL ORDER BY id
"""
_OFFSETS = "SELECT timing_offset, stdout_offset, stderr_offset, clock FROM checkpoints WHERE session_id = ?"
_BEGUN_SINCE = f"SELECT {SESSION_COLUMNS} FROM process_sessions WHERE id > ? AND id <= ? ORDER BY id DESC LIMIT ?"
_BY_IDS = f"SELECT {SESSION_COLUMNS} FROM process_sessions WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
_REACH = """
    SELECT ended_at IS NOT NULL,
        (SELECT COALESCE(MAX(id), 0) FROM extraction_events WHERE session_id = s.session_id),
        (SELECT COALESCE(MAX(id), 0) FROM process_state_changes WHERE session_id = s.session_id)
    FROM process_sessions AS s WHERE session_id = ?
"""


class ChangeReader:
    """Watches a database from the thread that made it. Every failure is a `StoreError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = open_reader(path)
        self._version = -1

    def close(self) -> None:
        self._connection.close()

    def changed(self) -> bool:
        """Whether anybody has committed since the last call; the first time it is true."""
        with naming(self._path):
            before, (self._version,) = self._version, self._connection.execute("PRAGMA data_version").fetchone()
        return before != self._version

    def head(self) -> Cursor:
        """The cursor behind everything that is there."""
        with naming(self._path):
            return Cursor(*self._connection.execute(_HEAD).fetchone())

    def changes(self, cursor: Cursor, wanted: Wanted = Wanted()) -> list[Change]:  # noqa: B008 (immutable)
        """The next changes behind the cursor, none where there are no more."""
        with naming(self._path):
            self._connection.execute("BEGIN")
            try:
                return changes_between(self._connection, cursor, END, wanted)
            finally:
                self._connection.rollback()

    def running(self) -> list[tuple[Session, Offsets]]:
        """Sessions that have not ended, and how far their recordings are stored."""
        with naming(self._path):
            sessions = [read_session(row) for row in self._connection.execute(_RUNNING)]
            return [(session, self._offsets(session.session_id)) for session in sessions]

    def _offsets(self, session_id: str) -> Offsets:
        row = self._connection.execute(_OFFSETS, (session_id,)).fetchone()
        return Offsets() if row is None else Offsets(*row)


class SQLiteChanges:
    """The same for many who ask at a time, over a pool of read-only connections. All methods raise `StoreError`."""

    def __init__(self, pool: ReadPool) -> None:
        self._pool = pool

    async def changes(self, cursor: Cursor, until: Cursor, wanted: Wanted) -> list[Change]:
        """The next changes behind one cursor and not behind the other, none where there are no more."""
        return await self._pool.read(lambda connection: changes_between(connection, cursor, until, wanted))

    async def sessions(self, row_ids: Sequence[int], after: int, until: int, limit: int) -> list[Session]:
        """The sessions of these rows, and those behind one id and not behind the other: the newest `limit` of both."""

        def question(connection: sqlite3.Connection) -> list[Session]:
            known = connection.execute(_BY_IDS, (json.dumps(row_ids),)).fetchall()
            begun = connection.execute(_BEGUN_SINCE, (after, until, limit)).fetchall()
            return [read_session(rows) for _, rows in sorted({row["id"]: row for row in (*known, *begun)}.items())]

        return (await self._pool.read(question))[-limit:]

    async def reach(self, session_id: str) -> Reach | None:
        """How far the session has come; None where there is none."""
        row = await self._pool.read(lambda connection: connection.execute(_REACH, (session_id,)).fetchone())
        return None if row is None else Reach(bool(row[0]), row[1], row[2])
