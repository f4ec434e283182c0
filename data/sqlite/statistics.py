"""Counts over many rows: one agent, one pattern, a span of time. Each function reads within the caller's snapshot."""

from collections import Counter
from collections.abc import Iterable, Sequence

import aiosqlite

from data.queries import AgentStats, DatabaseStatus, PatternStats, TimelineCount, TimelineRequest
from data.rollups import WIDTHS
from data.sqlite.migrate import schema_version

_AGENT_SESSIONS = """
    SELECT COUNT(*), COUNT(ended_at), COALESCE(SUM(ended_at IS NOT NULL AND exit_code = 0), 0),
        MIN(started_at), MAX(COALESCE(ended_at, heartbeat_at, started_at))
    FROM process_sessions WHERE agent_name = ?
"""
_AGENT_EVENTS = """
    SELECT event_type, pattern, risk_level, COUNT(*), MIN(timestamp), MAX(timestamp)
    FROM extraction_events WHERE agent_name = ? GROUP BY event_type, pattern, risk_level
"""
_AGENT_BLOCKS = "SELECT COUNT(DISTINCT block_id) FROM code_block_occurrences WHERE agent_name = ?"
_PATTERN_EVENTS = """
    SELECT agent_name, event_type, COUNT(*), MIN(timestamp), MAX(timestamp)
    FROM extraction_events WHERE pattern = ? GROUP BY agent_name, event_type
"""
_TIMELINE = """
    SELECT CAST(strftime('%s', start) AS INTEGER) / ?1 * ?1 AS slot, event_type, SUM(count)
    FROM metric_buckets
    WHERE width = ?5 AND start >= ?2 AND start < ?3 AND (?4 IS NULL OR agent_name = ?4)
    GROUP BY slot, event_type ORDER BY slot, event_type
"""
_ACTIVE = "SELECT COUNT(*) FROM process_sessions WHERE ended_at IS NULL"


async def agent_stats(connection: aiosqlite.Connection, agent: str) -> AgentStats:
    """All zero for an agent that nobody has heard of."""
    (sessions,) = await connection.execute_fetchall(_AGENT_SESSIONS, (agent,))
    groups = list(await connection.execute_fetchall(_AGENT_EVENTS, (agent,)))
    (blocks,) = await connection.execute_fetchall(_AGENT_BLOCKS, (agent,))
    total, ended, ended_well, started, seen = sessions
    return AgentStats(
        agent,
        total_sessions=total,
        total_extractions=sum(row[3] for row in groups),
        total_code_blocks=blocks[0],
        extractions_by_type=_sums((row[0], row[3]) for row in groups),
        extractions_by_pattern=_sums((row[1], row[3]) for row in groups),
        extractions_by_risk=_sums((row[2], row[3]) for row in groups),
        success_rate=ended_well / ended if ended else None,
        first_seen=min(_known([started, *(row[4] for row in groups)]), default=None),
        last_seen=max(_known([seen, *(row[5] for row in groups)]), default=None),
    )


async def pattern_stats(connection: aiosqlite.Connection, pattern: str) -> PatternStats:
    """All zero for a pattern that never matched; without examples."""
    groups = list(await connection.execute_fetchall(_PATTERN_EVENTS, (pattern,)))
    return PatternStats(
        pattern,
        total_extractions=sum(row[2] for row in groups),
        extractions_by_agent=_sums((row[0], row[2]) for row in groups),
        extractions_by_type=_sums((row[1], row[2]) for row in groups),
        first_seen=min(_known(row[3] for row in groups), default=None),
        last_seen=max(_known(row[4] for row in groups), default=None),
        recent=(),
    )


async def timeline(connection: aiosqlite.Connection, wanted: TimelineRequest) -> Sequence[TimelineCount]:
    """Counts by bucket and type, oldest first; a bucket in which nothing happened is left out."""
    width = max((seconds, width) for width, seconds in WIDTHS.items() if wanted.bucket % seconds == 0)[1]
    rows = await connection.execute_fetchall(
        _TIMELINE, (wanted.bucket, wanted.since, wanted.until, wanted.agent, width)
    )
    return [TimelineCount(*row) for row in rows]


async def status(connection: aiosqlite.Connection) -> DatabaseStatus:
    """What `/api/health` tells of the database."""
    (active,) = await connection.execute_fetchall(_ACTIVE)
    return DatabaseStatus(await schema_version(connection), active[0])


def _sums(counts: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    """Totals by name, the highest first; None has no name."""
    sums: Counter[str] = Counter()
    for name, count in counts:
        if name is not None:
            sums[name] += count
    return dict(sums.most_common())


def _known(times: Iterable[str | None]) -> list[str]:
    return [time for time in times if time is not None]
