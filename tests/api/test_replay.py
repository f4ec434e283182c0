"""The sequence of a replay: everything, in the order and at the times of the recording."""

from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import RecordingNotFoundError
from api.replay import Bounds, EventId, Replay, open_replay
from api.replay_sources import ReplayEvent
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from sample_database import SampleDatabase
from sample_recording import Read, header, moment, record, store
from stream.recording import RecordingError, RecordingWriter

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    sample = SampleDatabase(tmp_path / "wrapper.db")
    yield sample
    sample.close()


async def opened(database: SampleDatabase, session_id: str, bounds: Bounds | None = None) -> Replay:
    async with ReadPool(database.path, size=1) as pool:
        return await open_replay(SQLiteReader(pool), session_id, bounds)


async def played(database: SampleDatabase, replay: Replay) -> list[ReplayEvent]:
    async with ReadPool(database.path, size=1) as pool, aclosing(replay.events(SQLiteReader(pool))) as events:
        return [event async for event in events]


def told(events: list[ReplayEvent]) -> list[tuple[str, float, str]]:
    keys = {"output": "data", "extraction": "matched_value", "state_change": "state", "resize": "cols"}
    return [(event.name, event.data["t"], event.data[keys[event.name]]) for event in events]


async def test_output_extractions_and_states_come_at_their_times(database: SampleDatabase, tmp_path: Path) -> None:
    reads = [Read(100_000, b"one\n"), Read(200_000, b"Error\n", "stderr"), Read(300_000, b"two\n")]
    record(database, tmp_path / "s1", reads, end=500_000)
    database.event("s1", timestamp=moment(200_000), matched_value="at the same time")
    database.event("s1", timestamp=moment(250_000), matched_value="between")
    database.event("other", timestamp=moment(250_000), matched_value="another session's")
    replay = await opened(database, "s1")
    assert replay.duration == 500_000
    assert told(await played(database, replay)) == [
        ("state_change", 0.0, "started"),
        ("output", 0.1, "one\n"),
        ("output", 0.2, "Error\n"),
        ("extraction", 0.2, "at the same time"),
        ("extraction", 0.25, "between"),
        ("output", 0.3, "two\n"),
        ("state_change", 0.5, "completed"),
    ]


async def test_extractions_that_were_stored_out_of_order_come_in_order(
    database: SampleDatabase, tmp_path: Path
) -> None:
    record(database, tmp_path / "s1", [Read(1, b"x")], end=5_000_000)
    for number in reversed(range(1200)):
        database.event("s1", timestamp=moment(number * 1000), matched_value=str(number))
    events = await played(database, await opened(database, "s1"))
    values = [event.data["matched_value"] for event in events if event.name == "extraction"]
    assert values == [str(number) for number in range(1200)]


async def test_window_sizes_are_told(database: SampleDatabase, tmp_path: Path) -> None:
    fields = header("s1", mode=("pty", "pty", "pty"), columns=80, rows=24)
    with RecordingWriter(tmp_path / "s1", fields) as writer:
        writer.output("stdout", b"a", 100)
        writer.resize(120, 40, 200)
        writer.output("stdout", b"b", 300)
    store(database, tmp_path / "s1", end=None)
    assert told(await played(database, await opened(database, "s1")))[1:] == [
        ("output", 0.0001, "a"),
        ("resize", 0.0002, 120),
        ("output", 0.0003, "b"),
    ]


READS = st.lists(
    st.builds(Read, st.integers(0, 10**6), st.binary(min_size=1, max_size=20), st.sampled_from(["stdout", "stderr"])),
    max_size=12,
).map(sorted)


@settings(deadline=None, max_examples=40)
@given(READS, st.lists(st.integers(0, 10**6), max_size=8))
async def test_time_never_goes_back_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, reads: list[Read], extractions: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("replay")
    database = SampleDatabase(folder / "wrapper.db")
    record(database, folder / "s1", reads, end=10**6)
    for at in extractions:
        database.event("s1", timestamp=moment(at))
    events = await played(database, await opened(database, "s1"))
    database.close()
    times = [event.at for event in events]
    assert times == sorted(times)
    assert [event.at for event in events if event.name == "extraction"] == sorted(extractions)
    assert [event.data["t"] for event in events] == [event.at / 1_000_000 for event in events]


async def test_a_running_session_is_played_to_what_there_is_and_resumed_to_the_same(
    database: SampleDatabase, tmp_path: Path
) -> None:
    with RecordingWriter(tmp_path / "s1", header("s1")) as writer:
        writer.output("stdout", b"before", 100)
        store(database, tmp_path / "s1", end=None)
        database.event("s1", timestamp=moment(100), matched_value="before")
        replay = await opened(database, "s1")
        expected = await played(database, replay)
        writer.output("stdout", b"after", 150)
        writer.finish(0, 200)
    database.event("s1", timestamp=moment(50), matched_value="late")
    database.state("s1", "completed", timestamp=moment(200))
    resumed = await opened(database, "s1", EventId.parse(replay.event_id(2)).bounds)
    assert replay.duration == resumed.duration == 100
    assert told(expected)[1:] == [("output", 0.0001, "before"), ("extraction", 0.0001, "before")]
    assert await played(database, resumed) == expected


async def test_ids_of_a_session_that_has_ended_are_plain_numbers(database: SampleDatabase, tmp_path: Path) -> None:
    record(database, tmp_path / "s1", [], end=1)
    record(database, tmp_path / "s2", [], end=None)
    assert (await opened(database, "s1")).event_id(7) == "7"
    running = EventId.parse((await opened(database, "s2")).event_id(7))
    assert running.number == 7
    assert running.bounds is not None


@given(st.integers(0, 10**12), st.none() | st.builds(Bounds, *[st.integers(0, 10**12)] * 3))
def test_ids_are_read_as_they_are_written(number: int, bounds: Bounds | None) -> None:
    assert EventId.parse(str(EventId(number, bounds))) == EventId(number, bounds)


@pytest.mark.parametrize("text", ["", "x", "-1", "1@2", "1@2.3", "1@2.3.4.5", "1@a.b.c", "²", "1" * 20])
def test_an_id_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        EventId.parse(text)


async def test_a_recording_that_is_gone_is_told_as_such(database: SampleDatabase, tmp_path: Path) -> None:
    database.session("without")
    database.session("gone", recording_path=str(tmp_path / "gone"))
    with pytest.raises(RecordingNotFoundError, match="has no recording"):
        await opened(database, "without")
    with pytest.raises(RecordingNotFoundError, match="timing"):
        await opened(database, "gone")


async def test_what_can_be_read_of_a_damaged_recording_comes_before_the_error(
    database: SampleDatabase, tmp_path: Path
) -> None:
    record(database, tmp_path / "s1", [Read(1, b"abc"), Read(2, b"def")], end=3)
    (tmp_path / "s1" / "stdout.log").write_bytes(b"abc")
    replay = await opened(database, "s1")
    async with ReadPool(database.path, size=1) as pool, aclosing(replay.events(SQLiteReader(pool))) as events:
        assert [(await anext(events)).name for _ in range(2)] == ["state_change", "output"]
        with pytest.raises(RecordingError, match="lacks 3 bytes"):
            await anext(events)
