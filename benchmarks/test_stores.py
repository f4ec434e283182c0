"""The stores: saving one event and batches of them, sessions, queries; and what an event takes on disk.

Everything is stored as a run stores it: `synchronous=FULL`, every index, counters and buckets in the same transaction.
`extra_info` of each result holds events per second, or bytes per event.
"""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from data.sqlite.connection import AsyncConnection, connect
from data.sqlite.extraction_store import SQLiteExtractionStore
from data.sqlite.recording_store import SQLiteRecordingStore
from data.sqlite.session_store import SQLiteSessionStore
from stream.records import Batch, Checkpoint, ExtractionEvent, Session
from stream.timestamps import format_timestamp

START = 1_795_311_293_000_000
KINDS = [
    (event_type, f"{event_type}_{detail}", risk)
    for event_type in ("error", "warning", "tool_use", "file_operation", "metric", "test_result")
    for detail, risk in (("prefix", "medium"), ("started", "low"), ("summary", None))
]
MAX_BYTES_PER_EVENT = 350


def events(number: int, session: int = 0) -> tuple[ExtractionEvent, ...]:
    """Lines of 40 characters, of 18 patterns in turn."""
    return tuple(_event(index, session) for index in range(number))


def _event(index: int, session: int) -> ExtractionEvent:
    # Seven is prime to the number of kinds: neighbours differ, and all kinds come.
    event_type, pattern, risk = KINDS[index * 7 % len(KINDS)]
    line = f"Error: file {index:07d} could not be opened".ljust(40, ".")
    return ExtractionEvent(
        ("codex", "claude", "gemini")[session % 3],
        f"{session:016x}",
        format_timestamp(START + index * 1000),
        event_type,
        pattern,
        matched_value=line[7:20],
        original_line=line,
        line_number=index + 1,
        risk_level=risk,
        stream="stdout",
        byte_offset=index * 41,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "wrapper.db"


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def connection(path: Path, runner: asyncio.Runner) -> Iterator[AsyncConnection]:
    async def opened() -> AsyncConnection:
        return await connect(path, readonly=False)

    connection = runner.run(opened())
    yield connection
    runner.run(connection.close())


def test_save_one_event(benchmark: BenchmarkFixture, connection: AsyncConnection, runner: asyncio.Runner) -> None:
    store, (event,) = SQLiteExtractionStore(connection), events(1)
    benchmark(lambda: runner.run(store.save_extraction(event)))


@pytest.mark.parametrize("size", [10, 100, 1000])
def test_save_a_batch(
    benchmark: BenchmarkFixture, connection: AsyncConnection, runner: asyncio.Runner, size: int
) -> None:
    store, batch = SQLiteExtractionStore(connection), events(size)
    benchmark(lambda: runner.run(store.save_extraction_batch(batch)))
    _tell_rate(benchmark, size)


@pytest.mark.parametrize("size", [10, 100, 1000])
def test_commit_a_batch_as_the_indexer_does(benchmark: BenchmarkFixture, path: Path, size: int) -> None:
    found, session_id, revisions = events(size), f"{0:016x}", itertools.count(1)
    with SQLiteRecordingStore.open(path) as store:
        store.open_session(Session("codex", session_id))

        def commit() -> None:
            revision = next(revisions)
            checkpoint = Checkpoint(revision, revision, revision, 0, revision, "{}", "patterns")
            assert store.commit(Batch(session_id, checkpoint, found, lines=size))

        benchmark(commit)
    _tell_rate(benchmark, size)


def test_create_and_get_a_session(
    benchmark: BenchmarkFixture, connection: AsyncConnection, runner: asyncio.Runner
) -> None:
    store, numbers = SQLiteSessionStore(connection), itertools.count()

    async def create_and_get() -> Session:
        session_id = f"{next(numbers):016x}"
        await store.create_session(Session("codex", session_id, started_at=format_timestamp(START)))
        return await store.get_session(session_id)

    assert benchmark(lambda: runner.run(create_and_get())).agent_name == "codex"


def test_query_a_thousand_records_by_agent(
    benchmark: BenchmarkFixture, connection: AsyncConnection, runner: asyncio.Runner
) -> None:
    store = SQLiteExtractionStore(connection)
    runner.run(store.save_extraction_batch(events(1000)))
    found = benchmark(lambda: runner.run(store.get_extractions_by_agent("codex", limit=1000)))
    assert len(found) == 1000


def test_open_a_database_that_is_up_to_date(benchmark: BenchmarkFixture, path: Path) -> None:
    with SQLiteRecordingStore.open(path):  # stays open, or every close would be the last, which writes back the log
        benchmark(lambda: SQLiteRecordingStore.open(path).close())


def test_bytes_per_event(benchmark: BenchmarkFixture, path: Path) -> None:
    size, numbers = 1000, itertools.count()

    def store_a_session() -> None:
        number = next(numbers)
        session_id = f"{number:016x}"
        store.open_session(Session("codex", session_id))
        assert store.commit(Batch(session_id, Checkpoint(1, 1, 1, 0, 1, "{}", "patterns"), events(size, number)))

    with SQLiteRecordingStore.open(path) as store:
        for _ in range(50):
            store_a_session()
        benchmark(store_a_session)
    bytes_per_event = path.stat().st_size / (next(numbers) * size)
    benchmark.extra_info["bytes_per_event"] = round(bytes_per_event, 1)
    print(f"{bytes_per_event:.1f} bytes per event")
    assert bytes_per_event <= MAX_BYTES_PER_EVENT


def _tell_rate(benchmark: BenchmarkFixture, size: int) -> None:
    if benchmark.stats is not None:  # None when benchmarks are disabled
        benchmark.extra_info["events_per_second"] = round(size / benchmark.stats.stats.median)
