"""From a span of time to ids of events: by `event_spans`, which holds the span of every block of ids.

Ids are given in the order of commits, and times in a session rise with them. So a span of time is a few ranges of ids,
whatever came between (sessions that were indexed again have higher ids than their times).
"""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from data.sqlite.counts import GROUP_BITS, SPAN_BITS

IdRange = tuple[int, int]

_GROUPS = """
    SELECT number, earliest, latest FROM event_span_groups WHERE earliest < ? AND latest >= ? ORDER BY number
"""
_BLOCKS = "SELECT block, earliest, latest FROM event_spans WHERE block >= ? AND block < ? ORDER BY block"
_ALWAYS = ("0000-", "9999-")
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
    return id_ranges_of(connection, [(since or _ALWAYS[0], until or _ALWAYS[1])])


def id_ranges_of(connection: sqlite3.Connection, times: Sequence[tuple[str, str]]) -> list[IdRange]:
    """The ranges for several spans of time, which are in their order and do not overlap."""
    return merge_blocks(_touched(connection, times))


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


def merge_blocks(found: Iterable[tuple[int, int]]) -> list[IdRange]:
    """The ids of runs of blocks (the first and the last of each) in their order, neighbours together."""
    ranges: list[list[int]] = []
    for first, last in found:
        if ranges and first - ranges[-1][1] <= _GAP:
            ranges[-1][1] = last
        else:
            ranges.append([first, last])
    return [(first << SPAN_BITS, (last + 1 << SPAN_BITS) - 1) for first, last in ranges]


def _touched(connection: sqlite3.Connection, times: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Runs of blocks that events of these spans may be in: whole groups, or block by block at the edges of a span."""
    ends = [until for _, until in times]
    cursor = connection.cursor()
    cursor.row_factory = None
    bounds = (ends[-1], times[0][0]) if times else ("", "")
    for group, earliest, latest in cursor.execute(_GROUPS, bounds).fetchall():
        place = bisect_right(ends, earliest)
        if place == len(times) or latest < times[place][0]:
            continue
        first, behind = group << GROUP_BITS, group + 1 << GROUP_BITS
        if times[place][0] <= earliest and latest < times[place][1]:
            yield first, behind - 1
            continue
        for block, earliest_of, latest_of in cursor.execute(_BLOCKS, (first, behind)):
            place = bisect_right(ends, earliest_of)
            if place < len(times) and times[place][0] <= latest_of:
                yield block, block
