"""Deleting for good: rows of sessions or all, what the indexes hold of them, and the bytes in the database's files.

A row that is deleted stays in the file until its page is used again, its words in the full text until segments are
merged, and both in the log until it is written back. So deleted content is overwritten, the indexes of text are merged,
the file is written anew without free pages, and the log is cut to nothing.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from data.sqlite.batch import session_not_found
from data.sqlite.database import BUSY_TIMEOUT, open_writer
from data.sqlite.errors import naming
from data.sqlite.fulltext import INDEXES
from data.sqlite.reset import reset_statements
from data.sqlite.transaction import Conversation, Statement, converse, transaction

_DELETE_SESSION = "DELETE FROM process_sessions WHERE session_id = ?"
_COUNTS = """
    SELECT (SELECT COUNT(*) FROM extraction_events WHERE session_id = ?1), (SELECT COUNT(*) FROM code_blocks)
"""
_ALL_COUNTS = """
    SELECT (SELECT COUNT(*) FROM process_sessions), (SELECT COUNT(*) FROM extraction_events),
        (SELECT COUNT(*) FROM code_blocks)
"""
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"
# What says how the database is made, and how far its indexes go: ids are not used again, even after a purge.
_KEPT = ("schema_migrations", "search_progress")


class Deleted(NamedTuple):
    """How much is gone. `code_blocks` are those that no other session had.

    `overwritten` is false while somebody reads what was there before: its bytes go when the last of them is done.
    """

    sessions: int
    events: int
    code_blocks: int
    overwritten: bool


def delete_sessions(path: Path, session_ids: Sequence[str], *, busy_timeout: float = BUSY_TIMEOUT) -> Deleted:
    """Deletes these sessions, all or none. Raises `SessionNotFoundError` and `StoreError`."""
    connection = open_writer(path, busy_timeout=busy_timeout)
    try:
        with naming(path):
            connection.execute("PRAGMA secure_delete = ON")
            with transaction(connection):
                deleted = [converse(connection, _delete_session(session_id)) for session_id in session_ids]
            overwritten = _overwrite(connection)
    finally:
        connection.close()
    return Deleted(len(deleted), sum(row[0] for row in deleted), sum(row[1] for row in deleted), overwritten)


def delete_all(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> Deleted:
    """Deletes every row; the file and its schema stay, so that whoever has it open goes on. Raises `StoreError`."""
    connection = open_writer(path, busy_timeout=busy_timeout)
    try:
        with naming(path):
            connection.execute("PRAGMA secure_delete = ON")
            with transaction(connection):
                sessions, events, blocks = connection.execute(_ALL_COUNTS).fetchone()
                _delete_rows(connection)
            return Deleted(sessions, events, blocks, _overwrite(connection))
    finally:
        connection.close()


def _delete_session(session_id: str) -> Conversation[tuple[int, int]]:
    ((events, blocks),) = (yield Statement(_COUNTS, (session_id,))).rows
    yield from reset_statements(session_id, "")
    if not (yield Statement(_DELETE_SESSION, (session_id,))).changed:
        raise session_not_found(session_id)
    ((_, left),) = (yield Statement(_COUNTS, (session_id,))).rows
    return events, blocks - left


def _delete_rows(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA defer_foreign_keys = ON")
    searches = tuple(index.name for index in INDEXES.values())
    for search in searches:
        connection.execute(f"INSERT INTO {search} ({search}) VALUES ('delete-all')")
    for (name,) in connection.execute(_TABLES).fetchall():
        if name not in _KEPT and not name.startswith(("sqlite_", *searches)):
            connection.execute(f"DELETE FROM {name}")


def _overwrite(connection: sqlite3.Connection) -> bool:
    for index in INDEXES.values():
        with transaction(connection):
            connection.execute(f"INSERT INTO {index.name} ({index.name}) VALUES ('optimize')")
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
