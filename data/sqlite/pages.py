"""One page of a list and its total, read within the caller's snapshot.

Events of a span of time are read range of ids by range of ids, in the order of the list, until the page is full.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from data.queries import COUNTED_EXACTLY, LOOKED_AT, Cursor, PageRequest, encode_cursor
from data.sqlite.fulltext import match_expression
from data.sqlite.listings import ALL_IDS, EVENTS, Listing, Query, count_rows, select_page
from data.sqlite.spans import IdRange, id_ranges, id_ranges_of
from data.sqlite.totals import bucket_total, days_with
from data.terms import Term

Row = Sequence[Any]

_FEW = 200  # rows that are each looked up in the text's index, rather than reading all that the index finds
_KINDS = ("agent", "event_type", "pattern")
_NARROWING = ("agent", "event_type", "pattern", "risk", "language")


class PageRows(NamedTuple):
    """The rows of a page (their first column is the id), and what `data.queries.Page` says of them."""

    rows: Sequence[Row]
    total: int
    total_is: str
    next: str | None


def read_page(
    connection: sqlite3.Connection, listing: Listing, asked: Mapping[str, Any], page: PageRequest, columns: str = ""
) -> PageRows:
    """The page of a list by the fields of its filter.

    `columns`, if given, are `id` and a `text` without line ends, which are read instead of the listing's.
    """
    known = bucket_total(connection, asked) if listing is EVENTS else None
    if known == 0:
        return PageRows([], 0, "exact", None)
    ranges = _event_ranges(connection, asked) if listing is EVENTS else [ALL_IDS]
    if listing is not EVENTS and asked.get("until") is not None:
        asked = {**asked, "since": asked["since"] or "0000-"}  # both ends lead to a block's occurrences
    wanted = _with_text(connection, listing, _led(connection, asked) if known else asked, ranges)
    total, total_is = _told(known, page) if known else _count(connection, listing, wanted, ranges, page.exact)
    ascending = asked.get("after") is not None
    ordered = ranges if ascending else ranges[::-1]
    # One row more than asked for tells whether there is a next page.
    rows = _read(connection, listing, wanted, page._replace(limit=page.limit + 1), ordered, columns=columns)
    shown = rows[: page.limit]
    following = encode_cursor(Cursor(shown[-1][0], ascending)) if shown and len(rows) > page.limit else None
    return PageRows(shown, total, total_is, following)


def _event_ranges(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> list[IdRange]:
    """Where the wanted events are: all ids, unless the time or the buckets say more."""
    # No index has the risk beside anything else: the days on which there was both bound what is read.
    if _mixed(asked) and asked["session"] is None:
        return id_ranges_of(connection, days_with(connection, asked))
    if asked["since"] is not None or asked["until"] is not None:
        return id_ranges(connection, asked["since"], asked["until"])
    return [ALL_IDS]


def _mixed(asked: Mapping[str, Any]) -> bool:
    return asked["risk"] is not None and any(asked[field] is not None for field in _KINDS)


def _led(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """The filter, led by the risk or by the rest of it, whichever lets through less."""
    if not _mixed(asked):
        return asked
    of_risk = bucket_total(connection, {**asked, **dict.fromkeys(_KINDS)}) or 0
    of_rest = bucket_total(connection, {**asked, "risk": None}) or 0
    return asked if of_risk < of_rest else {**asked, "risk": None, "risk_too": asked["risk"]}


def _with_text(
    connection: sqlite3.Connection, listing: Listing, asked: Mapping[str, Any], ranges: Sequence[IdRange]
) -> dict[str, Any]:
    """The filter with its terms as the index takes them: to be led by it, or only asked for the few other rows."""
    wanted = dict(asked)
    terms: tuple[Term, ...] | None = wanted.pop("q", None)
    if not terms:
        return wanted
    expression = match_expression(terms)
    # A beginning is looked up in all words that begin so, each time; a session's ids bound what the index finds.
    bounded = wanted["session"] is not None or any(term.prefix for term in terms)
    if not bounded and any(wanted.get(field) is not None for field in _NARROWING):
        others = sum(
            _execute(connection, count_rows(listing, wanted, exact=False, ids=ids, most=_FEW))[0][1] for ids in ranges
        )
        if others <= _FEW:
            return wanted | {"holds": expression}
    return wanted | {"match": expression}


def _told(total: int, page: PageRequest) -> tuple[int, str]:
    """Also where more is known, so that a client meets one rule."""
    exact = page.exact or total <= COUNTED_EXACTLY
    return (total, "exact") if exact else (COUNTED_EXACTLY, "at_least")


def _count(
    connection: sqlite3.Connection, listing: Listing, wanted: Mapping[str, Any], ranges: Sequence[IdRange], exact: bool
) -> tuple[int, str]:
    counted = seen = 0
    for ids in reversed(ranges):
        ((hits, looked_at),) = _execute(connection, count_rows(listing, wanted, exact, ids))
        counted, seen = counted + hits, seen + looked_at
        most = LOOKED_AT if "match" in wanted else COUNTED_EXACTLY
        if not exact and seen > most:
            return min(counted, most), "at_least"
    return counted, "exact"


def _read(
    connection: sqlite3.Connection,
    listing: Listing,
    wanted: Mapping[str, Any],
    page: PageRequest,
    ranges: Sequence[IdRange],
    *,
    columns: str,
) -> list[Row]:
    rows: list[Row] = []
    offset = page.offset
    for ids in ranges:
        rest = page._replace(limit=page.limit - len(rows), offset=offset)
        query = select_page(listing, wanted, rest, ids, columns)
        found = _execute_packed(connection, query) if columns else _execute(connection, query)
        rows += found
        if len(rows) >= page.limit:
            break
        if offset and len(ranges) > 1:
            ((there, _),) = _execute(connection, count_rows(listing, wanted, exact=True, ids=ids))
            offset = 0 if found else max(0, offset - there)
    return rows


def _execute(connection: sqlite3.Connection, query: Query) -> list[Row]:
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: pages are long
    return cursor.execute(query.sql, query.values).fetchall()


def _execute_packed(connection: sqlite3.Connection, query: Query) -> list[Row]:
    """Rows of an id and a text, in one step: Python's lock is given up and taken again once, and not for each row."""
    packed = f"SELECT group_concat(id), group_concat(text, char(10)) FROM ({query.sql})"
    ((ids, texts),) = _execute(connection, Query(packed, query.values))
    return [] if ids is None else list(zip(map(int, ids.split(",")), texts.split("\n"), strict=True))
