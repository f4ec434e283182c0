"""Spans of time as people name them: `last-night`, `this-week`, `-14d..-7d`. Pure, but for the zone of this machine.

Days and weeks begin at midnight where the server runs: a night in another zone would be nobody's.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from stream.timestamps import format_timestamp, parse_timestamp

NAMES = ("last-night", "today", "yesterday", "this-week", "last-week")
PREVIOUS = "previous"

_EVENING, _MORNING = 18, 8  # o'clock, between which it is night
_STEP = 300_000_000  # µs: counts are kept by five minutes


class BackwardsError(ValueError):
    """A span that ends before it begins."""

    def __init__(self) -> None:
        super().__init__("the span ends before it begins")


class Period(NamedTuple):
    """From a timestamp up to another one, which is not part of it. Both are whole multiples of five minutes."""

    since: str
    until: str


def period(text: str, now: int, moment: Callable[[str, int], str]) -> Period:
    """One of the `NAMES`, or two times that `moment` reads with `..` between.

    Raises `BackwardsError`, and another `ValueError` for what is no span.
    """
    if text in NAMES:
        return whole(*_named(text, now))
    first, dots, last = text.partition("..")
    if not dots:
        raise ValueError(f"{text!r} is no span of time")
    return whole(parse_timestamp(moment(first or "1970-01-01", now)), parse_timestamp(moment(last or "now", now)))


def whole(since: int, until: int) -> Period:
    """The span (µs) widened to multiples of five minutes. Raises `BackwardsError`."""
    if since > until:
        raise BackwardsError
    return Period(format_timestamp(since // _STEP * _STEP), format_timestamp(-(-until // _STEP) * _STEP))


def previous(span: Period) -> Period:
    """The span of the same length that ends where this one begins."""
    since, until = map(parse_timestamp, span)
    return Period(format_timestamp(max(0, 2 * since - until)), span.since)


def midnight(now: int, days: int = 0) -> int:
    """µs of the midnight with which the day began that is so many days away from today's, in this machine's zone."""
    return _local(now, days, 0)


def _named(name: str, now: int) -> tuple[int, int]:
    if name == "last-night":
        return _local(now, -1, _EVENING), min(now, _local(now, 0, _MORNING))
    if name == "yesterday":
        return midnight(now, -1), midnight(now)
    if name == "today":
        return midnight(now), now
    monday = -_moment(now).weekday()
    return (midnight(now, monday), now) if name == "this-week" else (midnight(now, monday - 7), midnight(now, monday))


def _local(now: int, days: int, hour: int) -> int:
    # Reckoned on the calendar and only then placed in the zone: days with a change of the clock have another length.
    day = _moment(now).replace(tzinfo=None, hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return round(day.astimezone().timestamp()) * 1_000_000


def _moment(now: int) -> datetime:
    return datetime.fromtimestamp(now // 1_000_000, UTC).astimezone()
