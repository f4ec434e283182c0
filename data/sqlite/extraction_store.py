"""Events and code blocks in SQLite. All that is stored goes through `data.sqlite.batch`, as the indexer's does."""

from collections import Counter
from collections.abc import Iterable

from data.queries import PageRequest
from data.sqlite.batch import block_statements, event_statements
from data.sqlite.connection import SQLiteStore
from data.sqlite.listings import EVENTS, select_page
from data.sqlite.rows import EVENT_COLUMNS, read_block, read_event
from data.sqlite.totals import BLOCKS, KINDS
from data.sqlite.transaction import Conversation, Statement
from data.stores import ExtractionStats
from stream.records import CodeBlock, ExtractionEvent

_EVENTS = f"SELECT {EVENT_COLUMNS} FROM extraction_events WHERE"
_BY_TYPE = f"{_EVENTS} agent_name = ? AND event_type = ? ORDER BY id DESC LIMIT ?"
_BY_PATTERN = f"{_EVENTS} agent_name = ? AND pattern = ? ORDER BY id DESC LIMIT ?"
_BY_SESSION = f"{_EVENTS} session_id = ? ORDER BY id"
_BLOCK_ID = "SELECT block_id FROM code_block_occurrences WHERE id = last_insert_rowid()"
# A block as the agent had it first: its row may belong to another agent's session. CROSS JOIN keeps the order of ids.
_BLOCKS = """
    SELECT b.id, o.agent_name, o.session_id, o.timestamp, b.language, b.content, o.line_start, o.line_end,
        o.context_json, b.parseable, o.stream, o.byte_offset
    FROM code_block_occurrences AS o CROSS JOIN code_blocks AS b ON b.id = o.block_id
    WHERE o.agent_name = ?1 AND (?2 IS NULL OR b.language = ?2) AND NOT EXISTS (
        SELECT 1 FROM code_block_occurrences AS earlier
        WHERE earlier.agent_name = ?1 AND earlier.block_id = o.block_id AND earlier.id < o.id)
    ORDER BY o.block_id DESC LIMIT ?3
"""
_COUNTS = """
    SELECT event_type, pattern, SUM(count) FROM metric_buckets
    WHERE agent_name = ? AND width = 'all' GROUP BY event_type, pattern
"""
_COUNT_SESSIONS = """
    SELECT COALESCE(SUM(sessions), 0), COALESCE(SUM(ended), 0), COALESCE(SUM(ended_well), 0)
    FROM session_totals WHERE agent_name = ?
"""
_ALL = -1  # SQLite's limit for no limit


class SQLiteExtractionStore(SQLiteStore):
    """`data.stores.ExtractionStore`. An event need not belong to a session that is stored."""

    async def save_extraction(self, event: ExtractionEvent) -> int:
        return await self._connection.store(event_statements((event,)))

    async def save_extraction_batch(self, events: Iterable[ExtractionEvent]) -> int:
        """Stores all or none; returns how many."""
        batch = tuple(events)
        await self._connection.store(event_statements(batch))
        return len(batch)

    async def get_extractions_by_agent(self, agent: str, limit: int | None = 100) -> list[ExtractionEvent]:
        kinds = dict.fromkeys(row[0] for row in await self._connection.fetch(KINDS, (agent,)))
        if not kinds:
            return []
        query = select_page(EVENTS, {"agent": agent, "kinds": tuple(kinds)}, PageRequest(_limit(limit)))
        return [read_event(row) for row in await self._connection.fetch(query.sql, query.values)]

    async def get_extractions_by_type(
        self, agent: str, event_type: str, limit: int | None = 100
    ) -> list[ExtractionEvent]:
        return await self._events(_BY_TYPE, agent, event_type, _limit(limit))

    async def get_extractions_by_pattern(
        self, agent: str, pattern: str, limit: int | None = 100
    ) -> list[ExtractionEvent]:
        return await self._events(_BY_PATTERN, agent, pattern, _limit(limit))

    async def get_extractions_by_session(self, session_id: str) -> list[ExtractionEvent]:
        return await self._events(_BY_SESSION, session_id)

    async def get_extraction_stats(self, agent: str) -> ExtractionStats:
        counts = await self._connection.fetch(_COUNTS, (agent,))
        ((sessions, ended, ended_well),) = await self._connection.fetch(_COUNT_SESSIONS, (agent,))
        blocks = sum(row[0] for row in await self._connection.fetch(BLOCKS, ("agent", agent)))
        by_type: Counter[str] = Counter()
        by_pattern: Counter[str] = Counter()
        for event_type, pattern, count in counts:
            by_type[event_type] += count
            by_pattern[pattern] += count
        success_rate = ended_well / ended if ended else None
        return ExtractionStats(agent, sessions, by_type.total(), blocks, by_type, by_pattern, success_rate)

    async def save_code_block(self, block: CodeBlock) -> int:
        return await self._connection.store(_save_block(block))

    async def get_code_blocks(
        self, agent: str, language: str | None = None, limit: int | None = 100
    ) -> list[CodeBlock]:
        """Each content once, where the agent had it first; its id is the content's."""
        return [read_block(row) for row in await self._connection.fetch(_BLOCKS, (agent, language, _limit(limit)))]

    async def _events(self, sql: str, *values: str | int) -> list[ExtractionEvent]:
        return [read_event(row) for row in await self._connection.fetch(sql, values)]


def _save_block(block: CodeBlock) -> Conversation[int]:
    yield from block_statements((block,))
    found = yield Statement(_BLOCK_ID)
    ((block_id,),) = found.rows
    return int(block_id)


def _limit(limit: int | None) -> int:
    return _ALL if limit is None else limit
