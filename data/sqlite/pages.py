"""One page of a list and its total, read within the caller's snapshot.

Events of a span of time are read range of ids by range of ids, in the order of the list, until the page is full.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from data.queries import COUNTED_EXACTLY, Cursor, PageRequest, PageText, encode_cursor
from data.sqlite.leading import event_ranges, led_by_places, led_by_risk, near_ranges, windows_of_agent, with_kinds
from data.sqlite.listings import ALL_IDS, EVENTS, SESSIONS, Listing, Query, count_rows, select_page, select_rows
from data.sqlite.looking import execute, look_at, look_through
from data.sqlite.matches import match_expression
from data.sqlite.spans import IdRange
from data.sqlite.totals import block_total, bucket_total, session_total, total_above
from data.sqlite.words import complete
from data.terms import Term

Row = Sequence[Any]

_BETWEEN = ",\n"  # two rows in a text: none of them has a line end
_FEW = 200  # rows that are each looked up in the text's index, rather than reading all that the index finds
_NARROWING = ("agent", "event_type", "pattern", "risk", "language")


class PageRows(NamedTuple):
    """The rows of a page (their first column is the id), and what `data.queries.Page` says of them."""

    rows: Sequence[Row]
    total: int
    total_is: str
    next: str | None


class _Part(NamedTuple):
    """Rows of one range of ids, or the text that they make, and the last one's id."""

    rows: Any
    number: int
    last_id: int


class _Found(NamedTuple):
    """The rows of a page and one more if there is one; the total, and the cursor of the rows that follow."""

    parts: Sequence[_Part]
    total: int
    total_is: str
    next: str | None


_Fetch = Callable[[sqlite3.Connection, Query, bool], _Part]


def read_page(
    connection: sqlite3.Connection, listing: Listing, asked: Mapping[str, Any], page: PageRequest
) -> PageRows:
    """The page of a list by the fields of its filter."""
    found = _read_parts(connection, listing, asked, page, fetch=_fetch_rows)
    rows = list(chain.from_iterable(part.rows for part in found.parts))
    return PageRows(rows[: page.limit], found.total, found.total_is, found.next)


def read_page_text(
    connection: sqlite3.Connection, listing: Listing, asked: Mapping[str, Any], page: PageRequest, text: str
) -> PageText:
    """The same page; `text` is the SQL of one row's text, which has no line ends."""
    columns = f"{listing.id} AS id, {text} AS text"
    found = _read_parts(connection, listing, asked, page, fetch=_fetch_text, columns=columns)
    rows = _BETWEEN.join(part.rows for part in found.parts)
    if found.next is not None:
        rows = rows.rpartition(_BETWEEN)[0]
    return PageText(rows, found.total, found.total_is, found.next)


def _read_parts(
    connection: sqlite3.Connection,
    listing: Listing,
    asked: Mapping[str, Any],
    page: PageRequest,
    *,
    fetch: _Fetch,
    columns: str = "",
) -> _Found:
    known = _known_total(connection, listing, asked)
    if known == 0:
        return _Found([], 0, "exact", None)
    near = near_ranges(connection, asked, page, known) if known and listing is EVENTS else None
    ranges = event_ranges(connection, asked) if listing is EVENTS and near is None else [ALL_IDS]
    if listing is not EVENTS and asked.get("until") is not None:
        asked = {**asked, "since": asked["since"] or "0000-"}  # both ends lead to a block's occurrences
    led = led_by_risk(connection, asked) if known and listing is EVENTS else asked
    wanted = _with_text(connection, listing, led, ranges)
    wanted = with_kinds(connection, listing, wanted)
    if wanted.get("kinds") == ():
        return _Found([], 0, "exact", None)
    ascending = asked.get("after") is not None
    ordered = ranges if ascending else ranges[::-1]
    # One row more than asked for tells whether there is a next page, which begins with it.
    more = page._replace(limit=page.limit + 1)
    parts: list[_Part] = []
    if "match" in wanted:
        row_ids, total, total_is, more = look_at(connection, listing, wanted, more, ordered)
        if more.limit and more.cursor is not None and _is_of_agent(listing, asked):
            windows = windows_of_agent(connection, asked["agent"], more.cursor.row_id)
            row_ids = [*row_ids, *look_through(connection, listing, wanted, more, windows)]
            more = more._replace(limit=0)
        if row_ids:
            parts = [fetch(connection, select_rows(listing, wanted, row_ids, columns), ascending)]
        if page.exact and total_is != "exact":
            total, total_is = count(connection, listing, wanted, ranges, exact=True)
    else:
        total, total_is = told(known, page) if known else count(connection, listing, wanted, ranges, page.exact)
    if more.limit:
        listing = led_by_places(listing, wanted)
        parts += _read(connection, listing, wanted, more, near or ordered, fetch=fetch, columns=columns)
    if sum(part.number for part in parts) <= page.limit:
        return _Found(parts, total, total_is, None)
    behind = Cursor(parts[-1].last_id + (-1 if ascending else 1), ascending)
    return _Found(parts, total, total_is, encode_cursor(behind))


def _is_of_agent(listing: Listing, asked: Mapping[str, Any]) -> bool:
    """Whether the newest are wanted of an agent's events: most of what the text's index finds may be of others."""
    bounds = ("session", "since", "until", "after")
    return listing is EVENTS and asked["agent"] is not None and all(asked[field] is None for field in bounds)


def _known_total(connection: sqlite3.Connection, listing: Listing, asked: Mapping[str, Any]) -> int | None:
    """What the counters say; None where rows have to be counted."""
    if listing is EVENTS:
        return bucket_total(connection, asked) if asked["after"] is None else total_above(connection, asked)
    return (session_total if listing is SESSIONS else block_total)(connection, asked)


def _with_text(
    connection: sqlite3.Connection, listing: Listing, asked: Mapping[str, Any], ranges: Sequence[IdRange]
) -> dict[str, Any]:
    """The filter with its terms as the index takes them: to be led by it, or only asked for the few other rows."""
    wanted = dict(asked)
    terms: tuple[Term, ...] | None = wanted.pop("q", None)
    if not terms:
        return wanted
    completed = complete(connection, listing.search, terms)
    expression = match_expression(completed)
    # A beginning is looked up in all words that begin so, each time; a session's ids bound what the index finds.
    bounded = wanted["session"] is not None or any(term.prefix for term in chain.from_iterable(completed))
    if not bounded and any(wanted.get(field) is not None for field in _NARROWING):
        each = with_kinds(connection, listing, wanted)
        others = sum(_number(connection, count_rows(listing, each, exact=False, ids=ids, most=_FEW)) for ids in ranges)
        if others <= _FEW:
            return wanted | {"holds": expression}
    return wanted | {"match": expression}


def told(total: int, page: PageRequest) -> tuple[int, str]:
    """A number that is known, as a page tells it: no more than where it would have to be counted."""
    exact = page.exact or total <= COUNTED_EXACTLY
    return (total, "exact") if exact else (COUNTED_EXACTLY, "at_least")


def count(
    connection: sqlite3.Connection, listing: Listing, wanted: Mapping[str, Any], ranges: Sequence[IdRange], exact: bool
) -> tuple[int, str]:
    """How many rows there are, counted, and whether that is all of them: `exact` or `at_least`."""
    counted = 0
    for ids in reversed(ranges):
        counted += _number(connection, count_rows(listing, wanted, exact, ids))
        if not exact and counted > COUNTED_EXACTLY:
            return COUNTED_EXACTLY, "at_least"
    return counted, "exact"


def _number(connection: sqlite3.Connection, query: Query) -> int:
    ((number,),) = execute(connection, query)
    return int(number)


def _read(
    connection: sqlite3.Connection,
    listing: Listing,
    wanted: Mapping[str, Any],
    page: PageRequest,
    ranges: Iterable[IdRange],
    *,
    fetch: _Fetch,
    columns: str,
) -> list[_Part]:
    parts: list[_Part] = []
    missing, offset = page.limit, page.offset
    skipped: IdRange | None = None
    for ids in ranges:
        if offset and skipped is not None:
            there = _number(connection, count_rows(listing, wanted, exact=True, ids=skipped))
            offset = 0 if parts else max(0, offset - there)
        rest = page._replace(limit=missing, offset=offset)
        found = fetch(connection, select_page(listing, wanted, rest, ids, columns), wanted.get("after") is not None)
        parts += [found] if found.number else []
        missing -= found.number
        if not missing:
            break
        skipped = ids
    return parts


def _fetch_rows(connection: sqlite3.Connection, query: Query, _: bool) -> _Part:
    rows = execute(connection, query)
    return _Part(rows, len(rows), rows[-1][0] if rows else 0)


def _fetch_text(connection: sqlite3.Connection, query: Query, ascending: bool) -> _Part:
    """All rows as one text, in one step: no row becomes an object, and Python's lock is given up and taken once."""
    last = "MAX(id)" if ascending else "MIN(id)"
    sql = f"SELECT group_concat(text, ',' || char(10)), COUNT(*), {last} FROM ({query.sql})"
    ((text, number, last_id),) = execute(connection, Query(sql, query.values))
    return _Part(text, number, last_id)
