"""One transaction a batch: whole or not at all, once, and counted exactly."""

from pathlib import Path

import pytest

from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import SessionNotFoundError, StoreError
from samples import SESSION, a_batch, a_block, a_checkpoint, a_full_batch, a_session, a_state, an_event
from stored import counts, without_ids

LATER = "2026-11-22T02:34:53.000000Z"
_IO = Path("/proc/self/io")


def _written() -> int:
    """Bytes that this process has written to files by now."""
    return int(dict(line.split(": ") for line in _IO.read_text().splitlines())["wchar"])


def test_a_session_is_opened_with_all_its_fields(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    assert recordings.find_session(SESSION) == a_session(id=1)


def test_a_session_that_is_there_only_learns_which_patterns_are_in_force(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    recordings.commit(a_full_batch())
    recordings.open_session(a_session(extraction_config_version="patterns-2", environment="other"))
    session = recordings.find_session(SESSION)
    assert (session.extraction_config_version, session.environment) == ("patterns-2", "staging")
    assert (session.total_lines_processed, session.state) == (10, "running")
    recordings.open_session(a_session(extraction_config_version=None))
    assert recordings.find_session(SESSION) == session


def test_a_batch_is_stored_with_its_checkpoint(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    assert recordings.checkpoint(SESSION) is None
    assert recordings.commit(a_full_batch(1))
    assert recordings.commit(a_full_batch(2))
    assert recordings.checkpoint(SESSION) == a_checkpoint(2)
    session = recordings.find_session(SESSION)
    totals = (session.total_lines_processed, session.total_extraction_events, session.total_feedback_outcomes)
    assert totals == (20, 4, 4)
    assert counts(recordings) == {
        "extraction_events": 4,
        "code_blocks": 2,
        "code_block_occurrences": 4,
        "process_state_changes": 4,
        "checkpoints": 1,
        "metric_buckets": 8,
    }


def test_a_batch_may_hold_nothing_but_its_checkpoint(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    assert recordings.commit(a_batch(1))
    assert recordings.checkpoint(SESSION) == a_checkpoint(1)


@pytest.mark.skipif(not _IO.exists(), reason="only Linux counts what a process writes")
def test_a_batch_is_written_to_the_log_and_nowhere_else(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    log = Path(f"{recordings.path}-wal")
    size, written = log.stat().st_size, _written()
    events = tuple(an_event(line_number=number) for number in range(1_000))
    blocks = tuple(a_block(content=f"{number}\n" * 300) for number in range(1_000))
    recordings.commit(a_batch(1, events=events, blocks=blocks * 2))
    assert log.stat().st_size - size <= _written() - written < (log.stat().st_size - size) * 1.1


@pytest.mark.parametrize("state", ["completed", "failed", "killed", "interrupted"])
def test_a_final_state_ends_the_session(recordings: SQLiteRecordingStore, state: str) -> None:
    recordings.open_session(a_session())
    recordings.commit(a_batch(1, state_changes=(a_state("running"),)))
    assert recordings.find_session(SESSION).ended_at is None
    end = a_state(state, timestamp=LATER, exit_code=9, metadata={"signal": "SIGKILL"})
    recordings.commit(a_batch(2, state_changes=(a_state("paused"), end)))
    session = recordings.find_session(SESSION)
    assert (session.state, session.ended_at, session.exit_code) == (state, LATER, 9)


def test_of_two_batches_made_from_the_same_checkpoint_exactly_one_is_stored(
    path: Path, recordings: SQLiteRecordingStore
) -> None:
    recordings.open_session(a_session())
    with SQLiteRecordingStore.open(path) as other:
        for revision in (1, 2):
            assert recordings.commit(a_full_batch(revision))
            before = without_ids(recordings)
            assert not other.commit(a_full_batch(revision))
            assert without_ids(recordings) == before
        assert other.commit(a_full_batch(3))


@pytest.mark.parametrize("revision", [1, 2, 4])
def test_a_batch_that_does_not_follow_the_checkpoint_is_not_stored(
    recordings: SQLiteRecordingStore, revision: int
) -> None:
    recordings.open_session(a_session())
    recordings.commit(a_full_batch(1))
    recordings.commit(a_full_batch(2))
    before = without_ids(recordings)
    assert not recordings.commit(a_full_batch(revision))
    assert without_ids(recordings) == before


def test_a_batch_of_other_patterns_than_the_checkpoints_is_not_stored(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    recordings.commit(a_full_batch(1))
    assert not recordings.commit(a_full_batch(2, checkpoint=a_checkpoint(2, config_version="patterns-2")))
    assert recordings.checkpoint(SESSION) == a_checkpoint(1)


@pytest.mark.parametrize("revision", [1, 2])
def test_a_batch_of_a_session_that_is_not_there_is_an_error(recordings: SQLiteRecordingStore, revision: int) -> None:
    with pytest.raises(SessionNotFoundError, match=SESSION):
        recordings.commit(a_full_batch(revision))
    assert set(counts(recordings).values()) == {0}


def test_a_batch_that_fails_half_way_stores_nothing(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    recordings._connection.execute("""
        CREATE TRIGGER refuse BEFORE INSERT ON code_block_occurrences BEGIN SELECT RAISE(ABORT, 'no'); END
    """)
    with pytest.raises(StoreError, match="no"):
        recordings.commit(a_full_batch())
    assert set(counts(recordings).values()) == {0}
    assert recordings.find_session(SESSION) == a_session(id=1)
    recordings._connection.execute("DROP TRIGGER refuse")
    assert recordings.commit(a_full_batch())


def test_a_heartbeat_is_kept_in_the_session(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    recordings.heartbeat(SESSION, LATER)
    assert recordings.find_session(SESSION).heartbeat_at == LATER
    with pytest.raises(SessionNotFoundError, match="nobody"):
        recordings.heartbeat("nobody", LATER)


def test_a_session_is_found_by_its_id_or_a_prefix_that_is_its_own(recordings: SQLiteRecordingStore) -> None:
    for session_id in ("abc", "abcd", "abxy", "x%_"):
        recordings.open_session(a_session(session_id))
    assert recordings.find_session("abx").session_id == "abxy"
    assert recordings.find_session("abc").session_id == "abc"
    assert recordings.find_session("x%").session_id == "x%_"
    with pytest.raises(StoreError, match="abc, abcd, abxy") as error:
        recordings.find_session("ab")
    assert error.value.hint
    for nothing in ("b", "%", "AB"):
        with pytest.raises(SessionNotFoundError):
            recordings.find_session(nothing)


def test_times_are_text_that_sqlite_understands(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    recordings.commit(a_full_batch())
    row = recordings._connection.execute("SELECT typeof(timestamp), unixepoch(timestamp) FROM extraction_events")
    assert tuple(row.fetchone()) == ("text", 1_795_311_293)
