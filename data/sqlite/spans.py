"""From a span of time to ids of events: by `event_spans`, which holds the span of every block of ids.

Ids are given in the order of commits, and times in a session rise with them. So a span of time is a few ranges of ids,
whatever came between (sessions that were indexed again have higher ids than their times).
"""

import sqlite3
from collections.abc import Iterable

from data.sqlite.batch import SPAN_BITS

IdRange = tuple[int, int]

_BLOCKS = """
    SELECT block FROM event_spans
    WHERE (:until IS NULL OR earliest < :until) AND (:since IS NULL OR latest >= :since) ORDER BY block
"""
_SESSIONS = """
    SELECT (SELECT MIN(id) FROM extraction_events WHERE session_id = s.session_id) AS first,
        (SELECT MAX(id) FROM extraction_events WHERE session_id = s.session_id), total_extraction_events
    FROM process_sessions AS s WHERE agent_name = :agent LIMIT :limit
"""
_EVENTS = "SELECT COALESCE(SUM(count), 0) FROM metric_buckets WHERE agent_name = ? AND width = 'all'"
_FEW = 16  # sessions of an agent whose events are looked for session by session
_GAP = 4  # blocks between two ranges that are read rather than asked for apart


def id_ranges(connection: sqlite3.Connection, since: str | None, until: str | None) -> list[IdRange]:
    """The ranges of ids in which all events of the span are, in the order of ids; others may be in them, too."""
    rows = connection.execute(_BLOCKS, {"since": since, "until": until})
    return merge_blocks(block for (block,) in rows)


def id_ranges_of(connection: sqlite3.Connection, times: Iterable[tuple[str, str]]) -> list[IdRange]:
    """The ranges for several spans of time."""
    blocks: set[int] = set()
    for since, until in times:
        blocks.update(block for (block,) in connection.execute(_BLOCKS, {"since": since, "until": until}))
    return merge_blocks(sorted(blocks))


def id_ranges_of_agent(connection: sqlite3.Connection, agent: str) -> list[IdRange] | None:
    """The ranges in which an agent's events are; None where they are in many sessions, or in none that is stored."""
    sessions = connection.execute(_SESSIONS, {"agent": agent, "limit": _FEW + 1}).fetchall()
    (events,) = connection.execute(_EVENTS, (agent,)).fetchone()
    if len(sessions) > _FEW or sum(row[2] for row in sessions) != events:
        return None
    ranges: list[IdRange] = []
    for first, last, _ in sorted(tuple(row) for row in sessions if row[0] is not None):
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(ranges[-1][1], last))
        else:
            ranges.append((first, last))
    return ranges


def merge_blocks(blocks: Iterable[int]) -> list[IdRange]:
    """The ids of blocks in their order, neighbours together."""
    ranges: list[list[int]] = []
    for block in blocks:
        if ranges and block - ranges[-1][1] <= _GAP:
            ranges[-1][1] = block
        else:
            ranges.append([block, block])
    return [(first << SPAN_BITS, (last + 1 << SPAN_BITS) - 1) for first, last in ranges]
