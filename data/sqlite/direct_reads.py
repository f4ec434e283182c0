"""Reads in the caller's own thread, for as long as they are short.

Handing a read to another thread and back costs more than most reads do: each hand-over of Python's lock is a wait. So a
read is tried at once, and given up when it takes longer than a moment; whoever asked hands it to a thread then.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from data.sqlite.database import open_reader
from data.sqlite.errors import naming
from data.sqlite.transaction import snapshot

T = TypeVar("T")

MOMENT = 0.004  # seconds of work that may hold up everybody else
PATIENCE = 0.02  # seconds, if it waits: for the disk, or for a processor (it would wait for that in a thread as well)
_OPERATIONS = 4000  # of SQLite's machine between two looks at the clocks: some 200 µs unless the disk is waited for


class TooLongError(Exception):
    """The read was given up; nothing has happened."""


class DirectReads:
    """A connection to the database at `path` for the thread that makes it; `watch` is called with it."""

    def __init__(
        self,
        path: Path,
        moment: float = MOMENT,
        patience: float = PATIENCE,
        watch: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        self._path = path
        self._moment = moment
        self._patience = patience
        self._worked = self._latest = 0.0  # when a read is over: by the thread's clock, and by everybody's
        self._connection = open_reader(path)
        self._connection.execute("PRAGMA busy_timeout = 0")
        self._connection.set_progress_handler(self._is_over, _OPERATIONS)
        if watch is not None:
            watch(self._connection)

    def close(self) -> None:
        """Lets go of the database."""
        self._connection.close()

    def read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """What `question` finds in one snapshot. Raises `TooLongError`, and `StoreError`."""
        self._worked, self._latest = time.thread_time() + self._moment, time.monotonic() + self._patience
        with naming(self._path):
            try:
                with snapshot(self._connection):
                    return question(self._connection)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY):
                    raise TooLongError from error
                raise

    def _is_over(self) -> bool:
        return time.thread_time() > self._worked or time.monotonic() > self._latest
