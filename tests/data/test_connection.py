"""The asynchronous connection: one transaction at a time, ended whatever becomes of the task."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from data.sqlite.connection import AsyncConnection, connect
from data.sqlite.database import open_writer
from data.sqlite.extraction_store import SQLiteExtractionStore
from data.stores import StoreError
from samples import an_event

pytestmark = pytest.mark.anyio

COUNT = "SELECT COUNT(*) FROM extraction_events"
MANY = [an_event(line_number=number) for number in range(2_000)]


@pytest.fixture
async def connection(path: Path, anyio_backend: str) -> AsyncIterator[AsyncConnection]:  # noqa: ARG001 (runs it)
    async with connect(path, readonly=False) as connection:
        yield connection


async def stored(connection: AsyncConnection) -> int:
    ((number,),) = await connection.fetch(COUNT)
    return int(number)


async def test_a_reader_cannot_write_and_sees_what_is_committed(path: Path, connection: AsyncConnection) -> None:
    async with connect(path, readonly=True) as reader:
        await SQLiteExtractionStore(connection).save_extraction(an_event())
        assert await stored(reader) == 1
        with pytest.raises(StoreError, match=f"{path} cannot be written") as error:
            await SQLiteExtractionStore(reader).save_extraction(an_event())
        assert error.value.hint
        assert await stored(reader) == 1


async def test_a_database_that_is_not_there_is_an_error_when_connecting(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        await connect(path, readonly=True)


async def test_a_locked_database_is_said_and_leaves_no_transaction_open(path: Path) -> None:
    blocker = open_writer(path)
    async with SQLiteExtractionStore.open(path, busy_timeout=0.01) as store:
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked"):
            await store.save_extraction(an_event())
        blocker.execute("ROLLBACK")
        await store.save_extraction(an_event())
    blocker.close()


async def test_tasks_that_share_a_connection_store_one_after_another(connection: AsyncConnection) -> None:
    store = SQLiteExtractionStore(connection)
    await asyncio.gather(*(store.save_extraction_batch([an_event()] * 10) for _ in range(20)))
    assert await stored(connection) == 200


async def test_what_fails_in_a_transaction_undoes_it(connection: AsyncConnection) -> None:
    async def fail() -> None:
        async with connection.transaction():
            await connection.execute("INSERT INTO checkpoints VALUES ('nobody', 1, 0, 0, 0, 0, '', '')")

    with pytest.raises(StoreError, match="FOREIGN KEY"):
        await fail()
    assert not connection.in_transaction


@pytest.mark.parametrize(
    ("statement", "rows"), [("BEGIN", 0), ("INSERT OR ROLLBACK INTO extraction_events", 0), ("COMMIT", len(MANY))]
)
async def test_a_batch_that_is_cancelled_during_a_statement_is_stored_whole_or_not_at_all(
    connection: AsyncConnection, statement: str, rows: int
) -> None:
    store = SQLiteExtractionStore(connection)
    loop = asyncio.get_running_loop()

    def cancel(executed: str) -> None:
        if executed.strip().startswith(statement):
            loop.call_soon_threadsafe(task.cancel)

    await connection.set_trace_callback(cancel)
    task = asyncio.create_task(store.save_extraction_batch(MANY))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not connection.in_transaction
    assert await stored(connection) == rows
    await connection.set_trace_callback(lambda _: None)
    assert await store.save_extraction_batch(MANY[:5]) == 5
    assert await stored(connection) == rows + 5


async def test_cancelling_while_waiting_for_a_lock_leaves_no_transaction_open(path: Path) -> None:
    blocker = open_writer(path)
    blocker.execute("BEGIN IMMEDIATE")
    async with connect(path, readonly=False, busy_timeout=0.2) as connection:
        task = asyncio.create_task(SQLiteExtractionStore(connection).save_extraction(an_event()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not connection.in_transaction
        blocker.execute("ROLLBACK")
        await SQLiteExtractionStore(connection).save_extraction(an_event())
        assert await stored(connection) == 1
    blocker.close()
