"""What endpoints work with: the settings of the server and the reading side of its database."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, cast

from starlette.requests import Request

from data.queries import Reader


def _now() -> int:
    return time.time_ns() // 1000


class Settings(NamedTuple):
    """Everything that the application is given; `host` is the address that it is bound to.

    `now` tells µs since the epoch, `monotonic` and `sleep` go by seconds. `heartbeat` is seconds between the comments
    in a silent event stream, `send_timeout` how long a client may take to accept an event before it is cut off.
    """

    database: Path
    version: str
    host: str = "127.0.0.1"
    now: Callable[[], int] = _now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    heartbeat: float = 15.0
    send_timeout: float = 30.0


def settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    return cast("Settings", request.app.state.settings)


def reader_of(request: Request) -> Reader:
    """The reader that the application's lifespan opened."""
    return cast("Reader", request.state.reader)
