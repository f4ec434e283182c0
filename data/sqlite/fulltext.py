"""Full text of events and code blocks: bringing its indexes up to date (`data.sqlite.matches` asks them). FTS5.

The indexes follow the tables: a row is in its index when its id is not above what `search_progress` says, and the rows
behind are taken in by steps, each a short transaction of its own, so that storing events costs no more than before.
What is forgotten leaves the index in the same transaction (`data.sqlite.reset`).
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from data.sqlite.transaction import transaction


class TextIndex(NamedTuple):
    """The index of one table's text, and how many of its rows a step takes in."""

    name: str
    column: str
    source: str
    text: str
    step: int


INDEXES = {
    "extraction": TextIndex("event_search", "text", "extraction_events", "event_texts", 1000),
    "code_block": TextIndex("block_search", "content", "code_blocks", "code_blocks", 50),
}

_PROGRESS = "SELECT last_id FROM search_progress WHERE source = ?"


def is_complete(connection: sqlite3.Connection) -> bool:
    """Whether every row is in its index."""
    return not any(_behind(connection, index) for index in INDEXES.values())


def take_in(connection: sqlite3.Connection) -> bool:
    """One step of each index that is behind, in a transaction each; False when there was nothing to do."""
    behind = [index for index in INDEXES.values() if _behind(connection, index)]
    for index in behind:
        with transaction(connection):
            _take_in(connection, index)
    return bool(behind)


def _behind(connection: sqlite3.Connection, index: TextIndex) -> bool:
    sql = f"SELECT EXISTS (SELECT 1 FROM {index.source} WHERE id > ({_PROGRESS}))"
    return bool(connection.execute(sql, (index.source,)).fetchone()[0])


def _take_in(connection: sqlite3.Connection, index: TextIndex) -> None:
    (done,) = _one(connection, _PROGRESS, index.source)
    newest = f"SELECT MAX(id) FROM (SELECT id FROM {index.source} WHERE id > ? ORDER BY id LIMIT {index.step})"
    (last,) = _one(connection, newest, done)
    if last is None:
        return  # another process was quicker
    connection.execute(
        f"INSERT INTO {index.name} (rowid, {index.column}) SELECT id, {index.column} FROM {index.text} "
        "WHERE id > ? AND id <= ? ORDER BY id",
        (done, last),
    )
    connection.execute("UPDATE search_progress SET last_id = ? WHERE source = ?", (last, index.source))


def _one(connection: sqlite3.Connection, sql: str, *values: Any) -> Sequence[Any]:
    row: Sequence[Any] = connection.execute(sql, values).fetchone()
    return row
