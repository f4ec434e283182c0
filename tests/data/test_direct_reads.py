"""Reads in the caller's own thread: short ones are answered, long ones given up without a trace."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.sqlite.direct_reads import DirectReads, TooLongError
from data.sqlite.read_pool import ReadPool
from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import StoreError
from samples import SESSION, a_full_batch, a_session

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT COUNT(*) FROM n"
COUNT = "SELECT COUNT(*) FROM extraction_events"


def ask(sql: str, connection: sqlite3.Connection) -> int:
    return int(connection.execute(sql).fetchone()[0])


@pytest.fixture
def direct(path: Path, recordings: SQLiteRecordingStore) -> Iterator[DirectReads]:
    recordings.open_session(a_session())
    recordings.commit(a_full_batch())
    reads = DirectReads(path)
    yield reads
    reads.close()


def test_a_short_read_is_answered(direct: DirectReads) -> None:
    assert direct.read(lambda connection: ask(COUNT, connection)) == 2


def test_a_long_read_is_given_up_and_the_next_one_works(direct: DirectReads) -> None:
    for _ in range(2):
        with pytest.raises(TooLongError):
            direct.read(lambda connection: ask(ENDLESS, connection))
        assert direct.read(lambda connection: ask(COUNT, connection)) == 2


def test_each_read_sees_what_has_been_committed(direct: DirectReads, recordings: SQLiteRecordingStore) -> None:
    assert direct.read(lambda connection: ask(COUNT, connection)) == 2
    recordings.reset(SESSION, "patterns-1")
    assert direct.read(lambda connection: ask(COUNT, connection)) == 0


def test_what_is_wrong_with_a_read_is_a_store_error(direct: DirectReads) -> None:
    with pytest.raises(StoreError, match="no such table"):
        direct.read(lambda connection: ask("SELECT * FROM missing", connection))


def test_a_read_cannot_write(direct: DirectReads) -> None:
    with pytest.raises(StoreError, match="readonly"):
        direct.read(lambda connection: connection.execute("DELETE FROM extraction_events"))


@pytest.mark.anyio
async def test_a_pool_answers_what_took_too_long_at_once(path: Path, recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    async with ReadPool(path, size=1) as pool:
        assert await pool.read_soon(lambda connection: ask(ENDLESS, connection)) == 300_000
