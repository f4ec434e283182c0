"""Answers to what several rows together tell, as JSON objects: the same for HTTP and for the command line."""

from collections.abc import Awaitable
from typing import Any

from api.periods import Period, previous
from api.rows import block_json, event_json, session_json
from data.queries import Found, Hit, Reader
from data.summaries import Concern, Summary, TopRequest, difference
from stream.records import CodeBlock


def found_json(found: Found) -> dict[str, Any]:
    """Hits, the best first; of each snippet the pieces, and whether each is a match."""
    return {
        "hits": [_hit_json(hit) for hit in found.hits],
        "total": found.total,
        "total_is": found.total_is,
        "ranked_by": found.ranked_by,
        "complete": found.complete,
    }


async def overall(reader: Reader) -> dict[str, Any]:
    """Totals over everything that is stored."""
    return (await reader.overall_stats())._asdict()


async def summary(reader: Reader, span: Period, versus: Period | str | None, agent: str | None) -> dict[str, Any]:
    """What happened in a span; with `versus`, also what was different in another one."""
    this = await reader.span_summary(*span, agent)
    if versus is None:
        return summary_json(this)
    other = await reader.span_summary(*(previous(span) if isinstance(versus, str) else versus), agent)
    return summary_json(this) | {"versus": summary_json(other), "difference": difference(this, other)}


async def comparison(reader: Reader, a: Period | str, b: Period | str) -> dict[str, Any]:
    """Two sessions, two spans, or one of each, and what there is more of in `a`."""
    first, second = await _summary(reader, a), await _summary(reader, b)
    return {"a": summary_json(first), "b": summary_json(second), "difference": difference(first, second)}


async def attention(reader: Reader, limit: int) -> dict[str, Any]:
    """Sessions that somebody should look at: those that wait, then the others, the newest first of each."""
    return {"sessions": [_concern_json(concern) for concern in await reader.concerns(limit)]}


async def top(reader: Reader, wanted: TopRequest) -> dict[str, Any]:
    """What there is most of."""
    found = await reader.top(wanted)
    return {
        "by": wanted.by,
        "from": wanted.since,
        "to": wanted.until,
        "type": None if wanted.by == "command" else wanted.event_type,
        "top": [{"name": name, "count": count} for name, count in found.entries],
        "counted": found.counted,
        "counted_is": "all" if found.all else "newest",
    }


def summary_json(summary: Summary) -> dict[str, Any]:
    """Its fields; the span as `from` and `to`, as parameters have it."""
    fields = summary._asdict()
    return {"from": fields.pop("since"), "to": fields.pop("until"), **fields}


def _summary(reader: Reader, what: Period | str) -> Awaitable[Summary]:
    return reader.session_summary(what) if isinstance(what, str) else reader.span_summary(*what)


def _hit_json(hit: Hit) -> dict[str, Any]:
    row = block_json(hit.row) if isinstance(hit.row, CodeBlock) else event_json(hit.row)
    snippet = [{"text": text, "match": match} for text, match in hit.snippet]
    return {"source": hit.source, "rank": hit.rank, "snippet": snippet, "row": row}


def _concern_json(concern: Concern) -> dict[str, Any]:
    return {
        "reasons": list(concern.reasons),
        "risky_events": concern.risky_events,
        "permission": concern.permission and event_json(concern.permission),
        "risk": concern.risk and event_json(concern.risk),
        "session": session_json(concern.session),
    }
