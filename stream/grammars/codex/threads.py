"""When a thread of codex began, as its id says: a UUID of version 7, which begins with the time. Pure."""

from stream.lazy_regex import lazy_regex
from stream.timestamps import format_timestamp

_ID = lazy_regex(r"(0[0-7][0-9a-f]{6})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$")  # until the year 2248
_SECOND = len("2026-11-23T00:03:25")


def is_older(thread: str, than: str) -> bool:
    """Whether one thread began before the other one did; false if that is not known."""
    one, other = _began(thread), _began(than)
    return one is not None and other is not None and one < other


def is_before(timestamp: str, thread: str) -> bool:
    """Whether the second of this timestamp (ISO 8601, UTC) was over when the thread began; false if nobody knows."""
    began = _began(thread)
    return began is not None and timestamp[:_SECOND] < format_timestamp(began * 1000)[:_SECOND]


def _began(thread: str) -> int | None:
    """Milliseconds since the epoch."""
    match = _ID.match(thread)
    return int(match[1] + match[2], 16) if match else None
