"""Lists by any combination of filters, as SQL: tables of what each field of a filter means. Pure.

Values are always bound by name; the text of a statement comes from the tables alone.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from data.queries import COUNTED_EXACTLY, Cursor, PageRequest
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
# The same, read from the places of an agent or a session, which are in the order of their blocks.
BLOCKS_OF = BLOCKS._replace(
    source="""code_block_occurrences AS o CROSS JOIN code_blocks AS b ON b.id = o.block_id
        AND o.id = (SELECT MIN(id) FROM code_block_occurrences WHERE block_id = o.block_id{within})""",
    id="o.block_id",
    conditions={
        "agent": "o.agent_name = :agent",
        "language": "b.language = :language",
        "session": "o.session_id = :session",
        "after": "o.block_id > :after",
    },
)
SESSIONS = Listing(
    SESSION_COLUMNS,
    "process_sessions",
    "id",
    {
        "agent": "agent_name = :agent",
        "state": "state = :state",
        "verdict": "verdict = :verdict",
        # The plus signs keep SQLite from reading by time, and sorting by id.
        "active": {True: "ended_at IS NULL", False: "+ended_at IS NOT NULL"},
        "since": "+started_at >= :since",
        "until": "+started_at < :until",
        "after": "id > :after",
    },
)
# The same in the order of their starts: the indexes that lead end in it.
SESSIONS_BY_START = SESSIONS._replace(
    conditions={**SESSIONS.conditions, "since": "started_at >= :since", "until": "started_at < :until"}
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
    it finds; with a `holds`, the other way round. With `kinds`, the rows of each of these types are read in the order
    of the list, and merged: no index has all events of an agent in this order.
    """
    ascending = wanted.get("after") is not None
    ids = _behind(page.cursor, ids)
    where = [*_within(listing, wanted, ids), *_conditions(listing, wanted)]
    source, shown, order = _source(listing, wanted), columns or listing.columns, "ASC" if ascending else "DESC"
    if kinds := wanted.get("kinds"):
        merged = _of_kinds(f"{listing.id} AS row_id", source, where, kinds)
        # The inner rows come one by one, in their order.
        sql = f"""
            SELECT {shown} FROM ({merged} ORDER BY row_id {order} LIMIT :limit OFFSET :offset)
            CROSS JOIN {source} ON {listing.id} = row_id
        """
    else:
        sql = f"""
            SELECT {shown} FROM {source} WHERE {_all(where)}
            ORDER BY {_id(listing, wanted)} {order} LIMIT :limit OFFSET :offset
        """
    return Query(sql, _values(wanted, ids, limit=page.limit, offset=page.offset))


def select_sessions(wanted: Mapping[str, Any], page: PageRequest, behind: tuple[str, int] | None) -> Query:
    """Sessions by their start, the newest first: all of them, or those behind a start (empty: not known) and an id."""
    where = _conditions(SESSIONS_BY_START, wanted)
    started, row_id = behind or ("", 0)
    parts = [[]] if behind is None else [["started_at IS NULL", "id < :row_id"]]
    if started:
        # Those without a start come last; two texts, each in its order, are merged.
        parts = [["(started_at, id) < (:started, :row_id)"]]
        parts += [["started_at IS NULL"]] if wanted["since"] is None and wanted["until"] is None else []
    each = [f"SELECT {SESSIONS.columns} FROM process_sessions WHERE {_all([*where, *part])}" for part in parts]
    sql = f"{' UNION ALL '.join(each)} ORDER BY started_at DESC, id DESC LIMIT :limit OFFSET :offset"
    values = _values(wanted, ALL_IDS, limit=page.limit, offset=page.offset)
    return Query(sql, {**values, "started": started, "row_id": row_id})


def count_rows(
    listing: Listing, wanted: Mapping[str, Any], exact: bool, ids: tuple[int, int] = ALL_IDS, most: int = 0
) -> Query:
    """How many rows there are; unless `exact`, counting stops behind `COUNTED_EXACTLY` rows, or `most`."""
    where = [*_within(listing, wanted, ids), *_conditions(listing, wanted)]
    rows = _of_kinds("1", _counted(listing, wanted), where, wanted.get("kinds", ()))
    sql = f"SELECT COUNT(*) FROM ({rows} LIMIT :limit)"
    return Query(sql, _values(wanted, ids, limit=-1 if exact else (most or COUNTED_EXACTLY) + 1))


def select_looked_at(
    listing: Listing, wanted: Mapping[str, Any], limit: int, ids: tuple[int, int] = ALL_IDS, *, ascending: bool
) -> Query:
    """The ids of rows that the `match` finds, and whether the other filters let them through.

    Both a page and its total are told by it: a beginning is looked up in all words that begin so, each time.
    """
    row_id, conditions = _id(listing, wanted), _conditions(listing, wanted)
    source, where = _source(listing, wanted), _within(listing, wanted, ids)
    if not conditions:
        # What is in the index is there: nothing else need be looked at.
        source, where = listing.search, [*_between(listing, wanted, ids), f"{listing.search} MATCH :match"]
    sql = f"""
        SELECT {row_id}, {_all(conditions)} FROM {source}
        WHERE {_all(where)} ORDER BY {row_id} {"ASC" if ascending else "DESC"} LIMIT :limit
    """
    return Query(sql, _values(wanted, ids, limit=limit))


def select_rows(listing: Listing, wanted: Mapping[str, Any], row_ids: Sequence[int], columns: str = "") -> Query:
    """These rows, in the order of the list."""
    plain = {field: value for field, value in wanted.items() if field != "match"}
    sql = f"""
        SELECT {columns or listing.columns} FROM {_source(listing, plain)}
        WHERE {listing.id} IN (SELECT value FROM json_each(:row_ids))
        ORDER BY {listing.id} {"DESC" if wanted.get("after") is None else "ASC"}
    """
    return Query(sql, _values(wanted, ALL_IDS, row_ids=json.dumps(row_ids)))


def _behind(cursor: Cursor | None, ids: tuple[int, int]) -> tuple[int, int]:
    """The ids behind the cursor. Of two bounds on the same side, SQLite would begin to read at the first."""
    if cursor is None:
        return ids
    low, high = ids
    return (max(low, cursor.row_id + 1), high) if cursor.ascending else (low, min(high, cursor.row_id - 1))


def _of_kinds(columns: str, source: str, where: Sequence[str], kinds: Sequence[str]) -> str:
    """The rows of each of these types, or all of them if there are none."""
    conditions = [[*where, f"event_type = :kind{number}"] for number in range(len(kinds))] or [list(where)]
    return " UNION ALL ".join(f"SELECT {columns} FROM {source} WHERE {_all(each)}" for each in conditions)


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


def _within(listing: Listing, wanted: Mapping[str, Any], ids: tuple[int, int]) -> list[str]:
    return [*_between(listing, wanted, ids), *_bounds(listing, wanted)]


def _between(listing: Listing, wanted: Mapping[str, Any], ids: tuple[int, int]) -> list[str]:
    return [f"{_id(listing, wanted)} BETWEEN :low AND :high"] if ids != ALL_IDS else []


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
    kinds = {f"kind{number}": kind for number, kind in enumerate(wanted.get("kinds", ()))}
    return {**wanted, **kinds, "low": ids[0], "high": ids[1], **further}
