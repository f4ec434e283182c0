"""Counts of all time: everything, one agent, one pattern; and the timeline. Each reads within the caller's snapshot.

Events are counted from the buckets, which are kept equal to them, never by reading them.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from data.queries import DatabaseStatus
from data.rollups import WIDTHS
from data.sqlite.migrate import schema_version
from data.sqlite.spans import id_ranges
from data.sqlite.totals import count_blocks
from data.summaries import (
    AgentStats,
    KindCount,
    OverallStats,
    PatternStats,
    SessionCounts,
    TimelineCount,
    TimelineRequest,
    count_events,
)
from stream.timestamps import format_timestamp, parse_timestamp

ALL_TIME = [("all", "0000-", "9999-")]

_KINDS = "SELECT agent_name, event_type, pattern, risk_level, SUM(count) FROM ({buckets}) GROUP BY 1, 2, 3, 4"
_BUCKETS = """
    SELECT agent_name, event_type, pattern, risk_level, count FROM metric_buckets
    WHERE width = '{width}' AND start >= :since_{number} AND start < :until_{number} {further}
"""
_SESSIONS = """
    SELECT state, COUNT(*), COUNT(ended_at),
        COALESCE(SUM(ended_at IS NOT NULL AND exit_code = 0
            AND COALESCE(verdict, '') NOT IN ('failed', 'gave_up', 'interrupted')), 0),
        MIN(started_at), MAX(COALESCE(ended_at, heartbeat_at, started_at)), SUM(tokens_total), SUM(cost_usd)
    FROM process_sessions {where} GROUP BY state
"""
_TOTALS = """
    SELECT state, sessions, ended, ended_well, with_tokens, tokens_total, with_cost, cost_usd FROM session_totals
    WHERE sessions > 0 {further}
"""
_FIRST_START = "SELECT MIN(started_at) FROM process_sessions {where}"
_LAST_END = """
    SELECT MAX((SELECT MAX(ended_at) FROM process_sessions AS s WHERE s.agent_name = t.agent_name))
    FROM (SELECT DISTINCT agent_name FROM session_totals WHERE TRUE {further}) AS t
"""
_LAST_SIGN = """
    SELECT MAX(COALESCE(heartbeat_at, started_at)) FROM process_sessions WHERE ended_at IS NULL {further}
"""
_EDGE = """
    SELECT {edge}(start) FROM metric_buckets
    WHERE {column} = :name AND width = '{width}' AND start >= :since AND start < :until
"""
_MOMENT = """
    SELECT {edge}(timestamp) FROM extraction_events
    WHERE id BETWEEN :low AND :high AND +{column} = :name AND timestamp >= :since AND timestamp < :until
"""
# In the order of the primary key, so that nothing is sorted.
_TIMELINE = """
    SELECT start, event_type, count FROM type_buckets
    WHERE width = :width AND start >= :since AND start < :until {further}
    ORDER BY start, agent_name, event_type
"""
_ACTIVE = "SELECT COUNT(*) FROM process_sessions WHERE ended_at IS NULL"


def overall_stats(connection: sqlite3.Connection) -> OverallStats:
    """All zero while nothing is stored."""
    sessions = _all_sessions(connection, None)
    events = count_events(kinds(connection, ALL_TIME))
    return OverallStats(
        sessions.total_sessions,
        sessions.sessions_by_state,
        sessions.success_rate,
        total_code_blocks=count_blocks(connection, None),
        first_seen=sessions.first_seen,
        last_seen=sessions.last_seen,
        tokens_total=sessions.tokens_total,
        cost_usd=sessions.cost_usd,
        **events._asdict(),
    )


def agent_stats(connection: sqlite3.Connection, agent: str) -> AgentStats:
    """All zero for an agent that nobody has heard of."""
    sessions = _all_sessions(connection, agent)
    events = count_events(kinds(connection, ALL_TIME, agent=agent))
    first, last = _edges(connection, "agent_name", agent)
    return AgentStats(
        agent,
        total_sessions=sessions.total_sessions,
        total_extractions=events.total_extractions,
        total_code_blocks=count_blocks(connection, agent),
        extractions_by_type=events.extractions_by_type,
        extractions_by_pattern=events.extractions_by_pattern,
        extractions_by_risk=events.extractions_by_risk,
        success_rate=sessions.success_rate,
        first_seen=min(_known(sessions.first_seen, first), default=None),
        last_seen=max(_known(sessions.last_seen, last), default=None),
        tokens_total=sessions.tokens_total,
        cost_usd=sessions.cost_usd,
    )


def pattern_stats(connection: sqlite3.Connection, pattern: str) -> PatternStats:
    """All zero for a pattern that never matched; without examples."""
    events = count_events(kinds(connection, ALL_TIME, pattern=pattern))
    first, last = _edges(connection, "pattern", pattern)
    return PatternStats(
        pattern,
        total_extractions=events.total_extractions,
        extractions_by_agent=events.extractions_by_agent,
        extractions_by_type=events.extractions_by_type,
        extractions_by_risk=events.extractions_by_risk,
        first_seen=first,
        last_seen=last,
        recent=(),
    )


def kinds(
    connection: sqlite3.Connection, buckets: Sequence[tuple[str, str, str]], **only: str | None
) -> list[KindCount]:
    """Events by kind in the buckets (width, first start, end); of one `agent` or `pattern` if it is given."""
    columns = {"agent": "agent_name", "pattern": "pattern", "event_type": "event_type"}
    given = {name: value for name, value in only.items() if value is not None}
    further = "".join(f" AND {columns[name]} = :{name}" for name in given)
    parts = []
    for number, (width, since, until) in enumerate(buckets):
        parts.append(_BUCKETS.format(width=width, number=number, further=further))
        given |= {f"since_{number}": since, f"until_{number}": until}
    # Added up by SQLite: of thousands of buckets, a few hundred kinds are left. (Of all time there is one of each.)
    sums = _KINDS.format(buckets=" UNION ALL ".join(parts)) if buckets != ALL_TIME else parts[0]
    found = connection.execute(sums, given) if parts else ()
    return [KindCount(*row) for row in found]


def count_sessions(connection: sqlite3.Connection, where: str, values: Any) -> SessionCounts:
    """Sessions that a condition lets through."""
    rows = connection.execute(_SESSIONS.format(where=where), values).fetchall()
    ended, ended_well = (sum(row[column] for row in rows) for column in (2, 3))
    return SessionCounts(
        total_sessions=sum(row[1] for row in rows),
        sessions_by_state={row[0]: row[1] for row in rows if row[0] is not None},
        success_rate=ended_well / ended if ended else None,
        first_seen=min(_known(*(row[4] for row in rows)), default=None),
        last_seen=max(_known(*(row[5] for row in rows)), default=None),
        tokens_total=_sum(row[6] for row in rows),
        cost_usd=_sum(row[7] for row in rows),
    )


def timeline(connection: sqlite3.Connection, wanted: TimelineRequest) -> Sequence[TimelineCount]:
    """Counts by bucket and type, oldest first; a bucket in which nothing happened is left out."""
    width = max((seconds, width) for width, seconds in WIDTHS.items() if wanted.bucket % seconds == 0)[1]
    sql = _TIMELINE.format(further="" if wanted.agent is None else "AND +agent_name = :agent")
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: there are thousands
    counts: dict[tuple[int, str], int] = {}
    last, slot = "", 0
    for start, event_type, events in cursor.execute(sql, {**wanted._asdict(), "width": width}):
        if start != last:
            last, slot = start, parse_timestamp(start) // 1_000_000 // wanted.bucket * wanted.bucket
        counts[slot, event_type] = counts.get((slot, event_type), 0) + events
    return [TimelineCount(*key, events) for key, events in sorted(counts.items())]


def status(connection: sqlite3.Connection) -> DatabaseStatus:
    """What `/api/health` tells of the database."""
    (active,) = connection.execute(_ACTIVE).fetchone()
    return DatabaseStatus(schema_version(connection), active)


def _all_sessions(connection: sqlite3.Connection, agent: str | None) -> SessionCounts:
    """All sessions, or one agent's, from what the triggers have counted."""
    values = {"agent": agent}
    of_agent, where = ("", "") if agent is None else ("AND agent_name = :agent", "WHERE agent_name = :agent")
    states: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for row in connection.execute(_TOTALS.format(further=of_agent), values):
        counted = dict(row)
        states[counted.pop("state")] += counted["sessions"]
        sums.update(counted)
    moments = [
        connection.execute(sql.format(further=of_agent, where=where), values).fetchone()[0]
        for sql in (_FIRST_START, _LAST_END, _LAST_SIGN)
    ]
    return SessionCounts(
        total_sessions=sums["sessions"],
        sessions_by_state={state: number for state, number in states.items() if state},
        success_rate=sums["ended_well"] / sums["ended"] if sums["ended"] else None,
        first_seen=moments[0],
        last_seen=max(_known(*moments[1:]), default=None),
        tokens_total=sums["tokens_total"] if sums["with_tokens"] else None,
        cost_usd=sums["cost_usd"] if sums["with_cost"] else None,
    )


def _edges(connection: sqlite3.Connection, column: str, name: str) -> tuple[str | None, str | None]:
    """The first and the last time of the events of one agent or pattern."""
    return _edge(connection, "MIN", column, name), _edge(connection, "MAX", column, name)


def _edge(connection: sqlite3.Connection, edge: str, column: str, name: str) -> str | None:
    """Which day, which hour and which five minutes it lies in is known from the buckets; only events of these are read.

    Where none is found in them, it is the start of the narrowest bucket.
    """
    values = {"name": name, "since": "0000-", "until": "9999-"}
    start: str | None = None
    for width in ("1d", "1h", "5m"):
        sql = _EDGE.format(edge=edge, column=column, width=width)
        found = connection.execute(sql, values).fetchone()[0]
        if found is None:
            break
        start = found
        end = format_timestamp(parse_timestamp(start) + WIDTHS[width] * 1_000_000)
        values |= {"since": start, "until": end}
    if start is None:
        return None
    sql = _MOMENT.format(edge=edge, column=column)
    times = [
        connection.execute(sql, values | {"low": low, "high": high}).fetchone()[0]
        for low, high in id_ranges(connection, values["since"], values["until"])
    ]
    return (min if edge == "MIN" else max)(_known(*times), default=start)


def _sum(amounts: Iterable[Any]) -> Any:
    """The sum of what is known, None if nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _known(*times: str | None) -> list[str]:
    return [time for time in times if time is not None]
