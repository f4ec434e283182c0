"""When the events of a replay are due.

Pure but for the clock, which is an argument. A due time is worked out from the last change of speed alone, never from
the event before, so that lateness does not add up.
"""

import math
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
    """One replay's clock. It starts when the pacer is made, at `begin` (µs since the session's start).

    It can be paused, also from the start on, and its speed changed; `idle_limit` (µs of the session) is the longest
    that it waits for an event after the one before.
    """

    def __init__(
        self,
        speed: float,
        begin: int,
        monotonic: Callable[[], float],
        idle_limit: int | None = None,
        *,
        paused: bool = False,
    ) -> None:
        self.speed = speed
        self.paused = paused
        self._monotonic = monotonic
        self._idle_limit = idle_limit
        self._skipped = begin  # µs of the session that are not waited for
        self._last = begin
        self._played = 0.0  # µs that had been waited for at _since
        self._since = monotonic()

    @property
    def position(self) -> int:
        """Where the replay stands: µs since the session's start."""
        return self._skipped + round(self._elapsed())

    def wait(self, at: int) -> float:
        """Seconds to wait from now until the event `at` (µs since the session's start) is due; 0 when it is late.

        While it is paused, that is infinity. Events are asked for in rising order, each as often as one likes.
        """
        if self._idle_limit is not None:
            self._skipped += max(0, at - self._last - self._idle_limit)
        self._last = max(self._last, at)
        if at <= self.position:
            return 0.0
        if self.paused:
            return math.inf
        due = self._since + ((at - self._skipped) - self._played) / MICROSECONDS / self.speed
        return max(0.0, due - self._monotonic())

    def pause(self) -> None:
        """Time stands still until `resume`."""
        self._settle()
        self.paused = True

    def resume(self) -> None:
        """Time goes on where it was paused."""
        self._settle()
        self.paused = False

    def change_speed(self, speed: float) -> None:
        """What comes from now on comes at this speed."""
        self._settle()
        self.speed = speed

    def _elapsed(self) -> float:
        if self.paused:
            return self._played
        return self._played + (self._monotonic() - self._since) * MICROSECONDS * self.speed

    def _settle(self) -> None:
        self._played, self._since = self._elapsed(), self._monotonic()
