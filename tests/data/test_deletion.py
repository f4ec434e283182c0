"""Deleting: nothing of a session is left, in the rows or in the bytes, and what others have stays theirs."""

from pathlib import Path

import pytest

from data.sqlite.deletion import Deleted, delete_all, delete_sessions
from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import SessionNotFoundError, StoreError
from samples import SESSION, a_batch, a_block, a_full_batch, a_session, a_state, an_event
from stored import counts, rows, without_ids

SECRET = "xyzzyplugh"


def everything(store: SQLiteRecordingStore) -> dict[str, list[tuple[object, ...]]]:
    indexes = {
        name: rows(store, f"SELECT rowid FROM {name} WHERE {name} MATCH 'print OR could OR {SECRET}'")
        for name in ("event_search", "block_search")
    }
    return without_ids(store) | indexes


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def store_secrets(store: SQLiteRecordingStore, session_id: str, revision: int = 1) -> None:
    events = [an_event(session_id=session_id, original_line=f"{SECRET} {number}") for number in range(300)]
    block = a_block(session_id=session_id, content=f"{SECRET} = 1\n")
    ended = a_state("completed", session_id=session_id, exit_code=0)
    store.commit(a_batch(revision, session_id, events=tuple(events), blocks=(block,), state_changes=(ended,)))


def test_a_deleted_session_leaves_the_database_as_if_it_had_never_been(
    path: Path, recordings: SQLiteRecordingStore
) -> None:
    recordings.open_session(a_session("other"))
    recordings.commit(a_full_batch(1, "other"))
    while recordings.index_text():
        continue
    before = everything(recordings)
    recordings.open_session(a_session())
    recordings.commit(a_full_batch(1))
    store_secrets(recordings, SESSION, 2)
    while recordings.index_text():
        continue
    assert delete_sessions(path, [SESSION]) == Deleted(1, 302, 2, overwritten=True)
    assert everything(recordings) == before
    assert rows(recordings, "PRAGMA integrity_check") == [("ok",)]
    assert rows(recordings, "PRAGMA foreign_key_check") == []
    for index in ("event_search", "block_search"):
        recordings._connection.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")


@pytest.mark.parametrize("indexed", [True, False])
def test_the_bytes_of_what_is_deleted_are_gone(path: Path, recordings: SQLiteRecordingStore, indexed: bool) -> None:
    recordings.open_session(a_session("other"))
    recordings.commit(a_full_batch(1, "other"))
    recordings.open_session(a_session())
    store_secrets(recordings, SESSION)
    while indexed and recordings.index_text():
        continue
    assert SECRET.encode() in bytes_on_disk(path)
    assert delete_sessions(path, [SESSION]).overwritten
    assert SECRET.encode() not in bytes_on_disk(path)


def test_who_still_reads_keeps_the_old_bytes_until_done(path: Path, recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    store_secrets(recordings, SESSION)
    recordings._connection.execute("BEGIN")
    assert rows(recordings, "SELECT COUNT(*) FROM extraction_events") == [(300,)]
    assert not delete_sessions(path, [SESSION], busy_timeout=0.1).overwritten
    assert rows(recordings, "SELECT COUNT(*) FROM extraction_events") == [(300,)]
    recordings._connection.execute("COMMIT")
    assert delete_all(path).overwritten
    assert SECRET.encode() not in bytes_on_disk(path)


def test_all_sessions_are_deleted_or_none(path: Path, recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    recordings.commit(a_full_batch())
    before = everything(recordings)
    with pytest.raises(SessionNotFoundError, match="nobody"):
        delete_sessions(path, [SESSION, "nobody"])
    assert everything(recordings) == before


def test_a_database_that_somebody_writes_to_is_not_touched(path: Path, recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    recordings._connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        delete_sessions(path, [SESSION], busy_timeout=0.1)
    recordings._connection.execute("ROLLBACK")
    assert recordings.find_session(SESSION).session_id == SESSION


def test_purging_leaves_an_empty_database_that_goes_on(path: Path, recordings: SQLiteRecordingStore) -> None:
    for session_id in ("one", "two"):
        recordings.open_session(a_session(session_id))
        recordings.commit(a_full_batch(1, session_id))
    recordings.index_text()
    store_secrets(recordings, "one", 2)
    assert delete_all(path) == Deleted(2, 304, 4, overwritten=True)
    assert set(counts(recordings).values()) == {0}
    assert SECRET.encode() not in bytes_on_disk(path)
    recordings.open_session(a_session("three"))
    recordings.commit(a_full_batch(1, "three"))
    assert rows(recordings, "SELECT MIN(id) FROM extraction_events") == [(305,)]  # who polls by id misses nothing
    assert recordings.index_text()
    assert rows(recordings, "SELECT rowid FROM event_search WHERE event_search MATCH 'could'") == [(305,), (306,)]
