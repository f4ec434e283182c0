"""How SQLite answers every question: no scan of a table that grows, nothing sorted that an index has in order.

The planner goes by the statistics that the schema brings along, so that a small database has the plans of a large one.
"""

import itertools
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from data.queries import BlockFilter, Cursor, ExtractionFilter, PageRequest, SessionFilter
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.summaries import TOP_BY, TimelineRequest, TopRequest
from data.terms import parse_terms
from data.usage import USAGE_BY, UsageRequest
from sample_database import SampleDatabase, at

pytestmark = pytest.mark.anyio

# Small beside what they tell of: a row for 32,768 events, a few for each agent; and sessions, which a page reads in
# their own order until it is full.
SMALL = ("event_span_groups", "session_totals", "process_sessions")
# What is grouped or counted once each is few rows, all of them read whatever their order: buckets, sessions by state,
# the events and blocks of one session.
GROUPED = ("GROUP BY", "COUNT(DISTINCT")

EVENTS = {
    "agent": "codex",
    "event_type": "error",
    "pattern": "p",
    "session": "s1",
    "risk": "high",
    "since": at(1),
    "q": parse_terms("open"),
}
BLOCKS = {"agent": "codex", "language": "python", "session": "s1", "since": at(1), "q": parse_terms("print")}
SESSIONS = {"agent": "codex", "state": "failed", "verdict": "gave_up", "active": False, "since": at(1)}
PAGES = (PageRequest(), PageRequest(cursor=Cursor(900)), PageRequest(offset=10))


class Traced:
    """A reader, and every statement that it has executed since it was last asked."""

    def __init__(self, reader: SQLiteReader, database: SampleDatabase, executed: list[str]) -> None:
        self.reader = reader
        self.executed = executed
        self._database = database

    def flaws(self) -> dict[str, list[str]]:
        """Steps of the statements that take longer the more is stored."""
        # Among them are those that FTS5 reads its own tables with, by their keys.
        statements = [sql for sql in self.executed if sql.split()[0] == "SELECT" and "'main'." not in sql]
        assert statements
        self.executed.clear()
        return {sql: found for sql in statements if (found := self._flaws(sql))}

    def _flaws(self, sql: str) -> list[str]:
        grouped = any(mark in sql for mark in GROUPED)
        return [
            step
            for step in (row["detail"] for row in self._database.rows(f"EXPLAIN QUERY PLAN {sql}"))
            if _scans(step) or ("TEMP B-TREE" in step and not grouped)
        ]


def _scans(step: str) -> bool:
    verb, *words = step.split()
    # An index of text is read by its terms, which SQLite calls a scan; the rows of an inner list are no table.
    return verb == "SCAN" and not (
        words[0] in (*SMALL, "CONSTANT") or words[0].startswith("(subquery") or "VIRTUAL" in words
    )


@pytest.fixture
async def traced(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Traced]:  # noqa: ARG001 (runs it)
    SampleDatabase(
        tmp_path / "wrapper.db"
    ).close()  # statistics are read when a database is opened, not when it is made
    database = SampleDatabase(tmp_path / "wrapper.db")
    _fill(database)
    executed: list[str] = []
    async with ReadPool(database.path, size=1, watch=lambda c: c.set_trace_callback(executed.append)) as pool:
        yield Traced(SQLiteReader(pool), database, executed)
    database.close()


def _fill(database: SampleDatabase) -> None:
    database.session("s1", state="failed", ended_at=at(9), exit_code=1)
    database.session("s2")
    for minute in range(20):
        database.event("s1", timestamp=at(minute), risk_level="high", matched_value="no", original_line="cannot open")
    database.event("s2", event_type="permission")
    database.block("s1", "print(1)")


def combinations(fields: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {name: fields[name] for name in names}
        for size in range(len(fields) + 1)
        for names in itertools.combinations(fields, size)
    ]


@pytest.mark.parametrize("page", PAGES, ids=["first", "cursor", "offset"])
async def test_events_by_any_filters_are_neither_scanned_nor_sorted(traced: Traced, page: PageRequest) -> None:
    for wanted in combinations(EVENTS):
        await traced.reader.extractions(ExtractionFilter(**wanted), page)
        # Without any filter the newest rows are read in the order of their ids: a scan that ends when the page is full.
        assert {sql: s for sql, s in traced.flaws().items() if wanted} == {}, wanted
    await traced.reader.extractions(ExtractionFilter(after=3), PageRequest(cursor=Cursor(5, ascending=True)))
    assert traced.flaws() == {}


@pytest.mark.parametrize("page", PAGES, ids=["first", "cursor", "offset"])
async def test_blocks_and_sessions_by_any_filters_are_neither_scanned_nor_sorted(
    traced: Traced, page: PageRequest
) -> None:
    for wanted in combinations(SESSIONS):
        for behind in (page, page._replace(cursor=page.cursor and Cursor(900, started=at(5)))):
            await traced.reader.sessions(SessionFilter(**wanted), behind)
        assert traced.flaws() == {}, wanted
    for wanted in combinations(BLOCKS):
        await traced.reader.code_blocks(BlockFilter(**wanted), page)
        assert {sql: s for sql, s in traced.flaws().items() if wanted} == {}, wanted


async def test_statistics_read_no_events_but_a_session_s_own(traced: Traced) -> None:
    reader = traced.reader
    await reader.overall_stats()
    await reader.agent_stats("codex")
    await reader.pattern_stats("error_line", 10)
    await reader.timeline(TimelineRequest(at(0), at(60), 300, "codex"))
    await reader.timeline(TimelineRequest(at(0), at(60), 300))
    await reader.span_summary(at(0), at(60), "codex")
    await reader.session_summary("s1")
    await reader.session("last")
    await reader.concerns(10)
    for by in TOP_BY:
        await reader.top(TopRequest(by, at(0), at(60)))
    for by in USAGE_BY:
        await reader.usage(UsageRequest(by, at(0)))
    await reader.status()
    assert traced.flaws() == {}


async def test_a_search_reads_the_index_of_the_text(traced: Traced) -> None:
    await traced.reader.search(parse_terms("open*"), None, 10)
    assert traced.flaws() == {}


async def test_what_is_called_a_flaw_is_one(traced: Traced) -> None:
    def ask(connection: sqlite3.Connection) -> None:
        connection.execute("SELECT * FROM extraction_events WHERE original_line = 'x'")
        connection.execute("SELECT * FROM extraction_events WHERE session_id = 's1' ORDER BY timestamp")

    await traced.reader._pool.read(ask)
    scan, sort = traced.flaws().values()
    assert scan == ["SCAN extraction_events"]
    assert sort == ["USE TEMP B-TREE FOR ORDER BY"]
