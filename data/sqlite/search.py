"""The reading side of SQLite: lists by any combination of filters, one session, full text, statistics.

Every answer is read in one snapshot and one way to the connection's thread. A list goes on behind the last row that was
shown: rows that arrive meanwhile neither shift nor repeat anything.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from data.queries import (
    LAST_SESSION,
    BlockFilter,
    DatabaseStatus,
    ExtractionFilter,
    Found,
    Page,
    PageRequest,
    PageText,
    SessionDetail,
    SessionFilter,
)
from data.sqlite import analytics, fulltext, hits, statistics, usage_answers
from data.sqlite.batch import session_not_found
from data.sqlite.listings import BLOCKS, EVENTS, Listing
from data.sqlite.pages import Row, read_page, read_page_text
from data.sqlite.read_pool import ReadPool
from data.sqlite.rows import (
    EVENT_COLUMNS,
    EVENT_JSON,
    SESSION_COLUMNS,
    STATE_COLUMNS,
    read_block,
    read_event,
    read_session,
    read_state_change,
)
from data.sqlite.search_index import SearchIndex
from data.sqlite.session_pages import read_sessions
from data.stores import SessionNotFoundError
from data.summaries import (
    AgentStats,
    Concern,
    OverallStats,
    PatternStats,
    Summary,
    TimelineCount,
    TimelineRequest,
    Top,
    TopRequest,
)
from data.terms import Term
from data.usage import UsageAnswer, UsageRequest
from stream.records import CodeBlock, ExtractionEvent, Session

Record = TypeVar("Record")
Answer = TypeVar("Answer")

_SESSION_BY_ID = f"SELECT {SESSION_COLUMNS} FROM process_sessions WHERE session_id = ?"
_NEWEST_SESSION = f"SELECT {SESSION_COLUMNS} FROM process_sessions ORDER BY started_at DESC, id DESC LIMIT 1"
# GLOB with a bound prefix would not use the index; a range does. Ids are hexadecimal, so "g" is above all of them.
_IDS_BY_PREFIX = """
    SELECT session_id FROM process_sessions WHERE session_id >= ?1 AND session_id < ?1 || 'g' ORDER BY 1 LIMIT ?2
"""
_STATES = f"SELECT {STATE_COLUMNS} FROM process_state_changes WHERE session_id = ? ORDER BY id"
_TYPES = "SELECT event_type, SUM(count) FROM session_kinds WHERE session_id = ? GROUP BY event_type ORDER BY event_type"
_SESSION_EVENTS = f"""
    SELECT {EVENT_COLUMNS} FROM extraction_events WHERE session_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?
"""
_LAST_EVENT = "SELECT COALESCE(MAX(id), 0) FROM extraction_events WHERE session_id = ?"


class SQLiteReader:
    """`data.queries.Reader` over a pool of read-only connections.

    `index` is what is asked to bring the full text up to date before it is searched; without it, it stays as it is.
    """

    def __init__(self, pool: ReadPool, index: SearchIndex | None = None) -> None:
        self._pool = pool
        self._index = index

    async def extractions(self, wanted: ExtractionFilter, page: PageRequest) -> Page[ExtractionEvent]:
        return await self._page(EVENTS, wanted._asdict(), page, read_event)

    async def extractions_as_json(self, wanted: ExtractionFilter, page: PageRequest) -> PageText:
        fields = wanted._asdict()

        def question(connection: sqlite3.Connection) -> PageText:
            found = read_page_text(connection, EVENTS, fields, page, EVENT_JSON)
            return found if wanted.q is None else found._replace(complete=fulltext.is_complete(connection))

        return await self._list(question, searching=wanted.q is not None)

    async def code_blocks(self, wanted: BlockFilter, page: PageRequest) -> Page[CodeBlock]:
        return await self._page(BLOCKS, wanted._asdict(), page, read_block)

    async def sessions(self, wanted: SessionFilter, page: PageRequest) -> Page[Session]:
        def question(connection: sqlite3.Connection) -> Page[Session]:
            found = read_sessions(connection, wanted._asdict(), page)
            return Page([read_session(row) for row in found.rows], found.total, found.total_is, found.next)

        return await self._list(question, searching=False)

    async def session(self, session_id: str) -> SessionDetail:
        return await self._pool.read_soon(lambda connection: _detail(connection, session_id))

    async def session_ids(self, prefix: str, limit: int) -> Sequence[str]:
        """Ids that start with `prefix`, sorted."""
        rows = await self._pool.read_soon(
            lambda connection: connection.execute(_IDS_BY_PREFIX, (prefix, limit)).fetchall()
        )
        return [row[0] for row in rows]

    async def session_extractions(
        self, session_id: str, after: int, until: int, limit: int
    ) -> Sequence[ExtractionEvent]:
        values = (session_id, after, until, limit)
        rows = await self._pool.read(lambda connection: connection.execute(_SESSION_EVENTS, values).fetchall())
        return [read_event(row) for row in rows]

    async def last_extraction(self, session_id: str) -> int:
        row = await self._pool.read_soon(lambda connection: connection.execute(_LAST_EVENT, (session_id,)).fetchone())
        return int(row[0])

    async def search(self, terms: tuple[Term, ...], source: str | None, limit: int) -> Found:
        await self._catch_up()
        return await self._pool.read(lambda connection: hits.search(connection, terms, source, limit))

    async def overall_stats(self) -> OverallStats:
        return await self._pool.read_soon(statistics.overall_stats)

    async def agent_stats(self, agent: str) -> AgentStats:
        return await self._pool.read_soon(lambda connection: statistics.agent_stats(connection, agent))

    async def pattern_stats(self, pattern: str, recent: int) -> PatternStats:
        stats = await self._pool.read_soon(lambda connection: statistics.pattern_stats(connection, pattern))
        newest = await self.extractions(ExtractionFilter(pattern=pattern), PageRequest(recent))
        return stats._replace(recent=newest.rows)

    async def timeline(self, wanted: TimelineRequest) -> Sequence[TimelineCount]:
        return await self._pool.read(lambda connection: statistics.timeline(connection, wanted))

    async def span_summary(self, since: str, until: str, agent: str | None = None) -> Summary:
        return await self._pool.read(lambda connection: analytics.span_summary(connection, since, until, agent))

    async def session_summary(self, session_id: str) -> Summary:
        return await self._pool.read(
            lambda connection: analytics.session_summary(connection, _session(connection, session_id))
        )

    async def concerns(self, limit: int) -> Sequence[Concern]:
        return await self._pool.read_soon(lambda connection: analytics.concerns(connection, limit))

    async def top(self, wanted: TopRequest) -> Top:
        return await self._pool.read(lambda connection: analytics.top(connection, wanted))

    async def usage(self, wanted: UsageRequest) -> UsageAnswer:
        return await self._pool.read(lambda connection: usage_answers.usage(connection, wanted))

    async def status(self) -> DatabaseStatus:
        return await self._pool.read_soon(statistics.status)

    async def _page(
        self, listing: Listing, wanted: Mapping[str, Any], page: PageRequest, read: Callable[[Row], Record]
    ) -> Page[Record]:
        searching = bool(wanted.get("q"))

        def question(connection: sqlite3.Connection) -> Page[Record]:
            found = read_page(connection, listing, wanted, page)
            complete = not searching or fulltext.is_complete(connection)
            return Page([read(row) for row in found.rows], found.total, found.total_is, found.next, complete)

        return await self._list(question, searching=searching)

    async def _list(self, question: Callable[[sqlite3.Connection], Answer], *, searching: bool) -> Answer:
        if not searching:
            return await self._pool.read_soon(question)
        await self._catch_up()
        # A search may take long within one operation of SQLite's machine, which nothing can interrupt.
        return await self._pool.read(question)

    async def _catch_up(self) -> None:
        if self._index is not None:
            await self._index.catch_up()


def _detail(connection: sqlite3.Connection, session_id: str) -> SessionDetail:
    session = _session(connection, session_id)
    states = connection.execute(_STATES, (session.session_id,))
    types = connection.execute(_TYPES, (session.session_id,))
    return SessionDetail(session, [read_state_change(row) for row in states], {row[0]: row[1] for row in types})


def _session(connection: sqlite3.Connection, session_id: str) -> Session:
    last = session_id == LAST_SESSION
    row = connection.execute(*((_NEWEST_SESSION,) if last else (_SESSION_BY_ID, (session_id,)))).fetchone()
    if row is not None:
        return read_session(row)
    if last:
        raise SessionNotFoundError("no session has been stored yet", "record one: wrapper AGENT --enable-db")
    raise session_not_found(session_id)
