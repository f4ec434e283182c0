"""Totals of today, this week and this month; days begin at midnight where the server runs."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from api.periods import Period, midnight, whole
from api.web import wording
from data.queries import Reader
from data.summaries import Summary

_SECOND = 1_000_000


class Total(NamedTuple):
    """What happened in a span, as texts; `good` is the share of sessions that ended well."""

    title: str
    sessions: str
    good: str
    events: str
    errors: str
    tests: str


async def summaries(reader: Reader, now: int) -> Sequence[tuple[str, Summary]]:
    """The three spans, each with its name; `now` is µs since the epoch."""
    named = spans(now)
    found = await asyncio.gather(*(reader.span_summary(*span) for span in named.values()))
    return list(zip(named, found, strict=True))


def spans(now: int) -> Mapping[str, Period]:
    """From when to when they are."""
    today = datetime.fromtimestamp(now // _SECOND, UTC).astimezone()
    starts = {"Today": 0, "This week": -today.weekday(), "This month": 1 - today.day}
    return {title: whole(midnight(now, days), now) for title, days in starts.items()}


def total(title: str, summary: Summary) -> Total:
    """A span's totals in words."""
    types = summary.extractions_by_type
    return Total(
        title,
        wording.number(summary.total_sessions),
        wording.percent(summary.success_rate),
        wording.short(summary.total_extractions),
        wording.short(types.get("error", 0)),
        wording.short(types.get("test_result", 0)),
    )
