"""What was committed behind a cursor, as SQL.

Each table is read in the order of its ids; rows of different tables are told in the order of their times. A row that
was deleted before it was read is not told.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import takewhile
from typing import Any, NamedTuple

from data.changes import Change, Cursor, Wanted
from data.sqlite.rows import (
    EVENT_COLUMNS,
    SESSION_COLUMNS,
    STATE_COLUMNS,
    read_event,
    read_session,
    read_state_change,
)
from stream.records import FINAL_STATES, ExtractionEvent, Session, StateChange

MAX_CHANGES = 500  # rows of each table at once


class _Source(NamedTuple):
    """One table's part: `field` is its place in the cursor; a row's time and id in it come as `at` and `place`."""

    field: str
    name: str
    sql: str
    conditions: Mapping[str, str]


def _qualified(columns: str, table: str) -> str:
    return ", ".join(f"{table}.{column.strip()}" for column in columns.split(","))


_WITH_SESSION = "LEFT JOIN process_sessions AS s ON s.session_id = r.session_id"
_ABOUT = "%s.agent_name AS agent, s.started_at AS start, r.id AS place"
_STATES = {"agent": "+s.agent_name = ?", "session": "r.session_id = ?"}
_ROWS = {"agent": "+r.agent_name = ?", "session": "r.session_id = ?"}
_FINAL = ", ".join(f"'{state}'" for state in FINAL_STATES)
# In the order in which rows of the same time are told. (The plus sign: rows are found by their own ids.)
_SOURCES = (
    _Source(
        "session",
        "session_start",
        f"""SELECT {_qualified(SESSION_COLUMNS, "s")}, {_ABOUT % "s"}, s.started_at AS at
            FROM process_sessions AS r JOIN process_sessions AS s ON s.id = r.id WHERE r.id > ? AND r.id <= ?""",
        _ROWS,
    ),
    _Source(
        "extraction",
        "extraction",
        f"""SELECT {_qualified(EVENT_COLUMNS, "r")}, {_ABOUT % "r"}, r.timestamp AS at
            FROM extraction_events AS r {_WITH_SESSION} WHERE r.id > ? AND r.id <= ?""",
        _ROWS | {"event_type": "r.event_type = ?"},
    ),
    _Source(
        "state_change",
        "state_change",
        f"""SELECT {_qualified(STATE_COLUMNS, "r")}, {_ABOUT % "s"}, r.timestamp AS at
            FROM process_state_changes AS r {_WITH_SESSION} WHERE r.id > ? AND r.id <= ?""",
        _STATES,
    ),
    _Source(
        "ended",
        "session_end",
        f"""SELECT {_qualified(SESSION_COLUMNS, "s")}, {_ABOUT % "s"}, r.timestamp AS at
            FROM process_state_changes AS r {_WITH_SESSION}
            WHERE r.id > ? AND r.id <= ? AND r.state IN ({_FINAL}) AND s.id IS NOT NULL""",
        _STATES,
    ),
)
_READ: Mapping[str, Callable[[Any], ExtractionEvent | StateChange | Session]] = {
    "session_start": read_session,
    "extraction": read_event,
    "state_change": read_state_change,
    "session_end": read_session,
}

_Found = tuple[str, _Source, sqlite3.Row]  # the row's time, where it was found, and the row


def changes_between(connection: sqlite3.Connection, cursor: Cursor, until: Cursor, wanted: Wanted) -> list[Change]:
    """The next changes behind one cursor and not behind the other, none where there are no more.

    The connection has a transaction, so that all tables are of the same moment.
    """
    found: list[list[_Found]] = []
    horizon = ""
    for source in _SOURCES:
        if wanted.event_type is not None and "event_type" not in source.conditions:
            continue
        rows = connection.execute(*_statement(source, cursor, until, wanted)).fetchall()
        found.append([(row["at"] or "", source, row) for row in rows])
        if len(rows) == MAX_CHANGES:
            last = found[-1][-1][0]
            horizon = min(horizon or last, last)
    return list(_told(merge(*_within(found, horizon), key=_time), cursor))


def _statement(source: _Source, cursor: Cursor, until: Cursor, wanted: Wanted) -> tuple[str, Sequence[Any]]:
    given = {name: value for name, value in wanted._asdict().items() if value is not None}
    where = "".join(f" AND {condition}" for name, condition in source.conditions.items() if name in given)
    values = [given[name] for name in source.conditions if name in given]
    bounds = getattr(cursor, source.field), getattr(until, source.field)
    return f"{source.sql}{where} ORDER BY r.id LIMIT {MAX_CHANGES}", (*bounds, *values)


def _within(found: Sequence[list[_Found]], horizon: str) -> Iterator[list[_Found]]:
    """What is not later than the last row of a table that has more: its own next rows may come before the others'."""
    for rows in found:
        if horizon and len(rows) < MAX_CHANGES:
            yield list(takewhile(lambda row: row[0] <= horizon, rows))
        else:
            yield rows


def _told(rows: Iterator[_Found], cursor: Cursor) -> Iterator[Change]:
    for _, source, row in rows:
        cursor = cursor._replace(**{source.field: row["place"]})
        yield Change(source.name, _READ[source.name](row), row["agent"], row["start"], cursor)


def _time(row: _Found) -> str:
    return row[0]
