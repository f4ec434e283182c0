"""What was committed behind a cursor, as SQL.

Each table is read in the order of its ids; rows of different tables are told in the order of their times, but the end
of a session behind all else of it: others that store meanwhile may be further in time. A row that was deleted before
it was read is not told.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """One table's part: `field` is its place in the cursor; a row's time and id in it come as `at` and `place`.

    `ends` says that nothing of its session is stored behind the row.
    """

    field: str
    name: str
    sql: str
    conditions: Mapping[str, str]


def _qualified(columns: str, table: str) -> str:
    return ", ".join(f"{table}.{column.strip()}" for column in columns.split(","))


_WITH_SESSION = "LEFT JOIN process_sessions AS s ON s.session_id = r.session_id"
_ABOUT = "%s.agent_name AS agent, s.started_at AS start, r.id AS place, %s AS ends"
_STATES = {"agent": "+s.agent_name = ?", "session": "r.session_id = ?"}
_ROWS = {"agent": "+r.agent_name = ?", "session": "r.session_id = ?"}
_FINAL = ", ".join(f"'{state}'" for state in FINAL_STATES)
# In the order in which rows of the same time are told. (The plus sign: rows are found by their own ids.)
_SOURCES = (
    _Source(
        "session",
        "session_start",
        f"""SELECT {_qualified(SESSION_COLUMNS, "s")}, {_ABOUT % ("s", "FALSE")}, s.started_at AS at
            FROM process_sessions AS r JOIN process_sessions AS s ON s.id = r.id WHERE r.id > ? AND r.id <= ?""",
        _ROWS,
    ),
    _Source(
        "extraction",
        "extraction",
        f"""SELECT {_qualified(EVENT_COLUMNS, "r")}, {_ABOUT % ("r", "FALSE")}, r.timestamp AS at
            FROM extraction_events AS r {_WITH_SESSION} WHERE r.id > ? AND r.id <= ?""",
        _ROWS | {"event_type": "r.event_type = ?"},
    ),
    _Source(
        "state_change",
        "state_change",
        f"""SELECT {_qualified(STATE_COLUMNS, "r")}, {_ABOUT % ("s", f"r.state IN ({_FINAL})")}, r.timestamp AS at
            FROM process_state_changes AS r {_WITH_SESSION} WHERE r.id > ? AND r.id <= ?""",
        _STATES,
    ),
    _Source(
        "ended",
        "session_end",
        f"""SELECT {_qualified(SESSION_COLUMNS, "s")}, {_ABOUT % ("s", "TRUE")}, r.timestamp AS at
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

# Events that were stored before their session's end, and stand behind what was read of their table.
_REST = "SELECT 1 FROM extraction_events WHERE session_id = ? AND id > ? AND id <= ? LIMIT 1"
_LAST_TURN = "~"  # behind every time


class _Found(NamedTuple):
    """A row, and its `turn`: its time, or that of a row which must be told before it, if that is later."""

    turn: str
    source: _Source
    row: sqlite3.Row


def changes_between(connection: sqlite3.Connection, cursor: Cursor, until: Cursor, wanted: Wanted) -> list[Change]:
    """The next changes behind one cursor and not behind the other, none where there are no more.

    The connection has a transaction, so that all tables are of the same moment.
    """
    found: list[_Found] = []
    latest: dict[str, str] = {}  # of each session, the last turn
    read = until
    horizon = _LAST_TURN
    for source in _SOURCES:
        if wanted.event_type is not None and "event_type" not in source.conditions:
            continue
        rows = connection.execute(*_statement(source, cursor, until, wanted)).fetchall()
        if len(rows) == MAX_CHANGES:
            read = read._replace(**{source.field: rows[-1]["place"]})
        ready = _ready(connection, rows, read, until)
        found += _in_turn(source, ready, latest)
        if len(ready) == MAX_CHANGES:  # its next rows may come before those of other tables
            horizon = min(horizon, found[-1].turn)
    return list(_told(sorted((each for each in found if each.turn <= horizon), key=_turn), cursor))


def _statement(source: _Source, cursor: Cursor, until: Cursor, wanted: Wanted) -> tuple[str, Sequence[Any]]:
    given = {name: value for name, value in wanted._asdict().items() if value is not None}
    where = "".join(f" AND {condition}" for name, condition in source.conditions.items() if name in given)
    values = [given[name] for name in source.conditions if name in given]
    bounds = getattr(cursor, source.field), getattr(until, source.field)
    return f"{source.sql}{where} ORDER BY r.id LIMIT {MAX_CHANGES}", (*bounds, *values)


def _ready(connection: sqlite3.Connection, rows: Sequence[Any], read: Cursor, until: Cursor) -> Sequence[Any]:
    """The rows up to the first end of a session of which not all was read."""
    return [*takewhile(lambda row: not row["ends"] or _is_whole(connection, row, read, until), rows)]


def _is_whole(connection: sqlite3.Connection, end: sqlite3.Row, read: Cursor, until: Cursor) -> bool:
    """Whether all that was stored of a session that has ended was read: its last rows were stored with its end."""
    rest = connection.execute(_REST, (end["session_id"], read.extraction, until.extraction)).fetchone()
    return rest is None and end["place"] <= read.state_change


def _in_turn(source: _Source, rows: Sequence[sqlite3.Row], latest: dict[str, str]) -> Iterator[_Found]:
    turn = ""
    for row in rows:
        session_id = row["session_id"]
        turn = max(turn, row["at"] or "", latest.get(session_id, "") if row["ends"] else "")
        latest[session_id] = max(turn, latest.get(session_id, ""))
        yield _Found(turn, source, row)


def _told(rows: Sequence[_Found], cursor: Cursor) -> Iterator[Change]:
    for _, source, row in rows:
        cursor = cursor._replace(**{source.field: row["place"]})
        yield Change(source.name, _READ[source.name](row), row["agent"], row["start"], cursor)


def _turn(found: _Found) -> str:
    return found.turn
