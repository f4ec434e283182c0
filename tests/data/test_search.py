"""Lists: every combination of filters gives what plain reasoning gives, page after page, while rows arrive."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.queries import (
    COUNTED_EXACTLY,
    BlockFilter,
    Cursor,
    ExtractionFilter,
    PageRequest,
    SessionFilter,
    decode_cursor,
    encode_cursor,
)
from data.sqlite.batch import event_statements
from data.sqlite.deletion import delete_sessions
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.sqlite.search_index import SearchIndex
from data.sqlite.transaction import converse
from data.stores import SessionNotFoundError, StoreError
from data.terms import parse_terms
from plain_search import holds, searched
from program import TIMEOUT
from sample_database import SampleDatabase, at
from samples import an_event

pytestmark = pytest.mark.anyio

AGENTS = st.sampled_from(["codex", "claude", "x' OR '1'='1"])
TYPES = st.sampled_from(["error", "warning", "git"])
PATTERNS = st.sampled_from(["p1", "p2", "%"])
SESSION_IDS = st.sampled_from(["s1", "s2", "_"])
WORDS = st.sampled_from(["open", "Opened", "file", "x-ray", "'", '"', "NEAR(", "naïve"])
RISKS = st.sampled_from([None, "low", "high"])
MINUTES = st.integers(0, 5).map(at)

EVENT_ROWS = st.fixed_dictionaries(
    {
        "agent_name": AGENTS,
        "event_type": TYPES,
        "pattern": PATTERNS,
        "session_id": SESSION_IDS,
        "risk_level": RISKS,
        "timestamp": MINUTES,
        "original_line": st.lists(WORDS, max_size=3).map(" ".join),
        "matched_value": st.none() | WORDS,
    }
)
EVENT_FILTERS = st.builds(
    ExtractionFilter,
    agent=st.none() | AGENTS,
    event_type=st.none() | TYPES,
    pattern=st.none() | PATTERNS,
    session=st.none() | SESSION_IDS,
    risk=RISKS,
    since=st.none() | MINUTES,
    until=st.none() | MINUTES,
    after=st.none() | st.integers(0, 10),
    q=st.none() | st.sampled_from(["open", "open*", '"open file"', "naive x", "ray", "NEAR( file"]).map(parse_terms),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    sample = SampleDatabase(tmp_path / "wrapper.db")
    yield sample
    sample.close()


@asynccontextmanager
async def reading(database: SampleDatabase) -> AsyncIterator[SQLiteReader]:
    async with ReadPool(database.path, size=1) as pool, SearchIndex(database.path, patience=TIMEOUT) as index:
        yield SQLiteReader(pool, index)


def wants(wanted: ExtractionFilter, row: dict[str, Any]) -> bool:
    return all(
        (
            wanted.agent in (None, row["agent_name"]),
            wanted.event_type in (None, row["event_type"]),
            wanted.pattern in (None, row["pattern"]),
            wanted.session in (None, row["session_id"]),
            wanted.risk in (None, row["risk_level"]),
            wanted.since is None or row["timestamp"] >= wanted.since,
            wanted.until is None or row["timestamp"] < wanted.until,
            wanted.after is None or row["id"] > wanted.after,
            all(holds(searched(row), term) for term in wanted.q or ()),
        )
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(EVENT_ROWS, max_size=20), EVENT_FILTERS, st.integers(1, 4))
async def test_pages_of_any_filter_hold_each_wanted_event_once_newest_first(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], wanted: ExtractionFilter, limit: int
) -> None:
    database = SampleDatabase(tmp_path_factory.mktemp("db") / "wrapper.db")
    stored = [row | {"id": database.event(**row)} for row in rows]
    expected = [row["id"] for row in stored if wants(wanted, row)]
    if wanted.after is None:
        expected.reverse()
    by_cursor, by_page = [], []
    async with reading(database) as reader:
        cursor: Cursor | None = None
        while True:
            page = await reader.extractions(wanted, PageRequest(limit, cursor))
            assert (page.total, page.total_is) == (len(expected), "exact")
            by_cursor += [event.id for event in page.rows]
            text = await reader.extractions_as_json(wanted, PageRequest(limit, cursor))
            assert json.loads(f"[{text.rows}]") == [event._asdict() for event in page.rows]
            assert text[1:] == page[1:]
            if page.next is None:
                break
            assert len(page.rows) == limit
            cursor = decode_cursor(page.next)
        for offset in range(0, len(expected), limit):
            page = await reader.extractions(wanted, PageRequest(limit, offset=offset))
            by_page += [event.id for event in page.rows]
    database.close()
    assert by_cursor == expected
    assert by_page == expected


async def test_going_on_by_cursor_neither_repeats_nor_misses_rows_while_new_ones_arrive(
    database: SampleDatabase,
) -> None:
    ids = [database.event() for _ in range(10)]
    seen: list[int | None] = []
    async with reading(database) as reader:
        page = await reader.extractions(ExtractionFilter(), PageRequest(3))
        while True:
            seen += [event.id for event in page.rows]
            database.event()
            if page.next is None:
                break
            page = await reader.extractions(ExtractionFilter(), PageRequest(3, decode_cursor(page.next)))
    assert seen == ids[::-1]


async def test_what_is_behind_an_id_is_counted_where_rows_were_deleted_too(database: SampleDatabase) -> None:
    database.session("s1")
    ids = [database.event(f"s{number % 2}") for number in range(10)]
    for deleted, counts in (("", (10, 9, 1, 0)), ("s1", (5, 4, 0, 0))):
        if deleted:
            delete_sessions(database.path, [deleted])
        async with reading(database) as reader:
            for after, count in zip((0, ids[0], ids[8], ids[9]), counts, strict=True):
                page = await reader.extractions(ExtractionFilter(after=after), PageRequest())
                assert (page.total, page.total_is, len(page.rows)) == (count, "exact", count)


async def test_who_polls_behind_an_id_gets_the_new_rows_alone(database: SampleDatabase) -> None:
    last = [database.event() for _ in range(3)][-1]
    new = [database.event() for _ in range(2)]
    async with reading(database) as reader:
        page = await reader.extractions(ExtractionFilter(after=last), PageRequest())
    assert [event.id for event in page.rows] == new
    assert page.total == 2


async def test_counting_stops_at_ten_thousand_unless_asked_to_go_on(database: SampleDatabase) -> None:
    many = COUNTED_EXACTLY + 5
    converse(database.connection, event_statements([an_event(agent_name="a")] * many))
    async with reading(database) as reader:
        bounded = await reader.extractions(ExtractionFilter(agent="a"), PageRequest(1))
        exact = await reader.extractions(ExtractionFilter(agent="a"), PageRequest(1, exact=True))
    assert (bounded.total, bounded.total_is) == (COUNTED_EXACTLY, "at_least")
    assert (exact.total, exact.total_is) == (many, "exact")


async def test_an_event_comes_back_with_its_metadata_decoded(database: SampleDatabase) -> None:
    database.event(metadata_json={"tool": "bash", "ok": True}, auto_confirmable=1, byte_offset=7, stream="stderr")
    async with reading(database) as reader:
        (event,) = (await reader.extractions(ExtractionFilter(), PageRequest())).rows
    assert event.metadata == {"tool": "bash", "ok": True}
    assert event.auto_confirmable is True
    assert (event.stream, event.byte_offset) == ("stderr", 7)


async def test_a_block_is_found_wherever_it_occurs_and_listed_once(database: SampleDatabase) -> None:
    database.block("s1", "print(1)", agent_name="codex", timestamp=at(1))
    database.block("s2", "print(1)", agent_name="claude", timestamp=at(2), line_start=9)
    database.block("s2", "print(1)", agent_name="claude", timestamp=at(3))
    database.block("s1", "ls", "sh", timestamp=at(4))
    async with reading(database) as reader:

        async def found(**fields: Any) -> list[tuple[str, str, str]]:
            page = await reader.code_blocks(BlockFilter(**fields), PageRequest())
            assert page.total == len(page.rows)
            return [(block.content, block.session_id, block.timestamp) for block in page.rows]

        first, again, shell = ("print(1)", "s1", at(1)), ("print(1)", "s2", at(2)), ("ls", "s1", at(4))
        assert await found() == [shell, first]
        assert await found(session="s2") == [again]
        assert await found(agent="claude", language="python") == [again]
        assert await found(agent="claude", session="s1") == []
        assert await found(since=at(2), until=at(3)) == [again]
        assert await found(language="sh") == [shell]
        assert await found(after=1) == [shell]


async def test_sessions_are_found_by_agent_state_activity_and_start(database: SampleDatabase) -> None:
    database.session("s1", started_at=at(1), ended_at=at(2), state="completed", command_json=["sh", "-c", "true"])
    database.session("s2", started_at=at(2), ended_at=at(3), state="failed")
    database.session("s3", started_at=at(3), agent_name="claude")
    async with reading(database) as reader:

        async def found(**fields: Any) -> list[str]:
            page = await reader.sessions(SessionFilter(**fields), PageRequest())
            return [session.session_id for session in page.rows]

        assert await found() == ["s3", "s2", "s1"]
        assert await found(agent="codex") == ["s2", "s1"]
        assert await found(state="failed") == ["s2"]
        assert await found(active=True) == ["s3"]
        assert await found(active=False, since=at(2)) == ["s2"]
        assert await found(until=at(3), agent="codex", state="completed") == ["s1"]
        assert (await reader.session("s1")).session.command == ("sh", "-c", "true")


async def test_a_session_comes_with_its_states_in_order_and_its_counts(database: SampleDatabase) -> None:
    database.session("s1")
    for state in ("started", "running", "completed"):
        database.state("s1", state, metadata_json={"state": state})
    for event_type in ("error", "git", "error"):
        database.event("s1", event_type=event_type)
    database.event("s2")
    async with reading(database) as reader:
        detail = await reader.session("s1")
    assert [change.state for change in detail.state_changes] == ["started", "running", "completed"]
    assert detail.state_changes[0].metadata == {"state": "started"}
    assert detail.extractions_by_type == {"error": 2, "git": 1}


async def test_last_is_the_session_that_came_last(database: SampleDatabase) -> None:
    async with reading(database) as reader:
        with pytest.raises(SessionNotFoundError, match="no session has been stored yet"):
            await reader.session("last")
        database.session("s1")
        database.session("s2")
        assert (await reader.session("last")).session.session_id == "s2"
        with pytest.raises(SessionNotFoundError, match="'s'"):
            await reader.session("s")


async def test_the_events_of_a_session_come_in_order_between_two_ids(database: SampleDatabase) -> None:
    ids = [database.event("s1") for _ in range(6)]
    other = database.event("s2")
    async with reading(database) as reader:
        rows = await reader.session_extractions("s1", ids[0], ids[4], 3)
        assert [row.id for row in rows] == ids[1:4]
        assert await reader.last_extraction("s1") == ids[-1] < other
        assert await reader.last_extraction("nobody") == 0


async def test_a_read_that_takes_too_long_is_stopped_and_the_next_one_works(database: SampleDatabase) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
    async with ReadPool(database.path, size=1, deadline=0.2) as pool:
        with pytest.raises(StoreError, match="did not answer"):
            await pool.read(lambda connection: connection.execute(endless).fetchall())
        assert (await SQLiteReader(pool).status()).active_sessions == 0


async def test_readers_cannot_write(database: SampleDatabase) -> None:
    async with ReadPool(database.path, size=1) as pool:
        with pytest.raises(StoreError, match="readonly"):
            await pool.read(lambda connection: connection.execute("DELETE FROM extraction_events"))


async def test_a_database_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing\.db"):
        async with ReadPool(tmp_path / "nothing.db"):
            pass


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!", "YmVmb3JlIDE=", "YmVmb3JlIDE\n", encode_cursor(Cursor(5)) + "A", "YWZ0ZXIgMQ"]
)
def test_a_cursor_that_we_did_not_make_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match=r"cursor|id"):
        decode_cursor(cursor)


@given(st.integers(0, (1 << 63) - 1), st.booleans())
def test_a_cursor_gives_its_id_and_direction_back(row_id: int, ascending: bool) -> None:
    cursor = Cursor(row_id, ascending)
    assert decode_cursor(encode_cursor(cursor)) == cursor
