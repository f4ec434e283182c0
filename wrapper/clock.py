"""The clock of a recording: it never goes back, and it goes on while the machine sleeps."""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux's monotonic clock stops in suspend


def now() -> int:
    """Nanoseconds since some moment in the past."""
    return time.clock_gettime_ns(_CLOCK)
