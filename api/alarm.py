"""Waiting for a moment or for a call, whichever comes first: what a replay does between two events.

An `asyncio.Event` beneath `asyncio.timeout` does the same in six times the time, which fifty replays at once feel.
"""

import asyncio
import math


class Alarm:
    """One task waits, anybody calls."""

    def __init__(self) -> None:
        self._called = False
        self._waiter: asyncio.Future[None] | None = None

    def call(self) -> None:
        """Ends the wait, or the next one if nobody waits now."""
        self._called = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def called(self) -> bool:
        """Whether somebody has called since the last `clear`."""
        return self._called

    def clear(self) -> None:
        """Calls from now on count."""
        self._called = False

    async def wait(self, seconds: float) -> None:
        """Returns when somebody has called, or after so many seconds."""
        if self._called or seconds <= 0:
            return
        loop = asyncio.get_running_loop()
        self._waiter = waiter = loop.create_future()
        timer = None if math.isinf(seconds) else loop.call_later(seconds, _ring, waiter)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()


def _ring(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
