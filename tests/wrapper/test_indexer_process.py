"""The indexer's process as its pump sees it: a doorbell, and reports."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import StoreError
from stream.recording import RecordingHeader, RecordingWriter
from stream.records import Batch
from wrapper import indexer_process

HEADER = RecordingHeader("0123456789abcdef", "test", ("true",), "/", 1_700_000_000_000_000)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    directory = tmp_path / "recordings" / "test" / HEADER.session_id
    with RecordingWriter(directory, HEADER) as writer:
        writer.output("stdout", b"Error: one\n", 1000)
        writer.finish(0, 2000)
    return directory


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Of an indexer whose pump has rung once, and has gone."""
    doorbell, rung = os.pipe()
    reading, writing = os.pipe()
    os.write(rung, b"\0")
    os.close(rung)
    monkeypatch.setattr(indexer_process, "_DOORBELL", doorbell)
    monkeypatch.setattr(indexer_process, "_REPORTS", writing)
    monkeypatch.setattr(indexer_process, "_RETRY", 0.01)
    yield reading
    for fd in (doorbell, reading, writing):
        os.close(fd)


def refuse_commits(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Batch]:
    """The batches that a store was given; it refuses the first so many of them."""
    given: list[Batch] = []
    commit = SQLiteRecordingStore.commit

    def refusing(self: SQLiteRecordingStore, batch: Batch) -> bool:
        given.append(batch)
        if len(given) <= times:
            raise StoreError("the database is locked")
        return commit(self, batch)

    monkeypatch.setattr(SQLiteRecordingStore, "commit", refusing)
    return given


def said(reports: int) -> list[dict[str, object]]:
    return [json.loads(line) for line in os.read(reports, 1 << 16).splitlines()]


def test_a_database_that_refuses_is_tried_once_more_behind_the_end_of_the_run(
    recording: Path, tmp_path: Path, reports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = refuse_commits(monkeypatch, 1)
    indexer_process._store(recording, tmp_path / "x.db", [])
    assert len(given) == 2
    assert said(reports) == [{"error": "the database is locked"}, {"stored": True, "lines": 1, "events": 1}]


def test_a_database_that_goes_on_refusing_is_left_to_the_next_command(
    recording: Path, tmp_path: Path, reports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = refuse_commits(monkeypatch, 9)
    with pytest.raises(StoreError):
        indexer_process._store(recording, tmp_path / "x.db", [])
    assert len(given) == 2
    assert said(reports) == [{"error": "the database is locked"}] * 2


def test_a_mistake_of_ours_is_written_where_the_user_alone_can_read_it(
    recording: Path, tmp_path: Path, reports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object) -> None:
        raise RuntimeError("a mistake")

    def leave(status: int) -> None:
        raise SystemExit(status)

    monkeypatch.setattr(indexer_process, "_store", mistaken)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(os, "_exit", leave)
    with pytest.raises(SystemExit):
        indexer_process.main({"directory": str(recording), "db": str(tmp_path / "x.db"), "patterns": []})
    log = recording / "indexer.log"
    assert said(reports) == [{"error": f"the indexer failed; see {log}"}]
    assert log.read_text().endswith("RuntimeError: a mistake\n")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
