"""What the full text of events and code blocks has of some terms: the best matches, with snippets. FTS5."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from data.queries import RANKED
from data.sqlite.fulltext import INDEXES
from data.sqlite.words import complete
from data.terms import Term

# Noncharacters, which Unicode keeps for use within a program: no text has them, and no markup is made of them.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_SNIPPET_TOKENS = 24
_FREQUENT = 5_000  # rows that hold a word which is no help in ranking, and which bm25 would count one by one


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


def match_expression(terms: Iterable[Sequence[Term]]) -> str:
    """The terms in FTS5's language, of each the alternatives; all quoted, so that nothing in them means anything."""
    return " AND ".join("(" + " OR ".join(map(_quoted, alternatives)) + ")" for alternatives in terms)


def find(connection: sqlite3.Connection, source: str, terms: Sequence[Term], limit: int, most: int) -> Matches:
    """The best of one index's matches; counting them stops behind `most`."""
    name = INDEXES[source].name
    wanted = complete(connection, name, terms)
    values = {"match": match_expression(wanted), "limit": limit}
    number = _count(connection, name, wanted, most)
    weighed = number <= RANKED and all(_count(connection, name, [term], _FREQUENT) <= _FREQUENT for term in wanted)
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


def _quoted(term: Term) -> str:
    return '"' + term.text.replace('"', " ") + '"' + "*" * term.prefix


def _count(connection: sqlite3.Connection, name: str, terms: Iterable[Sequence[Term]], most: int) -> int:
    """How many rows hold the terms; counting stops behind `most`."""
    sql = f"SELECT COUNT(*) FROM (SELECT rowid FROM {name} WHERE {name} MATCH ? LIMIT ?)"
    return int(connection.execute(sql, (match_expression(terms), most + 1)).fetchone()[0])
