"""Counts equal plain SQL over the rows, whatever was stored and whatever is asked."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.queries import ExtractionFilter, PageRequest
from data.sqlite.batch import event_statements
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.sqlite.transaction import converse
from data.stores import SessionNotFoundError
from data.summaries import Summary, TimelineRequest, TopRequest, difference
from sample_database import MINUTE, START, SampleDatabase, at
from samples import an_event
from stream.timestamps import format_timestamp, parse_timestamp

pytestmark = pytest.mark.anyio
Answer = TypeVar("Answer")

AGENTS, TYPES, PATTERNS = ("codex", "claude"), ("error", "git", "permission"), ("p1", "p2")
RISKS = (None, "low", "high", "critical")
# Moments of three days, many of them at the edges of buckets.
MOMENTS = (
    st.integers(0, 3 * 1440).map(at)
    | st.integers(0, 3 * 288).map(lambda n: at(5 * n))
    | st.sampled_from([at(0), at(1440), at(60), format_timestamp(START + 1440 * MINUTE - 1)])
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "agent_name": st.sampled_from(AGENTS),
            "event_type": st.sampled_from(TYPES),
            "pattern": st.sampled_from(PATTERNS),
            "risk_level": st.sampled_from(RISKS),
            "timestamp": MOMENTS,
            "matched_value": st.sampled_from([None, "x", "y"]),
        }
    ),
    max_size=25,
)
ALIGNED = st.integers(-3, 3 * 288 + 3).map(lambda n: at(5 * n))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    sample = SampleDatabase(tmp_path / "wrapper.db")
    yield sample
    sample.close()


def filled(factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> SampleDatabase:
    database = SampleDatabase(factory.mktemp("db") / "wrapper.db")
    for row in rows:
        database.event(**row)
    return database


async def ask(database: SampleDatabase, question: Callable[[SQLiteReader], Awaitable[Answer]]) -> Answer:
    async with ReadPool(database.path, size=1) as pool:
        return await question(SQLiteReader(pool))


def counted(database: SampleDatabase, column: str, where: str, *values: Any) -> dict[str, int]:
    sql = f"SELECT {column}, COUNT(*) FROM extraction_events WHERE {where} AND {column} IS NOT NULL GROUP BY 1"
    return {row[0]: row[1] for row in database.rows(sql, *values)}


@settings(deadline=None, max_examples=40)
@given(
    ROWS,
    st.tuples(ALIGNED, ALIGNED),
    st.sampled_from([5, 10, 15, 35, 60, 90, 120, 1440, 2880]),
    st.none() | st.sampled_from(AGENTS),
)
async def test_a_timeline_equals_a_count_of_rows_for_any_multiple_of_five_minutes(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, Any]],
    ends: tuple[str, str],
    minutes: int,
    agent: str | None,
) -> None:
    database = filled(tmp_path_factory, rows)
    width = 60 * minutes
    first, last = (parse_timestamp(edge) // 1_000_000 // width * width for edge in sorted(ends))
    since, until = format_timestamp(first * 1_000_000), format_timestamp((last + width) * 1_000_000)
    timeline = await ask(database, lambda reader: reader.timeline(TimelineRequest(since, until, width, agent)))
    expected = Counter(
        (parse_timestamp(row["timestamp"]) // 1_000_000 // width * width, row["event_type"])
        for row in rows
        if since <= row["timestamp"] < until and agent in (None, row["agent_name"])
    )
    database.close()
    assert [(count.start, count.event_type, count.events) for count in timeline] == [
        (*key, events) for key, events in sorted(expected.items())
    ]


@settings(deadline=None, max_examples=40)
@given(ROWS, ALIGNED, ALIGNED, st.none() | st.sampled_from(AGENTS))
async def test_a_summary_of_a_span_equals_plain_sql(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], one: str, other: str, agent: str | None
) -> None:
    database = filled(tmp_path_factory, rows)
    since, until = sorted((one, other))
    found = await ask(database, lambda reader: reader.span_summary(since, until, agent))
    where = "timestamp >= ?1 AND timestamp < ?2 AND (?3 IS NULL OR agent_name = ?3)"
    by = [counted(database, column, where, since, until, agent) for column in ("agent_name", "event_type", "pattern")]
    risks = counted(database, "risk_level", where, since, until, agent)
    top = await ask(database, lambda reader: reader.top(TopRequest("value", since, until, "error", agent)))
    values = counted(database, "matched_value", f"{where} AND event_type = 'error'", since, until, agent)
    database.close()
    assert [found.extractions_by_agent, found.extractions_by_type, found.extractions_by_pattern] == by
    assert found.extractions_by_risk == risks
    assert found.total_extractions == sum(by[0].values())
    assert dict(top.entries) == values


@settings(deadline=None, max_examples=60)
@given(
    ROWS,
    st.builds(
        ExtractionFilter,
        agent=st.none() | st.sampled_from(AGENTS),
        event_type=st.none() | st.sampled_from(TYPES),
        risk=st.sampled_from(RISKS),
        since=st.none() | MOMENTS,
        until=st.none() | MOMENTS,
        **dict.fromkeys(("pattern", "session", "after", "q"), st.none()),
    ),
)
async def test_totals_and_rows_of_any_span_and_risk_equal_plain_sql(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], wanted: ExtractionFilter
) -> None:
    database = filled(tmp_path_factory, rows)
    page = await ask(database, lambda reader: reader.extractions(wanted, PageRequest(1000, exact=True)))
    expected = database.rows(
        """SELECT id FROM extraction_events WHERE (?1 IS NULL OR agent_name = ?1) AND (?2 IS NULL OR event_type = ?2)
            AND (?3 IS NULL OR risk_level = ?3) AND (?4 IS NULL OR timestamp >= ?4) AND (?5 IS NULL OR timestamp < ?5)
        ORDER BY id DESC""",
        wanted.agent,
        wanted.event_type,
        wanted.risk,
        wanted.since,
        wanted.until,
    )
    database.close()
    assert [event.id for event in page.rows] == [row["id"] for row in expected]
    assert page.total == len(expected)


@settings(deadline=None, max_examples=30)
@given(ROWS)
async def test_totals_of_all_time_equal_plain_sql(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    database = filled(tmp_path_factory, rows)
    everything = await ask(database, lambda reader: reader.overall_stats())
    agent = await ask(database, lambda reader: reader.agent_stats("codex"))
    pattern = await ask(database, lambda reader: reader.pattern_stats("p1", 5))
    assert everything.extractions_by_risk == counted(database, "risk_level", "TRUE")
    assert everything.total_extractions == len(rows)
    for stats, where in ((agent, "agent_name = 'codex'"), (pattern, "pattern = 'p1'")):
        (edges,) = database.rows(f"SELECT MIN(timestamp), MAX(timestamp) FROM extraction_events WHERE {where}")
        assert (stats.first_seen, stats.last_seen) == tuple(edges)
        assert stats.extractions_by_type == counted(database, "event_type", where)
        assert stats.extractions_by_risk == counted(database, "risk_level", where)
    database.close()


async def test_a_session_is_summed_up_by_its_rows(database: SampleDatabase) -> None:
    database.session("s1", started_at=at(0), ended_at=at(9), exit_code=1, state="failed")
    database.event("s1", risk_level="high")
    database.event("s1", event_type="git")
    database.event("s2")
    database.block("s1", "print(1)")
    summary = await ask(database, lambda reader: reader.session_summary("s1"))
    assert (summary.since, summary.until, summary.session_id) == (at(0), at(9), "s1")
    assert summary.extractions_by_type == {"error": 1, "git": 1}
    assert (summary.total_extractions, summary.total_code_blocks, summary.success_rate) == (2, 1, 0.0)
    assert summary.sessions_by_state == {"failed": 1}
    with pytest.raises(SessionNotFoundError):
        await ask(database, lambda reader: reader.session_summary("nobody"))


@pytest.mark.parametrize("verdict", ["failed", "gave_up", "interrupted"])
async def test_a_verdict_weighs_more_than_the_exit_status(database: SampleDatabase, verdict: str) -> None:
    for session_id, how in (("bad", verdict), ("good", "succeeded"), ("old", None)):
        database.session(
            session_id,
            command_json=[session_id],
            state="completed",
            ended_at=at(1),
            exit_code=0,
            started_at=at(0),
            verdict=how,
        )
    rates = [
        (await ask(database, lambda reader: reader.overall_stats())).success_rate,
        (await ask(database, lambda reader: reader.agent_stats("codex"))).success_rate,
        (await ask(database, lambda reader: reader.span_summary(at(0), at(5)))).success_rate,
    ]
    assert rates == [2 / 3] * 3
    assert (await ask(database, lambda reader: reader.session_summary("bad"))).success_rate == 0.0
    top = await ask(database, lambda reader: reader.top(TopRequest("command", at(0), at(5))))
    assert list(top.entries) == [("bad", 1)]


async def test_commands_that_ended_badly_are_counted(database: SampleDatabase) -> None:
    for number, (command, state) in enumerate(
        [("make", "failed"), ("make", "killed"), ("ls", "failed"), ("make", "completed")]
    ):
        database.session(f"s{number}", command_json=["sh", command], state=state, started_at=at(number))
    top = await ask(database, lambda reader: reader.top(TopRequest("command", at(0), at(5))))
    assert list(top.entries) == [("sh make", 2), ("sh ls", 1)]
    assert (top.counted, top.all) == (3, True)


def test_a_difference_is_what_there_is_more_of() -> None:
    one = Summary(at(0), at(1), None, None, 3, {"failed": 1}, 0.5, 0, 2, {"codex": 2}, {"error": 2}, {}, {})
    other = one._replace(total_sessions=1, extractions_by_type={"git": 1}, success_rate=None, since=at(5))
    assert difference(one, other) == {
        "total_sessions": 2,
        "sessions_by_state": {},
        "total_code_blocks": 0,
        "total_extractions": 0,
        "extractions_by_agent": {},
        "extractions_by_type": {"error": 2, "git": -1},
        "extractions_by_pattern": {},
        "extractions_by_risk": {},
    }


async def test_a_span_of_the_past_reads_few_rows_though_ids_and_times_are_in_another_order(
    database: SampleDatabase,
) -> None:
    before = [an_event(session_id="s", timestamp=at(minute)) for minute in range(20_000)]
    # Indexed again: the oldest times have the newest ids.
    converse(database.connection, event_statements([*before, *before[:10]]))
    read: list[str] = []
    async with ReadPool(database.path, size=1, watch=lambda c: c.set_trace_callback(read.append)) as pool:
        page = await SQLiteReader(pool).extractions(ExtractionFilter(since=at(0), until=at(10)), PageRequest())
    assert [event.id for event in page.rows] == [*range(20_010, 20_000, -1), *range(10, 0, -1)]
    ranges = [sql.split("BETWEEN ")[1].split() for sql in read if "BETWEEN" in sql]
    read_at_most = sum(int(high) - int(low) + 1 for low, _, high, *_ in ranges)
    assert 0 < read_at_most <= 2 * 2 * 1024
