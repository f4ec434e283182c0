"""Says which statements take too long, and how SQLite went about them.

It listens to what a connection executes: a statement lasts from its start to that of the next, and every read ends with
COMMIT or ROLLBACK. The plan is made by another connection in a thread of its own, one at a time: a server in trouble
gets no more work from its own log.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from data.sqlite.database import open_reader
from data.stores import StoreError

LOGGER = logging.getLogger("wrapper.slow_queries")

_TIMED = ("SELECT", "WITH")
_SHOWN = 2000  # characters of a statement


class SlowQueries:
    """Logs statements that take `threshold` seconds or more."""

    def __init__(self, database: Path, threshold: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._threshold = threshold
        self._monotonic = monotonic
        self._explaining = threading.Lock()

    def watch(self, connection: sqlite3.Connection) -> None:
        """Listens to everything that the connection executes."""
        running: tuple[str, float] | None = None

        def executed(statement: str) -> None:
            nonlocal running
            now = self._monotonic()
            if running is not None and now - running[1] >= self._threshold:
                self._report(running[0], now - running[1])
            running = (statement, now) if statement.lstrip().upper().startswith(_TIMED) else None

        connection.set_trace_callback(executed)

    def _report(self, statement: str, seconds: float) -> None:
        if self._explaining.acquire(blocking=False):
            threading.Thread(target=self._log, args=(statement, seconds), name="slow query", daemon=True).start()
        else:
            LOGGER.warning("%.3f s: %s", seconds, _one_line(statement))

    def _log(self, statement: str, seconds: float) -> None:
        try:
            LOGGER.warning("%.3f s: %s\n%s", seconds, _one_line(statement), self._plan(statement))
        finally:
            self._explaining.release()

    def _plan(self, statement: str) -> str:
        try:
            connection = open_reader(self._database)
        except StoreError as error:
            return f"    no plan: {error}"
        try:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        except sqlite3.Error as error:
            return f"    no plan: {error}"
        finally:
            connection.close()
        return "\n".join(f"    {row['detail']}" for row in rows)


def _one_line(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
