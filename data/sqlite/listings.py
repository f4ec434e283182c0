"""Lists by any combination of filters, as SQL: tables of what each field of a filter means. Pure.

Values are always bound by name; the text of a statement comes from the tables alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from data.queries import COUNTED_EXACTLY, LOOKED_AT, PageRequest
from data.sqlite.rows import BLOCK_COLUMNS, EVENT_COLUMNS, SESSION_COLUMNS

ALL_IDS = (0, (1 << 63) - 1)


class Listing(NamedTuple):
    """Where rows come from, and what each field of their filter means.

    A field may have one condition for each of its values. `within` are conditions that belong where `source` says so,
    `search` is the index of the rows' text, and `by_text` are conditions that bound how much of it is read. `counted`
    is where as many rows are as in `source`, if no more than one of the conditions `within` applies.
    """

    columns: str
    source: str
    id: str
    conditions: Mapping[str, str | Mapping[bool, str]]
    within: Mapping[str, str] = {}
    search: str = ""
    by_text: Mapping[str, str] = {}
    counted: str = ""


EVENTS = Listing(
    EVENT_COLUMNS,
    "extraction_events",
    "extraction_events.id",
    {
        "agent": "agent_name = :agent",
        "event_type": "event_type = :event_type",
        "pattern": "pattern = :pattern",
        "session": "session_id = :session",
        "risk": "risk_level = :risk",
        # The plus keeps SQLite from being led by the risk.
        "risk_too": "+risk_level = :risk_too",
        "since": "timestamp >= :since",
        "until": "timestamp < :until",
        "after": "extraction_events.id > :after",
    },
    search="event_search",
    by_text={
        "session": """event_search.rowid >= (SELECT MIN(id) FROM extraction_events WHERE session_id = :session)
            AND event_search.rowid <= (SELECT MAX(id) FROM extraction_events WHERE session_id = :session)""",
        "after": "event_search.rowid > :after",
    },
)
# A block is shown as it first occurred within what was asked for.
BLOCKS = Listing(
    BLOCK_COLUMNS,
    """code_blocks AS b CROSS JOIN code_block_occurrences AS o
        ON o.id = (SELECT MIN(id) FROM code_block_occurrences WHERE block_id = b.id{within})""",
    "b.id",
    {
        "agent": "b.id IN (SELECT block_id FROM code_block_occurrences WHERE agent_name = :agent)",
        "language": "b.language = :language",
        "session": "b.id IN (SELECT block_id FROM code_block_occurrences WHERE session_id = :session)",
        "since": """b.id IN (SELECT block_id FROM code_block_occurrences
            WHERE timestamp >= :since AND timestamp < COALESCE(:until, '9999-'))""",
        "after": "b.id > :after",
    },
    within={
        "agent": "agent_name = :agent",
        "session": "session_id = :session",
        "since": "timestamp >= :since",
        "until": "timestamp < :until",
    },
    search="block_search",
    counted="code_blocks AS b",
)
SESSIONS = Listing(
    SESSION_COLUMNS,
    "process_sessions",
    "id",
    {
        "agent": "agent_name = :agent",
        "state": "state = :state",
        "active": {True: "ended_at IS NULL", False: "ended_at IS NOT NULL"},
        # The plus keeps SQLite from reading by time, and sorting by id.
        "since": "+started_at >= :since",
        "until": "+started_at < :until",
        "after": "id > :after",
    },
)


class Query(NamedTuple):
    """A statement and its values."""

    sql: str
    values: Mapping[str, Any]


def select_page(
    listing: Listing, wanted: Mapping[str, Any], page: PageRequest, ids: tuple[int, int] = ALL_IDS, columns: str = ""
) -> Query:
    """The rows of a page whose ids are within `ids`: newest first, or oldest first behind the filter's `after`.

    With a `match` among the wanted, the text's index is read in this order, and the other filters are applied to what
    it finds; with a `holds`, the other way round.
    """
    ascending = wanted.get("after") is not None
    further = [f"{_id(listing, wanted)} BETWEEN :low AND :high"] if ids != ALL_IDS else []
    if page.cursor is not None:
        further.append(f"{_id(listing, wanted)} {'>' if page.cursor.ascending else '<'} :behind")
    sql = f"""
        SELECT {columns or listing.columns} FROM {_source(listing, wanted)}
        WHERE {_all([*_bounds(listing, wanted), *further, *_conditions(listing, wanted)])}
        ORDER BY {_id(listing, wanted)} {"ASC" if ascending else "DESC"} LIMIT :limit OFFSET :offset
    """
    behind = page.cursor and page.cursor.row_id
    return Query(sql, _values(wanted, ids, behind=behind, limit=page.limit, offset=page.offset))


def count_rows(
    listing: Listing, wanted: Mapping[str, Any], exact: bool, ids: tuple[int, int] = ALL_IDS, most: int = 0
) -> Query:
    """How many rows there are (`counted`) of how many looked at (`seen`).

    Unless `exact`, counting stops behind `COUNTED_EXACTLY` (or `most`) rows, with a `match` behind `LOOKED_AT`.
    """
    by_text = "match" in wanted
    conditions = _conditions(listing, wanted)
    bounds = [f"{_id(listing, wanted)} BETWEEN :low AND :high"] if ids != ALL_IDS else []
    source, hit, where = _counted(listing, wanted), "TRUE", [*bounds, *_bounds(listing, wanted), *conditions]
    if by_text and conditions:
        hit, where = _all(conditions), [*bounds, *_bounds(listing, wanted)]
    elif by_text:
        # What is in the index is there: nothing else need be looked at.
        source, where = listing.search, [*bounds, f"{listing.search} MATCH :match"]
    sql = f"""
        SELECT COALESCE(SUM(hit), 0) AS counted, COUNT(*) AS seen
        FROM (SELECT {hit} AS hit FROM {source} WHERE {_all(where)} LIMIT :limit)
    """
    limit = -1 if exact else (LOOKED_AT if by_text else most or COUNTED_EXACTLY) + 1
    return Query(sql, _values(wanted, ids, limit=limit))


def _counted(listing: Listing, wanted: Mapping[str, Any]) -> str:
    """Where rows are counted: without those joined to them where these are sure to be there."""
    joined = {"since" if field == "until" else field for field in listing.within if wanted.get(field) is not None}
    return _source(listing, wanted) if len(joined) > 1 or "match" in wanted else listing.counted or listing.source


def _source(listing: Listing, wanted: Mapping[str, Any]) -> str:
    within = [condition for field, condition in listing.within.items() if wanted.get(field) is not None]
    source = listing.source.replace("{within}", "".join(f" AND {condition}" for condition in within))
    return f"{listing.search} CROSS JOIN {source}" if "match" in wanted else source


def _id(listing: Listing, wanted: Mapping[str, Any]) -> str:
    return f"{listing.search}.rowid" if "match" in wanted else listing.id


def _bounds(listing: Listing, wanted: Mapping[str, Any]) -> list[str]:
    """What the index of the text is asked; nothing where it does not lead."""
    if "match" not in wanted:
        return []
    given = [condition for field, condition in listing.by_text.items() if wanted.get(field) is not None]
    return [f"{listing.search} MATCH :match", f"{listing.id} = {listing.search}.rowid", *given]


def _conditions(listing: Listing, wanted: Mapping[str, Any]) -> list[str]:
    given = {field: value for field, value in wanted.items() if value is not None}
    where = [_condition(listing.conditions[field], given[field]) for field in given if field in listing.conditions]
    if "holds" in given:
        search = listing.search
        where.append(f"EXISTS (SELECT 1 FROM {search} WHERE {search} MATCH :holds AND {search}.rowid = {listing.id})")
    return where


def _condition(condition: str | Mapping[bool, str], value: Any) -> str:
    return condition if isinstance(condition, str) else condition[value]


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "TRUE"


def _values(wanted: Mapping[str, Any], ids: tuple[int, int], **further: Any) -> Mapping[str, Any]:
    return {**wanted, "low": ids[0], "high": ids[1], **further}
