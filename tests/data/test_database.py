"""Opening the database: what is made, what is left alone, and errors that say what to do."""

import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from data.sqlite.database import open_reader, open_writer
from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import StoreError
from samples import SESSION, a_session


def test_a_folder_of_ours_keeps_itself_out_of_git(path: Path) -> None:
    open_writer(path).close()
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_a_folder_that_was_there_is_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    open_writer(path).close()
    assert [file.name for file in path.parent.iterdir()] == ["wrapper.db"]


def test_the_files_are_for_their_owner_alone(path: Path) -> None:
    connection = open_writer(path)
    connection.execute("CREATE TABLE t (x)")
    for file in path.parent.glob("wrapper.db*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    connection.close()


def test_a_writer_is_durable_and_checks_references(path: Path) -> None:
    connection = open_writer(path, busy_timeout=3)
    settings = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    connection.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 3000}


@pytest.mark.parametrize("name", ["a b.db", "what?.db", "50%41.db", "c#1.db", "é.db", "a&mode=rw.db", "\udcff.db"])
def test_any_path_can_be_written_and_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name.removesuffix(".db") / name
    open_writer(path).close()
    connection = open_reader(path)
    assert connection.execute("SELECT COUNT(*) FROM extraction_events").fetchone()[0] == 0
    connection.close()
    assert path.exists()


def test_a_reader_cannot_write(path: Path) -> None:
    open_writer(path).close()
    connection = open_reader(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM extraction_events")
    connection.close()


def test_a_reader_sees_what_a_writer_commits(path: Path) -> None:
    with SQLiteRecordingStore.open(path) as store:
        connection = open_reader(path)
        store.open_session(a_session())
        assert connection.execute("SELECT COUNT(*) FROM process_sessions").fetchone()[0] == 1
        connection.close()


def test_a_missing_database_is_not_made_by_a_reader(path: Path) -> None:
    with pytest.raises(StoreError, match=f"no database {path}") as error:
        open_reader(path)
    assert "--enable-db" in error.value.hint
    assert not path.parent.exists()


def _text(path: Path) -> None:
    path.write_text("This is not a database. " * 1000)


def _folder(path: Path) -> None:
    path.mkdir()


def _empty(path: Path) -> None:
    path.touch()


def _broken(path: Path) -> None:
    open_writer(path).close()
    data = bytearray(path.read_bytes())
    data[100:4096] = b"\xff" * 3996
    path.write_bytes(data)


@pytest.mark.parametrize("opener", [open_writer, open_reader])
@pytest.mark.parametrize(
    ("make", "message"),
    [(_text, "is not a SQLite database"), (_folder, "cannot be opened"), (_broken, "is damaged")],
)
def test_what_is_no_database_is_said_with_path_and_hint(
    path: Path, opener: Callable[[Path], sqlite3.Connection], make: Callable[[Path], None], message: str
) -> None:
    path.parent.mkdir()
    make(path)
    with pytest.raises(StoreError, match=f"{path} {message}") as error:
        opener(path)
    assert error.value.hint


def test_a_reader_refuses_a_schema_that_is_older(path: Path) -> None:
    path.parent.mkdir()
    _empty(path)
    with pytest.raises(StoreError, match=f"{path} is older"):
        open_reader(path)


def test_a_folder_that_cannot_be_made_is_said_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"wrapper\.db cannot be opened") as error:
        open_writer(tmp_path / "file" / "data" / "wrapper.db")
    assert error.value.hint


def test_a_full_disk_is_said_and_leaves_the_store_usable(recordings: SQLiteRecordingStore) -> None:
    connection = recordings._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="the disk is full") as error:
        recordings.open_session(a_session(environment="x" * 10_000))
    assert "make room" in error.value.hint
    connection.execute(f"PRAGMA max_page_count = {pages + 100}")
    recordings.open_session(a_session(environment="x" * 10_000))
    assert recordings.find_session(SESSION).session_id == SESSION


def test_a_locked_database_is_waited_for(path: Path, recordings: SQLiteRecordingStore) -> None:
    other = open_writer(path)
    other.execute("BEGIN IMMEDIATE")
    stored = threading.Event()

    def store() -> None:
        with SQLiteRecordingStore.open(path) as waiting:
            waiting.open_session(a_session())
            stored.set()

    thread = threading.Thread(target=store)
    thread.start()
    assert not stored.wait(0.2)
    other.execute("COMMIT")
    assert stored.wait(60)
    thread.join()
    other.close()
    assert recordings.find_session(SESSION).session_id == SESSION


def test_a_database_that_stays_locked_is_said_with_path_and_hint(path: Path, recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    with SQLiteRecordingStore.open(path, busy_timeout=0.01) as hasty:
        recordings._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=f"{path} is locked by another process") as error:
            hasty.heartbeat(a_session().session_id, "2026-11-22T01:34:53.000000Z")
        assert "try again" in error.value.hint
        recordings._connection.execute("ROLLBACK")
        hasty.heartbeat(a_session().session_id, "2026-11-22T01:34:53.000000Z")


def test_the_indexers_store_starts_without_asyncio() -> None:
    code = "import sys, data.sqlite.recording_store; print({'asyncio', 'dataclasses', 'aiosqlite'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
