"""The asynchronous side: aiosqlite on the connections of `data.sqlite.database`.

A connection has a thread, and what was handed to the thread happens even if whoever waits for it is cancelled. So a
transaction never leaves its end to chance: it is committed or rolled back before the cancellation goes on.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosqlite

from data.sqlite.database import BUSY_TIMEOUT, open_reader, open_writer
from data.sqlite.errors import naming
from data.sqlite.transaction import Conversation, converse

T = TypeVar("T")

_ROWS_PER_FETCH = 256


class AsyncConnection(aiosqlite.Connection):
    """A connection that knows its file and lets one task at a time have a transaction; rows are `sqlite3.Row`."""

    def __init__(self, path: Path, *, readonly: bool, busy_timeout: float) -> None:
        opener = open_reader if readonly else open_writer
        super().__init__(partial(opener, path, busy_timeout=busy_timeout), _ROWS_PER_FETCH)
        self.path = path
        self._turn = asyncio.Lock()
        self._stopped: asyncio.Future[Any] | None = None

    def stop(self) -> asyncio.Future[Any] | None:
        self._stopped = super().stop()
        return self._stopped

    def __await__(self) -> Generator[Any, None, Self]:
        try:
            yield from super().__await__()
        except BaseException:
            # aiosqlite does not wait here, and its thread would look for a loop that may be closed by then.
            if self._stopped is not None:
                yield from self._stopped
            raise
        return self

    async def __aenter__(self) -> Self:
        return await self

    async def fetch(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[aiosqlite.Row]:
        """All rows, as no transaction of another task leaves them half done. Raises `StoreError`."""
        async with self._turn:
            with naming(self.path):
                return list(await self.execute_fetchall(sql, values))

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """What `function` returns, called in the connection's thread: one way there and back for all it executes."""
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]
        return result

    async def store(self, statements: Conversation[T]) -> T:
        """Has the conversation in a transaction of its own, and returns what it returns. Raises `StoreError`."""
        async with self.transaction():
            return await self.run(lambda connection: converse(connection, statements))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Takes the write lock at once; commits at the end of the block, or leaves everything as it was."""
        async with self._turn:
            with naming(self.path):
                try:
                    await _settled(self.execute("BEGIN IMMEDIATE"))
                    yield
                    await _settled(self.execute("COMMIT"))
                except BaseException:
                    # Behind whatever still runs, and nothing where no transaction is left.
                    await _settled(self.rollback())
                    raise


class SQLiteStore:
    """What the stores have in common: the connection, which several may share."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> AsyncIterator[Self]:
        """A store on a connection of its own; the database is made and migrated as needed."""
        async with connect(path, readonly=False, busy_timeout=busy_timeout) as connection:
            yield cls(connection)


def connect(path: Path, *, readonly: bool, busy_timeout: float = BUSY_TIMEOUT) -> AsyncConnection:
    """A connection to await or to enter. Raises `StoreError` then; a reader's file must exist and have our schema."""
    return AsyncConnection(path, readonly=readonly, busy_timeout=busy_timeout)


async def _settled(operation: Awaitable[T]) -> T:
    """The result of what cannot be stopped half-way: a cancellation is passed on once it is over."""
    task = asyncio.ensure_future(operation)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        raise cancellation from task.exception()
    return task.result()
