"""When the events of a replay are due.

Pure but for the clock, which is an argument. A due time is worked out from the start alone, never from the event
before, so that lateness does not add up.
"""

from collections.abc import Callable

from stream.timing import MICROSECONDS

MIN_SPEED = 0.1
MAX_SPEED = 100.0


def due_after(at: int, speed: float, begin: int = 0) -> float:
    """Seconds between the start of a replay and the event `at` (µs since the session's start).

    The replay's clock starts at `begin` (µs): what came before is due at once.
    """
    return max(0, at - begin) / MICROSECONDS / speed


class Pacer:
    """One replay's clock. It starts when the pacer is made."""

    def __init__(self, speed: float, begin: int, monotonic: Callable[[], float]) -> None:
        self._speed = speed
        self._begin = begin
        self._monotonic = monotonic
        self._start = monotonic()

    def wait(self, at: int) -> float:
        """Seconds to wait from now until the event `at` (µs since the session's start) is due; 0 when it is late."""
        return max(0.0, self._start + due_after(at, self._speed, self._begin) - self._monotonic())
