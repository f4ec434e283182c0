"""What endpoints work with: the settings of the server, and the reading side of its database."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, cast

from starlette.requests import Request

from api.alarm import Alarm
from data.queries import Reader
from data.sqlite.changes import SQLiteChanges
from data.sqlite.read_pool import ReadPool


def _now() -> int:
    return time.time_ns() // 1000


class Settings(NamedTuple):
    """Everything that the application is given; `host` is the address that it is bound to.

    With a `token`, only those who know it are answered. `now` tells µs since the epoch, `monotonic` seconds; `wait`
    returns when the alarm is called, or after so many seconds. `heartbeat` is seconds between the comments in a silent
    event stream, `send_timeout` how long a client may take to accept an event before it is cut off. Statements that
    take longer than `slow_query` seconds are logged.
    """

    database: Path
    version: str
    host: str = "127.0.0.1"
    token: str | None = None
    now: Callable[[], int] = _now
    monotonic: Callable[[], float] = time.monotonic
    wait: Callable[[Alarm, float], Awaitable[None]] = Alarm.wait
    heartbeat: float = 15.0
    send_timeout: float = 30.0
    slow_query: float = 0.1


def settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    return cast("Settings", request.app.state.settings)


def reader_of(request: Request) -> Reader:
    """The reader that the application's lifespan opened."""
    return cast("Reader", request.state.reader)


def pool_of(request: Request) -> ReadPool:
    """The connections that it reads with."""
    return cast("ReadPool", request.state.pool)


def changes_of(request: Request) -> SQLiteChanges:
    """What has been committed, for those who follow."""
    return cast("SQLiteChanges", request.state.changes)


def closing_of(request: Request) -> asyncio.Event:
    """Set when the server stops: whatever never ends by itself ends then."""
    return cast("asyncio.Event", request.app.state.closing)
