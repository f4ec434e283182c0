"""Full text of events and code blocks: bringing its indexes up to date, and asking them. FTS5.

The indexes follow the tables: a row is in its index when its id is not above what `search_progress` says, and the rows
behind are taken in by steps, each a short transaction of its own, so that storing events costs no more than before.
What is forgotten leaves the index in the same transaction (`data.sqlite.reset`).
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from data.queries import RANKED
from data.sqlite.transaction import transaction
from data.terms import Term

# Noncharacters, which Unicode keeps for use within a program: no text has them, and no markup is made of them.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_SNIPPET_TOKENS = 24
_FREQUENT = 5_000  # rows that hold a word which is no help in ranking, and which bm25 would count one by one


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


class Match(NamedTuple):
    """A row that was found; the better it is, the lower its rank."""

    row_id: int
    rank: float | None
    snippet: Sequence[tuple[str, bool]]


class Matches(NamedTuple):
    """The best matches, and how many there are of how many looked at."""

    best: Sequence[Match]
    counted: int
    weighed: bool


def match_expression(terms: Sequence[Term]) -> str:
    """The terms in FTS5's language, each quoted, so that nothing in them means anything there."""
    return " AND ".join('"' + term.text.replace('"', " ") + '"' + "*" * term.prefix for term in terms)


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


def find(connection: sqlite3.Connection, source: str, terms: Sequence[Term], limit: int, most: int) -> Matches:
    """The best of one index's matches; counting them stops behind `most`."""
    name, values = INDEXES[source].name, {"match": match_expression(terms), "limit": limit}
    number = _count(connection, name, terms, most)
    weighed = number <= RANKED and all(_count(connection, name, [term], _FREQUENT) <= _FREQUENT for term in terms)
    # By these two orders alone FTS5 sorts by itself, and makes snippets only of the rows that it gives.
    rank, order = ("rank", "rank") if weighed else ("NULL", "rowid DESC")
    sql = f"""
        SELECT rowid, {rank}, snippet({name}, 0, '{_OPEN}', '{_CLOSE}', '…', {_SNIPPET_TOKENS})
        FROM {name} WHERE {name} MATCH :match ORDER BY {order} LIMIT :limit
    """
    rows = connection.execute(sql, values)
    return Matches([Match(row[0], row[1], split_snippet(row[2])) for row in rows], number, weighed)


def split_snippet(marked: str) -> list[tuple[str, bool]]:
    """The pieces of a snippet, and whether each is a match."""
    before, *marked_parts = marked.split(_OPEN)
    pieces = [(before, False)]
    for part in marked_parts:
        found, closed, rest = part.partition(_CLOSE)
        pieces += [(found, bool(closed)), (rest, False)]
    return [piece for piece in pieces if piece[0]]


def _count(connection: sqlite3.Connection, name: str, terms: Sequence[Term], most: int) -> int:
    """How many rows hold the terms; counting stops behind `most`."""
    sql = f"SELECT COUNT(*) FROM (SELECT rowid FROM {name} WHERE {name} MATCH ? LIMIT ?)"
    (number,) = _one(connection, sql, match_expression(terms), most + 1)
    return int(number)


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
