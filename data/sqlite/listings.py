"""Lists by any combination of filters, as SQL: tables of what each field of a filter means. Pure.

Values are always bound by name; the text of a statement comes from the tables alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from data.queries import COUNTED_EXACTLY, PageRequest
from data.sqlite.rows import BLOCK_COLUMNS, EVENT_COLUMNS, SESSION_COLUMNS


class Listing(NamedTuple):
    """Where rows come from, and what each field of their filter means.

    A field may have one condition for each of its values. `within` are conditions that belong where `source` says so.
    """

    columns: str
    source: str
    id: str
    conditions: Mapping[str, str | Mapping[bool, str]]
    within: Mapping[str, str] = {}


EVENTS = Listing(
    EVENT_COLUMNS,
    "extraction_events",
    "id",
    {
        "agent": "agent_name = :agent",
        "event_type": "event_type = :event_type",
        "pattern": "pattern = :pattern",
        "session": "session_id = :session",
        "risk": "risk_level = :risk",
        "since": "timestamp >= :since",
        "until": "timestamp < :until",
        "after": "id > :after",
    },
)
# A block is shown as it first occurred within what was asked for.
BLOCKS = Listing(
    BLOCK_COLUMNS,
    """code_blocks AS b CROSS JOIN code_block_occurrences AS o
        ON o.id = (SELECT MIN(id) FROM code_block_occurrences WHERE block_id = b.id{within})""",
    "b.id",
    {
        "language": "b.language = :language",
        "session": "b.id IN (SELECT block_id FROM code_block_occurrences WHERE session_id = :session)",
        "after": "b.id > :after",
    },
    {
        "agent": "agent_name = :agent",
        "session": "session_id = :session",
        "since": "timestamp >= :since",
        "until": "timestamp < :until",
    },
)
SESSIONS = Listing(
    SESSION_COLUMNS,
    "process_sessions",
    "id",
    {
        "agent": "agent_name = :agent",
        "state": "state = :state",
        "active": {True: "ended_at IS NULL", False: "ended_at IS NOT NULL"},
        "since": "started_at >= :since",
        "until": "started_at < :until",
        "after": "id > :after",
    },
)


class Query(NamedTuple):
    """A statement and its values."""

    sql: str
    values: Mapping[str, Any]


def select_page(listing: Listing, wanted: Mapping[str, Any], page: PageRequest) -> Query:
    """The rows of a page, newest first."""
    below = [] if page.before is None else [f"{listing.id} < :below"]
    sql = f"""
        SELECT {listing.columns} {_from_where(listing, wanted, below)}
        ORDER BY {listing.id} DESC LIMIT :limit OFFSET :offset
    """
    return Query(sql, {**wanted, "below": page.before, "limit": page.limit, "offset": page.offset})


def count_rows(listing: Listing, wanted: Mapping[str, Any], exact: bool) -> Query:
    """How many rows there are; unless `exact`, counting stops behind `COUNTED_EXACTLY`."""
    sql = f"SELECT COUNT(*) FROM (SELECT 1 {_from_where(listing, wanted)} LIMIT :limit)"
    return Query(sql, {**wanted, "limit": -1 if exact else COUNTED_EXACTLY + 1})


def _from_where(listing: Listing, wanted: Mapping[str, Any], further: Sequence[str] = ()) -> str:
    given = {field: value for field, value in wanted.items() if value is not None}
    within = [listing.within[field] for field in given if field in listing.within]
    where = [_condition(listing.conditions[field], given[field]) for field in given if field in listing.conditions]
    source = listing.source.replace("{within}", "".join(f" AND {condition}" for condition in within))
    return f"FROM {source} WHERE {' AND '.join([*where, *further]) or 'TRUE'}"


def _condition(condition: str | Mapping[bool, str], value: Any) -> str:
    return condition if isinstance(condition, str) else condition[value]
