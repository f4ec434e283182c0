"""The reading side of SQLite: lists by any combination of filters, newest first.

A list is in the order of ids and goes on below the last id that was shown: rows that arrive meanwhile neither shift
nor repeat anything.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import aiosqlite

from data.queries import (
    COUNTED_EXACTLY,
    LAST_SESSION,
    AgentStats,
    BlockFilter,
    DatabaseStatus,
    ExtractionFilter,
    Page,
    PageRequest,
    PatternStats,
    SessionDetail,
    SessionFilter,
    TimelineCount,
    TimelineRequest,
    encode_cursor,
)
from data.sqlite import statistics
from data.sqlite.listings import BLOCKS, EVENTS, SESSIONS, Listing, Query, count_rows, select_page
from data.sqlite.read_pool import ReadPool
from data.sqlite.rows import (
    EVENT_COLUMNS,
    SESSION_COLUMNS,
    STATE_COLUMNS,
    read_block,
    read_event,
    read_session,
    read_state_change,
)
from data.stores import SessionNotFoundError
from stream.records import CodeBlock, ExtractionEvent, Session

Record = TypeVar("Record")

_SESSION_BY_ID = f"SELECT {SESSION_COLUMNS} FROM process_sessions WHERE session_id = ?"
_NEWEST_SESSION = f"SELECT {SESSION_COLUMNS} FROM process_sessions ORDER BY id DESC LIMIT 1"
# GLOB with a bound prefix would not use the index; a range does. Ids are hexadecimal, so "g" is above all of them.
_IDS_BY_PREFIX = """
    SELECT session_id FROM process_sessions WHERE session_id >= ?1 AND session_id < ?1 || 'g' ORDER BY 1 LIMIT ?2
"""
_STATES = f"SELECT {STATE_COLUMNS} FROM process_state_changes WHERE session_id = ? ORDER BY id"
_TYPES = "SELECT event_type, COUNT(*) FROM extraction_events WHERE session_id = ? GROUP BY event_type"
_SESSION_EVENTS = f"""
    SELECT {EVENT_COLUMNS} FROM extraction_events WHERE session_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?
"""
_LAST_EVENT = "SELECT COALESCE(MAX(id), 0) FROM extraction_events WHERE session_id = ?"


class SQLiteReader:
    """`data.queries.Reader` over a pool of read-only connections."""

    def __init__(self, pool: ReadPool) -> None:
        self._pool = pool

    async def extractions(self, wanted: ExtractionFilter, page: PageRequest) -> Page[ExtractionEvent]:
        return await self._page(EVENTS, wanted._asdict(), page, read_event)

    async def code_blocks(self, wanted: BlockFilter, page: PageRequest) -> Page[CodeBlock]:
        return await self._page(BLOCKS, wanted._asdict(), page, read_block)

    async def sessions(self, wanted: SessionFilter, page: PageRequest) -> Page[Session]:
        return await self._page(SESSIONS, wanted._asdict(), page, read_session)

    async def session(self, session_id: str) -> SessionDetail:
        async with self._pool.snapshot() as connection:
            session = await _session(connection, session_id)
            states = await connection.execute_fetchall(_STATES, (session.session_id,))
            types = await connection.execute_fetchall(_TYPES, (session.session_id,))
            return SessionDetail(session, [read_state_change(row) for row in states], {row[0]: row[1] for row in types})

    async def session_ids(self, prefix: str, limit: int) -> Sequence[str]:
        """Ids that start with `prefix`, sorted."""
        async with self._pool.snapshot() as connection:
            return [row[0] for row in await connection.execute_fetchall(_IDS_BY_PREFIX, (prefix, limit))]

    async def session_extractions(
        self, session_id: str, after: int, until: int, limit: int
    ) -> Sequence[ExtractionEvent]:
        async with self._pool.snapshot() as connection:
            rows = await connection.execute_fetchall(_SESSION_EVENTS, (session_id, after, until, limit))
            return [read_event(row) for row in rows]

    async def last_extraction(self, session_id: str) -> int:
        async with self._pool.snapshot() as connection:
            ((last,),) = await connection.execute_fetchall(_LAST_EVENT, (session_id,))
            return int(last)

    async def agent_stats(self, agent: str) -> AgentStats:
        async with self._pool.snapshot() as connection:
            return await statistics.agent_stats(connection, agent)

    async def pattern_stats(self, pattern: str, recent: int) -> PatternStats:
        async with self._pool.snapshot() as connection:
            stats = await statistics.pattern_stats(connection, pattern)
            examples = await _fetch(connection, select_page(EVENTS, {"pattern": pattern}, PageRequest(recent)))
            return stats._replace(recent=[read_event(row) for row in examples])

    async def timeline(self, wanted: TimelineRequest) -> Sequence[TimelineCount]:
        async with self._pool.snapshot() as connection:
            return await statistics.timeline(connection, wanted)

    async def status(self) -> DatabaseStatus:
        async with self._pool.snapshot() as connection:
            return await statistics.status(connection)

    async def _page(
        self,
        listing: Listing,
        wanted: Mapping[str, Any],
        page: PageRequest,
        read: Callable[[aiosqlite.Row], Record],
    ) -> Page[Record]:
        async with self._pool.snapshot() as connection:
            ((total,),) = await _fetch(connection, count_rows(listing, wanted, page.exact))
            # One row more than asked for tells whether there is a next page.
            rows = await _fetch(connection, select_page(listing, wanted, page._replace(limit=page.limit + 1)))
        shown = rows[: page.limit]
        return Page(
            [read(row) for row in shown],
            total if page.exact else min(total, COUNTED_EXACTLY),
            "exact" if page.exact or total <= COUNTED_EXACTLY else "at_least",
            encode_cursor(shown[-1]["id"]) if len(rows) > page.limit else None,
        )


async def _session(connection: aiosqlite.Connection, session_id: str) -> Session:
    found = (
        await connection.execute_fetchall(_NEWEST_SESSION)
        if session_id == LAST_SESSION
        else await connection.execute_fetchall(_SESSION_BY_ID, (session_id,))
    )
    for row in found:
        return read_session(row)
    if session_id == LAST_SESSION:
        raise SessionNotFoundError("no session has been stored yet", "record one: wrapper AGENT --enable-db")
    raise SessionNotFoundError(f"no session has the id {session_id!r}", "/api/query/sessions lists them")


async def _fetch(connection: aiosqlite.Connection, query: Query) -> list[aiosqlite.Row]:
    return list(await connection.execute_fetchall(query.sql, query.values))
