"""How many events a filter lets through, from the buckets: whatever is asked, events are only read at a span's edges.

The buckets know agent, type, pattern, risk and time. What they do not know (session, id, text) is counted by reading.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from data.rollups import WIDTHS, spans
from data.sqlite.spans import id_ranges
from stream.timestamps import format_timestamp, parse_timestamp

_COLUMNS = {"agent": "+agent_name", "event_type": "event_type", "pattern": "pattern", "risk": "risk_level"}
_OF_SESSIONS = {"agent": "agent_name", "state": "state"}
_UNKNOWN = ("session", "after", "q")
_STEP = WIDTHS["5m"] * 1_000_000
_FIRST, _LAST = 0, 4_102_444_800_000_000  # 1970 and 2100: nothing was recorded before or is after

BLOCKS = "SELECT blocks FROM block_counts WHERE scope = ? AND name = ?"
KINDS = "SELECT event_type, risk_level FROM metric_buckets WHERE agent_name = ? AND width = 'all'"
_COUNT = """
    SELECT COALESCE(SUM(count), 0) FROM metric_buckets
    WHERE width = '{width}' AND start >= :first AND start < :last {kind}
"""
_READ = """
    SELECT COUNT(*) FROM extraction_events
    WHERE id BETWEEN :low AND :high AND timestamp >= :first AND timestamp < :last {kind}
"""
_ENDS = "SELECT (SELECT MIN(id) FROM extraction_events), (SELECT MAX(id) FROM extraction_events)"
_DAYS = """
    SELECT DISTINCT start FROM metric_buckets
    WHERE width = '1d' AND start >= :first AND start < :last {kind} ORDER BY start
"""


def bucket_total(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> int | None:
    """The exact number, or None where the buckets do not know."""
    if any(asked[field] is not None for field in _UNKNOWN):
        return None
    if asked["since"] is None and asked["until"] is None:
        return _in_buckets(connection, asked, "all", "0000-", "9999-")
    since, until = _ends(asked)
    first, last = -(-since // _STEP) * _STEP, until // _STEP * _STEP
    if first >= last:
        return _by_reading(connection, asked, since, until)
    inner = sum(
        _in_buckets(connection, asked, *part) for part in spans(format_timestamp(first), format_timestamp(last))
    )
    return inner + _by_reading(connection, asked, since, first) + _by_reading(connection, asked, last, until)


def total_above(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> int | None:
    """The exact number behind the id `after`, or None where it has to be counted.

    Where nothing was ever deleted, ids say how many rows there are; elsewhere the gaps may be anywhere.
    """
    if any(value is not None for field, value in asked.items() if field != "after"):
        return None
    lowest, highest = connection.execute(_ENDS).fetchone()
    if highest is None or asked["after"] >= highest:
        return 0
    if highest - lowest + 1 > _in_buckets(connection, asked, "all", "0000-", "9999-"):
        return None
    return int(highest - max(asked["after"], lowest - 1))


def session_total(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> int | None:
    """How many sessions there are, of an agent or in a state, that run or have ended; None where more is asked."""
    if any(asked[field] is not None for field in ("since", "until", "after", "verdict")):
        return None
    counted = {None: "sessions", True: "sessions - ended", False: "ended"}[asked["active"]]
    given = "".join(f" AND {column} = :{name}" for name, column in _OF_SESSIONS.items() if asked[name] is not None)
    sql = f"SELECT COALESCE(SUM({counted}), 0) FROM session_totals WHERE TRUE{given}"
    return int(connection.execute(sql, asked).fetchone()[0])


def block_total(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> int | None:
    """How many code blocks there are, of all agents or of one; None where more is asked."""
    if any(value is not None for field, value in asked.items() if field != "agent"):
        return None
    return count_blocks(connection, asked["agent"])


def count_blocks(connection: sqlite3.Connection, agent: str | None) -> int:
    """How many code blocks there are, or one agent has."""
    found = connection.execute(BLOCKS, ("all", "") if agent is None else ("agent", agent)).fetchone()
    return int(found[0]) if found else 0


def kinds_of_agent(connection: sqlite3.Connection, agent: str, risk: str | None = None) -> tuple[str, ...]:
    """The types of an agent's events, or of those that have this risk."""
    rows = connection.execute(KINDS, (agent,))
    return tuple(dict.fromkeys(event_type for event_type, level in rows if risk in (None, level)))


def days_with(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Spans of whole days, in their order, outside of which no event is of the agent, type, pattern and risk."""
    day = WIDTHS["1d"] * 1_000_000
    since, until = _ends(asked)
    values = {**asked, "first": format_timestamp(since // day * day), "last": format_timestamp(until)}
    days: list[list[int]] = []
    for (start,) in connection.execute(_DAYS.format(kind=_kind(asked)), values):
        begins = parse_timestamp(start)
        if days and days[-1][1] == begins:
            days[-1][1] = begins + day
        else:
            days.append([begins, begins + day])
    return [(format_timestamp(first), format_timestamp(last)) for first, last in days]


def _ends(asked: Mapping[str, Any]) -> tuple[int, int]:
    since, until = asked["since"], asked["until"]
    return _FIRST if since is None else parse_timestamp(since), _LAST if until is None else parse_timestamp(until)


def _in_buckets(connection: sqlite3.Connection, asked: Mapping[str, Any], width: str, first: str, last: str) -> int:
    sql = _COUNT.format(width=width, kind=_kind(asked))
    return int(connection.execute(sql, {**asked, "first": first, "last": last}).fetchone()[0])


def _by_reading(connection: sqlite3.Connection, asked: Mapping[str, Any], since: int, until: int) -> int:
    """Less than ten minutes, at the edge of a span."""
    if since >= until:
        return 0
    first, last = format_timestamp(since), format_timestamp(until)
    sql, values = _READ.format(kind=_kind(asked)), {**asked, "first": first, "last": last}
    return sum(
        int(connection.execute(sql, {**values, "low": low, "high": high}).fetchone()[0])
        for low, high in id_ranges(connection, first, last)
    )


def _kind(asked: Mapping[str, Any]) -> str:
    return "".join(f" AND {column} = :{field}" for field, column in _COLUMNS.items() if asked[field] is not None)
