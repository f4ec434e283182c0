"""What keeps the full text up to date beside a reader: before it answers, and from time to time.

Searching must not fail because somebody else is writing, or because the disk may not be written: what could not be
taken in is searched later, and the answer says that it is not complete.
"""

import asyncio
import time
from pathlib import Path
from typing import Self

from data.sqlite.connection import AsyncConnection, connect
from data.sqlite.errors import naming
from data.sqlite.fulltext import take_in
from data.stores import StoreError

PATIENCE = 2.0
INTERVAL = 5.0  # seconds between two looks of our own

_BUSY_TIMEOUT = 1.0


class SearchIndex:
    """Takes rows into the full text of the database at `path`; every `interval` seconds of its own accord, if given.

    Whoever searches waits at most `patience` seconds for what is not in the index yet.
    """

    def __init__(self, path: Path, interval: float | None = None, patience: float = PATIENCE) -> None:
        self._path = path
        self._interval = interval
        self._patience = patience
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._interval is not None:
            self._task = asyncio.create_task(self._keep(self._interval))
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        if self._connection is not None:
            await self._connection.close()

    async def catch_up(self) -> None:
        """Takes in what it can."""
        deadline = time.monotonic() + self._patience
        async with self._turn:
            try:
                while await self._step() and time.monotonic() < deadline:
                    continue
            except StoreError:
                return  # the answer says that it is not complete

    async def _step(self) -> bool:
        if self._connection is None:
            self._connection = await connect(self._path, readonly=False, busy_timeout=_BUSY_TIMEOUT)
        with naming(self._path):
            return await self._connection.run(take_in)

    async def _keep(self, interval: float) -> None:
        while True:
            await self.catch_up()
            await asyncio.sleep(interval)
