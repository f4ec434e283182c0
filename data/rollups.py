"""Counts of events per bucket of time. Pure: the stores keep `metric_buckets` and `type_buckets` equal to them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stream.records import ExtractionEvent
from stream.timestamps import format_timestamp, parse_timestamp

WIDTHS = {"5m": 300, "1h": 3_600, "1d": 86_400, "all": 366_000 * 86_400}  # seconds; a thousand years are all time

_MICROSECONDS = 1_000_000
_MINUTE = 16  # characters of a timestamp: every width is whole minutes, so the rest does not matter


class Bucket(NamedTuple):
    """The key of a row of `metric_buckets`; `start` is the bucket's first moment, no risk is an empty text."""

    width: str
    start: str
    agent_name: str
    event_type: str
    pattern: str
    risk_level: str = ""


class TypeBucket(NamedTuple):
    """The key of a row of `type_buckets`, which a timeline is read from: there is none of all time."""

    width: str
    start: str
    agent_name: str
    event_type: str


class MinuteCount(NamedTuple):
    """How many events of one kind fell into one minute (`2026-11-22T01:34`)."""

    minute: str
    agent_name: str
    event_type: str
    pattern: str
    risk_level: str
    events: int


def bucket_start(timestamp: str, width: str) -> str:
    """The first moment of the bucket that holds `timestamp`. Raises `ValueError` for what is not ISO 8601."""
    size = WIDTHS[width] * _MICROSECONDS
    return format_timestamp(parse_timestamp(timestamp) // size * size)


def count_minutes(events: Iterable[ExtractionEvent]) -> list[MinuteCount]:
    """Events counted per minute, agent, type, pattern and risk."""
    counts = Counter(
        (event.timestamp[:_MINUTE], event.agent_name, event.event_type, event.pattern, event.risk_level or "")
        for event in events
    )
    return [MinuteCount(*key, count) for key, count in counts.items()]


def count_buckets(minutes: Iterable[MinuteCount]) -> dict[Bucket, int]:
    """The buckets of every width that these minutes fall into, and what they add to them."""
    counts: Counter[Bucket] = Counter()
    starts: dict[str, dict[str, str]] = {}
    for minute, *kind, events in minutes:
        if minute not in starts:
            starts[minute] = {width: bucket_start(minute, width) for width in WIDTHS}
        for width, start in starts[minute].items():
            counts[Bucket(width, start, *kind)] += events
    return dict(counts)


def count_types(buckets: Mapping[Bucket, int]) -> dict[TypeBucket, int]:
    """The same counts by agent and type alone."""
    counts: Counter[TypeBucket] = Counter()
    for (width, start, agent, event_type, _, _), events in buckets.items():
        if width != "all":
            counts[TypeBucket(width, start, agent, event_type)] += events
    return dict(counts)


def spans(since: str, until: str) -> list[tuple[str, str, str]]:
    """(width, first start, end) of the widest buckets that together cover a span exactly, in the order of time.

    `since` and `until` are timestamps at which five-minute buckets begin.
    """
    return [
        (width, format_timestamp(start * _MICROSECONDS), format_timestamp(end * _MICROSECONDS))
        for width, start, end in _cover(
            parse_timestamp(since) // _MICROSECONDS, parse_timestamp(until) // _MICROSECONDS, list(WIDTHS)
        )
    ]


def _cover(start: int, end: int, widths: list[str]) -> list[tuple[str, int, int]]:
    """Whole buckets of the widest width in the middle, narrower ones on both sides."""
    *narrower, width = widths
    size = WIDTHS[width]
    first, last = -(-start // size) * size, end // size * size
    if not narrower:
        return [(width, first, last)] if first < last else []
    if first >= last:
        return _cover(start, end, narrower)
    return [*_cover(start, first, narrower), (width, first, last), *_cover(last, end, narrower)]
