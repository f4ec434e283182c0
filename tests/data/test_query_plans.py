"""What SQLite does for the stores: no scan of a table that grows, and no sorting of what an index has in order."""

import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.sqlite.connection import AsyncConnection, connect
from data.sqlite.database import open_writer
from data.sqlite.extraction_store import SQLiteExtractionStore
from data.sqlite.recording_store import SQLiteRecordingStore
from data.sqlite.session_store import SQLiteSessionStore
from samples import SESSION, TIME, a_batch, a_block, a_session, a_state, an_event
from stream.records import Usage

FILTERS = ("agent_name", "event_type", "pattern", "session_id", "risk_level")
# An agent's days and a session's minutes are grouped: few rows, all of them read, whatever the order.
GROUPED = ("FROM metric_buckets", "AS minute")


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    open_writer(path).close()  # the planner's statistics are read when a database is opened: not the moment it is made
    connection = open_writer(path)
    yield connection
    connection.close()


def plan(connection: sqlite3.Connection, sql: str, values: tuple[object, ...] = ()) -> list[str]:
    return [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


def flaws(connection: sqlite3.Connection, sql: str) -> list[str]:
    """Steps that take longer the more is stored."""
    grouped = any(mark in sql for mark in GROUPED)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return [
        step
        for step in plan(connection, sql)
        if (step.split()[:1] == ["SCAN"] and step.split()[1] in tables) or ("TEMP B-TREE" in step and not grouped)
    ]


def check(connection: sqlite3.Connection, executed: list[str]) -> None:
    statements = [sql for sql in executed if sql.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}]
    assert statements
    assert {sql: found for sql in statements if (found := flaws(connection, sql))} == {}


@pytest.mark.parametrize(
    "filters",
    # An agent's alone are merged from those of its types: what the reader and the stores do is tested beside.
    [f for n in range(1, 6) for f in itertools.combinations(FILTERS, n) if f != ("agent_name",)],
    ids=" ".join,
)
def test_events_by_any_filters_come_newest_first_from_an_index(
    connection: sqlite3.Connection, filters: tuple[str, ...]
) -> None:
    where = " AND ".join(f"{column} = ?" for column in filters)
    values = ("x",) * len(filters)
    for cursor in ("", " AND id < 9", " AND timestamp >= '2026'"):
        sql = f"SELECT * FROM extraction_events WHERE {where}{cursor} ORDER BY id DESC LIMIT 100"
        (step,) = plan(connection, sql, values)
        assert step.startswith("SEARCH extraction_events USING INDEX events_by_")


def test_events_of_a_session_are_found_by_it_whatever_else_is_asked(connection: sqlite3.Connection) -> None:
    for other in ("agent_name", "event_type", "pattern", "risk_level"):
        sql = f"SELECT * FROM extraction_events WHERE session_id = ? AND {other} = ? ORDER BY id DESC LIMIT 100"
        (step,) = plan(connection, sql, ("x", "x"))
        assert "events_by_session" in step


def test_the_indexer_scans_nothing(path: Path, connection: sqlite3.Connection) -> None:
    executed: list[str] = []
    with SQLiteRecordingStore.open(path) as store:
        store._connection.set_trace_callback(executed.append)
        store.open_session(a_session())
        for revision in (1, 2):
            used = tuple(Usage(SESSION, TIME, "t", f"{revision}", scope, "line 1") for scope in ("message", "thread"))
            found = a_batch(revision, events=(an_event(),) * 3, blocks=(a_block(),), usages=used, lines=1)
            store.commit(found._replace(state_changes=(a_state("running"), a_state("completed"))))
        store.checkpoint(SESSION)
        store.commit(a_batch(9))
        store.heartbeat(SESSION, TIME)
        store.find_session(SESSION[:4])
        store.reset(SESSION, "patterns-2")
    check(connection, executed)


@pytest.mark.anyio
async def test_the_stores_scan_nothing(path: Path, connection: sqlite3.Connection) -> None:
    executed: list[str] = []
    async with connect(path, readonly=False) as traced:
        await traced.set_trace_callback(executed.append)
        await _use_sessions(traced)
        await _use_extractions(traced)
    check(connection, executed)


async def _use_sessions(connection: AsyncConnection) -> None:
    store = SQLiteSessionStore(connection)
    await store.create_session(a_session())
    await store.update_session(SESSION, {"environment": "x"})
    await store.record_state_change(a_state("running"))
    await store.complete_session(SESSION, 0, TIME, {"total_lines_processed": 1})
    await store.get_session(SESSION)
    await store.get_sessions_by_agent("codex")
    await store.get_session_history("codex", 7, TIME)
    await store.get_active_sessions()
    await store.get_state_changes(SESSION)


async def _use_extractions(connection: AsyncConnection) -> None:
    store = SQLiteExtractionStore(connection)
    await store.save_extraction(an_event())
    await store.save_extraction_batch([an_event()] * 300)
    await store.save_code_block(a_block())
    await store.get_extractions_by_agent("codex")
    await store.get_extractions_by_type("codex", "error")
    await store.get_extractions_by_pattern("codex", "error_prefix")
    await store.get_extractions_by_session(SESSION)
    await store.get_extraction_stats("codex")
    await store.get_code_blocks("codex")
    await store.get_code_blocks("codex", "python")
