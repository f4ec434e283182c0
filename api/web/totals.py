"""Totals of today, this week and this month; days begin at midnight where the server runs."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from api.periods import Period, midnight, whole
from api.web import wording
from data.queries import Reader
from data.summaries import Summary
from data.usage import Amounts, UsageRequest

_SECOND = 1_000_000


class Total(NamedTuple):
    """What happened in a span, as texts; `good` is the share of sessions that ended well.

    What nobody told, and so is not known, is an empty text.
    """

    title: str
    sessions: str
    good: str
    events: str
    errors: str
    tests: str
    tokens: str
    cost: str


async def totals(reader: Reader, now: int) -> tuple[Sequence[Total], Collection[str]]:
    """The three spans' totals, and the names of all agents of whom there were events; `now` is µs since the epoch."""
    named = spans(now)
    found, used = await asyncio.gather(
        asyncio.gather(*(reader.span_summary(*span) for span in named.values())),
        asyncio.gather(*(reader.usage(UsageRequest("agent", *span)) for span in named.values())),
    )
    told = [total(*row) for row in zip(named, found, (answer.total.amounts for answer in used), strict=True)]
    return told, {agent for summary in found for agent in summary.extractions_by_agent}


def spans(now: int) -> Mapping[str, Period]:
    """From when to when they are."""
    today = datetime.fromtimestamp(now // _SECOND, UTC).astimezone()
    starts = {"Today": 0, "This week": -today.weekday(), "This month": 1 - today.day}
    return {title: whole(midnight(now, days), now) for title, days in starts.items()}


def total(title: str, summary: Summary, used: Amounts) -> Total:
    """A span's totals in words."""
    types = summary.extractions_by_type
    return Total(
        title,
        wording.number(summary.total_sessions),
        wording.percent(summary.success_rate),
        wording.short(summary.total_extractions),
        wording.short(types.get("error", 0)),
        wording.short(types.get("test_result", 0)),
        "" if used.total is None else wording.short(used.total),
        "" if used.cost_usd is None else wording.money(used.cost_usd),
    )
