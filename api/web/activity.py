"""Events over time, stacked by type: the numbers that the overview's chart draws, every bucket filled. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from api.timeline import timeline_request
from api.web import wording
from data.summaries import TimelineCount, TimelineRequest
from stream.timestamps import parse_timestamp

DEFAULT_DAYS = 7
BARS = 64

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_MINUTES = (5, 10, 30, 60, 180, 360, 1440, 7 * 1440, 28 * 1440)
# What matters stands on the axis, where heights can be compared.
_STACKED = (
    "error",
    "warning",
    "permission",
    "secret",
    "test_result",
    "tool_use",
    "file_operation",
    "git",
    "code_block",
    "metric",
    "session",
    "state_change",
)


class Share(NamedTuple):
    """How many events of one type there were, in words."""

    type: str
    label: str
    events: str


def activity_request(since: str | None, until: str | None, agent: str | None, now: int) -> TimelineRequest:
    """What to count for a span, by default the last week: in at most so many buckets as bars fit side by side."""
    end = now if until is None else parse_timestamp(until)
    start = end - DEFAULT_DAYS * _DAY if since is None else parse_timestamp(since)
    minutes = next((width for width in _MINUTES if end - start <= width * 60 * _SECOND * BARS), _MINUTES[-1])
    return timeline_request({"bucket": minutes * 60, "agent": agent}, since, until, now)


def activity(wanted: TimelineRequest, counts: Sequence[TimelineCount]) -> Mapping[str, Any]:
    """`starts` (seconds since the epoch) of all buckets, `series` of counts in the order of `types`, and totals."""
    first, last = (parse_timestamp(moment) // _SECOND for moment in (wanted.since, wanted.until))
    starts = range(first, last, wanted.bucket)
    totals: Counter[str] = Counter()
    by_type: dict[str, list[int]] = {}
    for count in counts:
        series = by_type.setdefault(count.event_type, [0] * len(starts))
        series[(count.start - first) // wanted.bucket] += count.events
        totals[count.event_type] += count.events
    types = sorted(by_type, key=lambda name: (_STACKED.index(name) if name in _STACKED else len(_STACKED), name))
    return {
        "bucket_seconds": wanted.bucket,
        "starts": list(starts),
        "types": types,
        "series": [by_type[name] for name in types],
        "shares": [Share(name, label(name), wording.number(totals[name]))._asdict() for name in types],
        "total": wording.number(totals.total()),
    }


def label(event_type: str) -> str:
    """A type as people read it."""
    return event_type.replace("_", " ")
