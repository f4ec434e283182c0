"""Searching events and code blocks at once: the best hits of both, as records with what surrounds the match."""

import sqlite3
from collections.abc import Sequence

from data.queries import RANKED, SEARCHED, Found, Hit
from data.sqlite.fulltext import is_complete
from data.sqlite.matches import Match, find
from data.sqlite.rows import BLOCK_COLUMNS, EVENT_COLUMNS, read_block, read_event
from data.terms import Term
from stream.records import CodeBlock, ExtractionEvent

_EVENT = f"SELECT {EVENT_COLUMNS} FROM extraction_events WHERE id = ?"
_BLOCK = f"""
    SELECT {BLOCK_COLUMNS} FROM code_blocks AS b CROSS JOIN code_block_occurrences AS o
        ON o.id = (SELECT MIN(id) FROM code_block_occurrences WHERE block_id = b.id) WHERE b.id = ?
"""


def search(connection: sqlite3.Connection, terms: Sequence[Term], source: str | None, limit: int) -> Found:
    """The best `limit` hits in both, or in one `source`."""
    sources = SEARCHED if source is None else (source,)
    matches = {name: find(connection, name, terms, limit, RANKED) for name in sources}
    weighed = all(found.weighed for found in matches.values())
    hits = [_hit(connection, name, match) for name, found in matches.items() for match in found.best]
    if weighed:
        hits.sort(key=lambda hit: hit.rank or 0.0)
    else:
        hits.sort(key=lambda hit: hit.row.timestamp, reverse=True)
    total = sum(found.counted for found in matches.values())
    exact = all(found.counted <= RANKED for found in matches.values())
    return Found(
        hits[:limit],
        total if exact else RANKED,
        "exact" if exact else "at_least",
        "bm25" if weighed else "time",
        is_complete(connection),
    )


def _hit(connection: sqlite3.Connection, source: str, match: Match) -> Hit:
    row: ExtractionEvent | CodeBlock
    if source == "extraction":
        row = read_event(connection.execute(_EVENT, (match.row_id,)).fetchone())
    else:
        row = read_block(connection.execute(_BLOCK, (match.row_id,)).fetchone())
    return Hit(source, row, match.rank, match.snippet)
