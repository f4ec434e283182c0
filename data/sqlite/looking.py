"""Looking through the newest rows that hold a text: the beginning of a list, and its total, in one pass.

The text's index gives rows in the order of the list; the other filters are applied to each. Behind `LOOKED_AT` rows the
total is known well enough, and mostly the page is full.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from data.queries import LOOKED_AT, Cursor, PageRequest
from data.sqlite.listings import ALL_IDS, Listing, Query, select_looked_at
from data.sqlite.spans import IdRange

_WINDOW = 1 << 12  # ids
_WIDEST = 1 << 16
_FEW = 64  # rows in a window


class LookedAt(NamedTuple):
    """The ids of a page's first rows, what is known of its total, and what is missing of it (nothing: a limit of 0)."""

    row_ids: Sequence[int]
    total: int
    total_is: str
    rest: PageRequest


def look_at(
    connection: sqlite3.Connection,
    listing: Listing,
    wanted: Mapping[str, Any],
    page: PageRequest,
    ranges: Sequence[IdRange],
) -> LookedAt:
    """The page as far as the first `LOOKED_AT` rows show it; `ranges` are in the order of the list."""
    ascending = wanted.get("after") is not None
    looked = _look(connection, listing, wanted, ranges)
    hits = [row_id for row_id, is_hit in looked if is_hit]
    behind = page.cursor and page.cursor.row_id
    following = [row_id for row_id in hits if behind is None or (row_id > behind if ascending else row_id < behind)]
    shown = following[page.offset : page.offset + page.limit]
    if len(looked) <= LOOKED_AT:
        return LookedAt(shown, len(hits), "exact", page._replace(limit=0))
    last = looked[-1][0]
    start = last if behind is None else max(last, behind) if ascending else min(last, behind)
    rest = page._replace(
        limit=page.limit - len(shown),
        cursor=Cursor(start, ascending),
        offset=max(0, page.offset - len(following)),
    )
    return LookedAt(shown, min(len(hits), LOOKED_AT), "at_least", rest)


def look_through(
    connection: sqlite3.Connection,
    listing: Listing,
    wanted: Mapping[str, Any],
    page: PageRequest,
    windows: Iterable[IdRange],
) -> list[int]:
    """The ids of a page's rows in narrow `windows`, both highest first."""
    row_ids: list[int] = []
    for ids in windows:
        row_ids += [row_id for row_id, is_hit in _look_into(connection, listing, wanted, ids) if is_hit]
        if len(row_ids) >= page.offset + page.limit:
            break
    return row_ids[page.offset : page.offset + page.limit]


def execute(connection: sqlite3.Connection, query: Query) -> list[Sequence[Any]]:
    """All rows, as plain tuples: pages are long."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(query.sql, query.values).fetchall()


def _look(
    connection: sqlite3.Connection, listing: Listing, wanted: Mapping[str, Any], ranges: Sequence[IdRange]
) -> list[Sequence[Any]]:
    """(id, whether the other filters let it through) of the first rows, and one more if there are more."""
    looked: list[Sequence[Any]] = []
    ascending = wanted.get("after") is not None
    for ids in ranges:
        room = LOOKED_AT + 1 - len(looked)
        if ascending or ids == ALL_IDS:
            looked += execute(connection, select_looked_at(listing, wanted, room, ids, ascending=ascending))
        else:
            looked += _look_downwards(connection, listing, wanted, ids, room)
        if len(looked) > LOOKED_AT:
            break
    return looked


def _look_downwards(
    connection: sqlite3.Connection, listing: Listing, wanted: Mapping[str, Any], ids: IdRange, room: int
) -> list[Sequence[Any]]:
    """The highest of a range: window by window, each as wide as what was found lets expect."""
    looked: list[Sequence[Any]] = []
    width = _WINDOW
    low, high = ids
    while high >= low and len(looked) < room:
        found = _look_into(connection, listing, wanted, (max(low, high + 1 - width), high))
        looked += found
        high -= width
        if len(found) < _FEW:
            width = min(2 * width, _WIDEST)
    return looked[:room]


def _look_into(
    connection: sqlite3.Connection, listing: Listing, wanted: Mapping[str, Any], window: IdRange
) -> list[Sequence[Any]]:
    """All of a window, highest first. FTS5 is asked for the lowest first: to the highest it takes ten times as long."""
    return execute(connection, select_looked_at(listing, wanted, -1, window, ascending=True))[::-1]
