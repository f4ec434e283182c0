"""A few read-only connections that many readers share.

Whoever reads gets a snapshot: one transaction, so that all statements see the same database. Every read has a
deadline, at which SQLite is interrupted; a reader that is cancelled frees its connection likewise.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from data.sqlite.connection import AsyncConnection, connect
from data.sqlite.direct_reads import DirectReads, TooLongError
from data.sqlite.errors import naming
from data.sqlite.transaction import snapshot
from data.stores import StoreError

T = TypeVar("T")

POOL_SIZE = 4
DEADLINE = 10.0


class ReadPool:
    """`size` connections to the database at `path`; a read may take `deadline` seconds, waiting for one included.

    `watch` is called with each connection, in its thread, before it is used.
    """

    def __init__(
        self,
        path: Path,
        size: int = POOL_SIZE,
        deadline: float = DEADLINE,
        watch: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        self.path = path
        self._size = size
        self._deadline = deadline
        self._watch = watch
        self._direct: DirectReads | None = None
        self._connections: list[AsyncConnection] = []
        self._free: asyncio.Queue[AsyncConnection] = asyncio.Queue()
        self._returning: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        # Before aiosqlite, which would leave a thread behind where opening fails.
        self._direct = DirectReads(self.path, watch=self._watch)
        try:
            for _ in range(self._size):
                connection = await connect(self.path, readonly=True)
                self._connections.append(connection)
                if self._watch is not None:
                    await connection.run(self._watch)
                self._free.put_nowait(connection)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Waits for connections that are on their way back, then closes all."""
        await asyncio.gather(*self._returning)
        for connection in self._connections:
            await connection.close()
        self._connections = []
        if self._direct is not None:
            self._direct.close()
            self._direct = None

    async def read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """What `question` finds in one snapshot; it is asked in the connection's thread.

        Raises `StoreError` when the database fails or the deadline passes.
        """
        async with self._connection() as connection:
            return await connection.run(partial(_in_snapshot, question))

    async def read_soon(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """The same, for a question that mostly takes a moment: it is tried at once, in the caller's thread."""
        if self._direct is not None:
            with suppress(TooLongError):
                return self._direct.read(question)
        return await self.read(question)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with asyncio.timeout(self._deadline):
                with naming(self.path):
                    async with self._borrowed() as connection:
                        yield connection
        except TimeoutError as error:
            raise StoreError(
                f"{self.path} did not answer within {self._deadline:g} s",
                "ask for less: fewer days, a smaller page, no exact count",
            ) from error

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[AsyncConnection]:
        connection = await self._free.get()
        try:
            yield connection
        except BaseException:
            # Not awaited: this may be a cancellation, and the statement must be stopped all the same.
            task = asyncio.create_task(self._take_back(connection))
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)
            raise
        self._free.put_nowait(connection)

    async def _take_back(self, connection: AsyncConnection) -> None:
        try:
            await connection.interrupt()
            while connection.in_transaction:
                with suppress(sqlite3.OperationalError):  # the interruption may reach the rollback itself
                    await connection.rollback()
        finally:
            self._free.put_nowait(connection)


def _in_snapshot(question: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
    with snapshot(connection):
        return question(connection)
