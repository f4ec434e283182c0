"""The sequence of a replay: everything, in the order and at the times of the recording."""

from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import RecordingNotFoundError
from api.replay import Replay, open_replay
from api.replay_ids import Bounds, EventId, Segment
from data.export.events import SessionEvent
from data.sqlite.changes import SQLiteChanges
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


async def opened(database: SampleDatabase, session_id: str, segment: Segment | None = None) -> Replay:
    async with ReadPool(database.path, size=1) as pool:
        return await open_replay(SQLiteReader(pool), session_id, segment)


async def played(database: SampleDatabase, replay: Replay) -> list[SessionEvent]:
    async with ReadPool(database.path, size=1) as pool, aclosing(replay.events(SQLiteReader(pool))) as events:
        return [event async for event in events]


def told(events: list[SessionEvent]) -> list[tuple[str, float, str]]:
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
    resumed = await opened(database, "s1", replay.segment)
    assert replay.duration == resumed.duration == 100
    assert told(expected)[1:] == [("output", 0.0001, "before"), ("extraction", 0.0001, "before")]
    assert await played(database, resumed) == expected


async def numbers(database: SampleDatabase, replay: Replay) -> list[int]:
    """Those of all events to the session's end."""
    async with (
        ReadPool(database.path, size=1) as pool,
        aclosing(replay.sequence(SQLiteReader(pool), SQLiteChanges(pool))) as events,
    ):
        return [numbered.number async for numbered in events if numbered]


async def test_a_running_session_is_followed_to_its_end_and_resumed_anywhere(
    database: SampleDatabase, tmp_path: Path
) -> None:
    names: list[tuple[str, str, object]] = []
    with RecordingWriter(tmp_path / "s1", header("s1")) as writer:
        writer.output("stdout", b"one \xe2\x9c", 100)
        store(database, tmp_path / "s1", end=None)
        replay = await opened(database, "s1")
        async with (
            ReadPool(database.path, size=1) as pool,
            aclosing(replay.sequence(SQLiteReader(pool), SQLiteChanges(pool))) as events,
        ):

            async def take() -> None:
                while (numbered := await anext(events)) is not None:
                    told = numbered.event.data
                    value = told.get("data", told.get("matched_value", told.get("state")))
                    names.append((numbered.event_id(None), numbered.event.name, value))

            await take()
            writer.output("stdout", b"\x93 two", 200)
            await take()
            database.event("s1", timestamp=moment(150), matched_value="stored later")
            await take()
            writer.finish(0, 300)
            database.state("s1", "completed", timestamp=moment(300))
            database.connection.execute("UPDATE process_sessions SET ended_at = ?", (moment(300),))
            rest = [numbered async for numbered in events]
    assert [(name, value) for _, name, value in names] == [
        ("state_change", "started"),
        ("output", "one "),
        ("output", "✓ two"),
        ("extraction", "stored later"),
    ]
    assert [numbered and numbered.event.name for numbered in rest] == ["state_change", "replay_complete"]
    all_ids = [event_id for event_id, _, _ in names] + [numbered.event_id(None) for numbered in rest if numbered]
    for number, seen in enumerate(all_ids):
        parsed = EventId.parse(seen)
        resumed = await opened(database, "s1", parsed.segment)
        unseen = [n for n in await numbers(database, resumed) if n > parsed.number]
        assert unseen == list(range(number + 2, len(all_ids) + 1))


BOUNDS = st.builds(Bounds, *[st.integers(0, 10**12)] * 3)
SEGMENTS = st.builds(Segment, BOUNDS, BOUNDS, st.integers(0, 10**12))


@given(st.integers(0, 10**12), st.none() | SEGMENTS, st.none() | st.integers(0, 10**12))
def test_ids_are_read_as_they_are_written(number: int, segment: Segment | None, begin: int | None) -> None:
    assert EventId.parse(str(EventId(number, segment, begin))) == EventId(number, segment, begin)


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1@", "1@2", "1@2.3", "1@2.3.4.5", "1@a.b.c", "²", "1" * 20, "1+", "+1"]
)
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
