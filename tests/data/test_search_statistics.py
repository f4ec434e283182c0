"""Statistics: what plain SQL counts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.summaries import AgentStats, PatternStats, TimelineCount, TimelineRequest
from sample_database import SampleDatabase, at
from stream.timestamps import parse_timestamp

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    sample = SampleDatabase(tmp_path / "wrapper.db")
    yield sample
    sample.close()


async def agent_stats(database: SampleDatabase, agent: str) -> AgentStats:
    async with ReadPool(database.path, size=1) as pool:
        return await SQLiteReader(pool).agent_stats(agent)


async def pattern_stats(database: SampleDatabase, pattern: str) -> PatternStats:
    async with ReadPool(database.path, size=1) as pool:
        return await SQLiteReader(pool).pattern_stats(pattern, recent=2)


async def timeline(database: SampleDatabase, wanted: TimelineRequest) -> list[TimelineCount]:
    async with ReadPool(database.path, size=1) as pool:
        return list(await SQLiteReader(pool).timeline(wanted))


async def test_agent_statistics_count_its_rows_and_nobody_elses(database: SampleDatabase) -> None:
    database.session("s1", started_at=at(1), ended_at=at(5), exit_code=0)
    database.session("s2", agent_name="claude")
    for event_type, pattern, risk in (("error", "p1", "high"), ("error", "p2", None), ("git", "p2", "low")):
        database.event("s1", event_type=event_type, pattern=pattern, risk_level=risk, timestamp=at(2))
    database.event("s2", agent_name="claude")
    database.block("s1", "a")
    database.block("s1", "a")
    database.block("s1", "b")
    stats = await agent_stats(database, "codex")
    assert stats == AgentStats(
        "codex",
        total_sessions=1,
        total_extractions=database.number("SELECT COUNT(*) FROM extraction_events WHERE agent_name = 'codex'"),
        total_code_blocks=database.number("SELECT COUNT(*) FROM code_blocks"),
        extractions_by_type={"error": 2, "git": 1},
        extractions_by_pattern={"p2": 2, "p1": 1},
        extractions_by_risk={"high": 1, "low": 1},
        success_rate=1.0,
        first_seen=at(1),
        last_seen=at(5),
    )


async def test_success_rate_is_sessions_ended_well_over_sessions_ended(database: SampleDatabase) -> None:
    for number, (ended, status) in enumerate([(at(1), 0), (at(1), 0), (at(1), 1), (at(1), None), (None, None)]):
        database.session(f"s{number}", ended_at=ended, exit_code=status)
    assert (await agent_stats(database, "codex")).success_rate == 0.5


async def test_there_is_no_success_rate_before_a_session_has_ended(database: SampleDatabase) -> None:
    database.session("s1")
    assert (await agent_stats(database, "codex")).success_rate is None


async def test_an_agent_that_nobody_knows_has_zeros(database: SampleDatabase) -> None:
    database.event()
    assert await agent_stats(database, "CODEX") == AgentStats("CODEX", 0, 0, 0, {}, {}, {}, None, None, None)


async def test_pattern_statistics_tell_agents_types_and_the_newest_events(database: SampleDatabase) -> None:
    ids = [
        database.event(pattern="p", agent_name=agent, event_type=event_type, timestamp=at(minute))
        for agent, event_type, minute in (("codex", "error", 3), ("codex", "warning", 1), ("claude", "error", 2))
    ]
    database.event(pattern="other", timestamp=at(9))
    stats = await pattern_stats(database, "p")
    assert [event.id for event in stats.recent] == [ids[2], ids[1]]
    assert stats._replace(recent=()) == PatternStats(
        "p", 3, {"codex": 2, "claude": 1}, {"error": 2, "warning": 1}, {}, at(1), at(3), ()
    )


async def test_the_timeline_sums_buckets_into_wider_ones(database: SampleDatabase) -> None:
    database.bucket(at(0), "error", 1)
    database.bucket(at(5), "error", 2)
    database.bucket(at(10), "error", 4, pattern="q")
    database.bucket(at(10), "git", 8, agent_name="claude")
    database.bucket(at(0), "error", 100, width="1h")
    database.bucket(at(0), "error", 1000, width="1d")
    start = parse_timestamp(at(0)) // 1_000_000
    ten = TimelineRequest(at(0), at(20), 600)
    assert await timeline(database, ten) == [
        TimelineCount(start, "error", 3),
        TimelineCount(start + 600, "error", 4),
        TimelineCount(start + 600, "git", 8),
    ]
    assert await timeline(database, ten._replace(agent="claude")) == [TimelineCount(start + 600, "git", 8)]
    assert await timeline(database, ten._replace(since=at(5), until=at(10), bucket=300)) == [
        TimelineCount(start + 300, "error", 2)
    ]
    assert await timeline(database, ten._replace(agent="nobody")) == []


@pytest.mark.parametrize(
    ("bucket", "kept"), [(300, 1), (5400, 1), (3600, 10), (7200, 10), (86_400, 100), (172_800, 100)]
)
async def test_the_timeline_reads_the_widest_buckets_that_fit(database: SampleDatabase, bucket: int, kept: int) -> None:
    for width, count in (("5m", 1), ("1h", 10), ("1d", 100)):
        database.bucket("2026-11-20T00:00:00.000000Z", "error", count, width=width)
    wanted = TimelineRequest("2026-11-01T00:00:00.000000Z", "2026-12-01T00:00:00.000000Z", bucket)
    assert [count.events for count in await timeline(database, wanted)] == [kept]
