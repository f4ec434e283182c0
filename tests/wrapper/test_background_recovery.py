"""What interrupted runs leave is stored while the server runs."""

import os
from itertools import pairwise
from pathlib import Path

import pytest

from data.sqlite.database import open_reader, open_writer
from program import wait_until
from sample_recording import header
from stream.recording import TIMING, RecordingWriter
from wrapper.background_recovery import BackgroundRecovery
from wrapper.pending import mark_pending, pending_recordings


def left_behind(recordings: Path, session_id: str, database: Path, age: float = 3600) -> Path:
    """A recording whose run was killed `age` seconds ago."""
    directory = recordings / "codex" / session_id
    with RecordingWriter(directory, header(session_id, database=str(database))) as writer:
        writer.output("stdout", b"Error: before the end\n", 100)
    mark_pending(directory, database)
    moment = (directory / TIMING).stat().st_mtime - age
    os.utime(directory / TIMING, (moment, moment))
    return directory


def states(database: Path) -> list[tuple[str, str]]:
    connection = open_reader(database)
    try:
        return [tuple(row) for row in connection.execute("SELECT session_id, state FROM process_sessions ORDER BY 1")]
    finally:
        connection.close()


def test_a_session_that_was_interrupted_is_closed(tmp_path: Path) -> None:
    database, recordings = tmp_path / "wrapper.db", tmp_path / "recordings"
    open_writer(database).close()
    left_behind(recordings, "aaaa", database)
    with BackgroundRecovery(recordings, interval=0.05):
        wait_until(lambda: states(database) == [("aaaa", "interrupted")], "the recovery")
        left_behind(recordings, "bbbb", database)
        wait_until(lambda: ("bbbb", "interrupted") in states(database), "the next recovery")
        wait_until(lambda: not list(pending_recordings(recordings)), "both to be settled")


def test_what_runs_or_has_only_just_ended_is_left_to_its_own_indexer(tmp_path: Path) -> None:
    database, recordings = tmp_path / "wrapper.db", tmp_path / "recordings"
    open_writer(database).close()
    left_behind(recordings, "fresh", database, age=-60)  # fresh for a minute to come, however slow this is
    running = recordings / "codex" / "runs"
    with RecordingWriter(running, header("runs", database=str(database))):
        mark_pending(running, database)
        assert BackgroundRecovery(recordings)._due(0.0) == []


def test_what_cannot_be_stored_is_tried_again_later_and_later(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    directory = left_behind(recordings, "aaaa", tmp_path / "wrapper.db")
    recovery = BackgroundRecovery(recordings, interval=10)
    tried = [now for now in range(0, 20_000, 10) if recovery._due(float(now)) == [directory]]
    assert tried[:4] == [0, 20, 60, 140]
    assert max(after - before for before, after in pairwise(tried)) == pytest.approx(3600)


def test_it_stops_at_once(tmp_path: Path) -> None:
    with BackgroundRecovery(tmp_path, interval=3600) as recovery:
        thread = recovery._thread
    assert not thread.is_alive()
