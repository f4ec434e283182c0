"""Ten processes that store into one file at the same time, as ten agents do."""

import multiprocessing
from pathlib import Path

from data.sqlite.recording_store import SQLiteRecordingStore
from samples import a_batch, a_session, an_event

WRITERS, BATCHES, EVENTS = 10, 20, 25


def test_ten_processes_store_everything_into_one_new_file(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(WRITERS) as pool:
        outcomes = pool.starmap(_write, [(path, f"session-{number}") for number in range(WRITERS)], chunksize=1)
    assert outcomes == [[True] * BATCHES] * WRITERS
    with SQLiteRecordingStore.open(path) as store:
        sessions = [store.find_session(f"session-{number}") for number in range(WRITERS)]
        (integrity,) = store._connection.execute("PRAGMA integrity_check").fetchone()
        (buckets,) = store._connection.execute("SELECT SUM(count) FROM metric_buckets WHERE width = '1h'").fetchone()
        (rows,) = store._connection.execute("SELECT COUNT(*) FROM extraction_events").fetchone()
    assert [session.total_extraction_events for session in sessions] == [BATCHES * EVENTS] * WRITERS
    assert buckets == rows == WRITERS * BATCHES * EVENTS
    assert integrity == "ok"


def test_of_ten_processes_that_index_one_session_each_batch_is_stored_once(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(WRITERS) as pool:
        outcomes = pool.starmap(_write, [(path, "the-same")] * WRITERS, chunksize=1)
    assert [sum(stored) for stored in zip(*outcomes, strict=True)] == [1] * BATCHES
    with SQLiteRecordingStore.open(path) as store:
        assert store.find_session("the-same").total_extraction_events == BATCHES * EVENTS


def _write(path: Path, session_id: str) -> list[bool]:
    found = tuple(an_event(session_id=session_id) for _ in range(EVENTS))
    with SQLiteRecordingStore.open(path, busy_timeout=60) as store:
        store.open_session(a_session(session_id))
        return [store.commit(a_batch(revision, session_id, events=found)) for revision in range(1, BATCHES + 1)]
