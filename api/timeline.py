"""The timeline's spans and buckets. Pure.

Both ends of a span are widened to whole buckets, so that every count covers its bucket entirely.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from api.errors import ParameterError
from api.parsers import DAY
from data.summaries import TimelineCount, TimelineRequest
from stream.timestamps import format_timestamp, parse_timestamp

MAX_BUCKETS = 10_000

_DEFAULT_SPAN = 7 * DAY
_SHOWN = 200  # buckets that a default is chosen for: what a chart can show
_SECOND = 1_000_000
_MINUTES = (5, 15, 30, 60, 180, 360, 720, 1440, 7 * 1440, 28 * 1440)


def timeline_request(values: Mapping[str, Any], since: str | None, until: str | None, now: int) -> TimelineRequest:
    """The request for the parameters `agent` and `bucket` and a span; by default the last seven days."""
    end = now if until is None else parse_timestamp(until)
    start = end - _DEFAULT_SPAN if since is None else parse_timestamp(since)
    if start > end:
        raise ParameterError(f"from is {since}, which is after {format_timestamp(end)}", "from must not be after to")
    bucket = values["bucket"] or default_bucket((end - start) // _SECOND)
    width = bucket * _SECOND
    first, last = start // width, -(-end // width)
    if last - first > MAX_BUCKETS:
        raise ParameterError(
            f"bucket is {bucket} seconds, which makes {last - first} buckets",
            f"at most {MAX_BUCKETS} are counted: take wider buckets or a shorter span",
        )
    return TimelineRequest(format_timestamp(first * width), format_timestamp(last * width), bucket, values["agent"])


def default_bucket(span: int) -> int:
    """Seconds of the bucket that fits a span of `span` seconds."""
    widths = [60 * minutes for minutes in _MINUTES]
    return next((width for width in widths if span <= width * _SHOWN), widths[-1])


def timeline_json(wanted: TimelineRequest, counts: Sequence[TimelineCount]) -> dict[str, Any]:
    """The answer; `counts` is in the order of time, and a bucket in which nothing happened is left out."""
    buckets = [
        {"start": format_timestamp(start * _SECOND), "counts": {count.event_type: count.events for count in group}}
        for start, group in groupby(counts, key=lambda count: count.start)
    ]
    return {
        "agent": wanted.agent,
        "from": wanted.since,
        "to": wanted.until,
        "bucket_seconds": wanted.bucket,
        "total": sum(count.events for count in counts),
        "timeline": buckets,
    }
