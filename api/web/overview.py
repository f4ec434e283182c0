"""The overview: what runs, what needs attention, what ran, and how much happened.

The page is rendered with everything in it; its script asks for the same, as JSON, when the live feed says that
something has happened.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.context import reader_of, settings_of
from api.reading import read_in_thread
from api.web.activity import activity, activity_request
from api.web.history import FILTERS, HistoryFilter, history, read_filter
from api.web.last_line import last_line
from api.web.rendering import page
from api.web.session_view import SessionView, concern_view, reason, recorded_logs, session_view
from api.web.totals import totals
from data.queries import ExtractionFilter, PageRequest, Reader, SessionFilter
from data.summaries import Concern
from stream.records import VERDICTS, ExtractionEvent, Session
from stream.timestamps import format_timestamp, parse_timestamp

RUNNING = 24  # sessions that are shown, the newest
CONCERNS = 6
LAST_EVENTS = 20  # of a session, among which an error is taken for what ended it
RECENT = 7 * 86_400 * 1_000_000  # µs after which what ended badly is history

PERIODS = {"-24h": "last 24 hours", "today": "today", "-7d": "last 7 days", "-30d": "last 30 days"}


async def overview_page(request: Request) -> Response:
    """The page, as the filters in its address have it."""
    now, wanted = _asked(request)
    sessions, figures = await asyncio.gather(_sessions(request, wanted, now), _figures(request, wanted, now))
    rows = [*sessions["running"], *sessions["history"]]
    form = {
        "agents": sorted({*figures["agents"], *(row["agent"] for row in rows)}),
        "asked": {parameter.name: "" for parameter in FILTERS} | wanted.asked,
        "filtered": bool(wanted.asked or wanted.before),
        "older_href": f"/?{urlencode({**wanted.asked, 'before': sessions['older'] or ''})}",
        "verdicts": VERDICTS,
        "periods": PERIODS,
    }
    return page(request, "overview.html", {**sessions, **figures, **form, "blank": SessionView()._asdict()})


async def overview_sessions(request: Request) -> Response:
    """The rows of the page, for its script."""
    now, wanted = _asked(request)
    return JSONResponse(await _sessions(request, wanted, now))


async def overview_figures(request: Request) -> Response:
    """The chart, the totals and the agents' names; much is counted for them, so they are asked for less often.

    `charted` says whether the chart tells of the sessions that the filters let through.
    """
    now, wanted = _asked(request)
    return JSONResponse(await _figures(request, wanted, now))


def _asked(request: Request) -> tuple[int, HistoryFilter]:
    now = settings_of(request).now()
    return now, read_filter(request.query_params, now)


async def _sessions(request: Request, wanted: HistoryFilter, now: int) -> Mapping[str, Any]:
    reader = reader_of(request)
    running, concerns, ended = await asyncio.gather(
        reader.sessions(SessionFilter(active=True), PageRequest(RUNNING)),
        reader.concerns(CONCERNS),
        history(reader, wanted),
    )
    return {
        "now": format_timestamp(now),
        "running": await _running(reader, running.rows, now),
        "running_total": running.total,
        "attention": await _attention(reader, concerns, now),
        "history": [session_view(session, now)._asdict() for session in ended.sessions],
        "older": ended.older,
        "searched_all": ended.complete,
    }


async def _figures(request: Request, wanted: HistoryFilter, now: int) -> Mapping[str, Any]:
    reader = reader_of(request)
    span = activity_request(wanted.since, wanted.until, wanted.agent, now)
    counts, (told, agents) = await asyncio.gather(reader.timeline(span), totals(reader, now))
    return {
        "charted": wanted.counts_events,
        "activity": activity(span, counts),
        "totals": [total._asdict() for total in told],
        "agents": sorted({*agents, *([wanted.agent] if wanted.agent else [])}),
    }


async def _running(reader: Reader, sessions: Sequence[Session], now: int) -> list[dict[str, str]]:
    lines = await _last_lines(sessions)
    silent = [session for session, line in zip(sessions, lines, strict=True) if not line]
    newest = dict(await asyncio.gather(*(_newest_event(reader, session.session_id) for session in silent)))
    return [
        session_view(session, now, line or newest[session.session_id])._asdict()
        for session, line in zip(sessions, lines, strict=True)
    ]


async def _attention(reader: Reader, concerns: Sequence[Concern], now: int) -> list[dict[str, str]]:
    """What waits, and what ended badly not long ago."""
    recent = [concern for concern in concerns if _is_recent(concern, now)]
    lines = await _last_lines([concern.session for concern in recent])
    errors = await asyncio.gather(*(_newest_error(reader, concern.session) for concern in recent))
    rows = zip(recent, lines, errors, strict=True)
    return [concern_view(concern, now, line, error)._asdict() for concern, line, error in rows]


def _is_recent(concern: Concern, now: int) -> bool:
    ended = concern.session.ended_at
    return ended is None or now - parse_timestamp(ended) < RECENT


async def _last_lines(sessions: Sequence[Session]) -> list[str]:
    return await read_in_thread(lambda: [last_line(recorded_logs(session)) for session in sessions])


async def _newest_error(reader: Reader, session: Session) -> ExtractionEvent | None:
    """The error that ended a session, most likely: one among its last events."""
    if session.state != "failed" or reason(session):
        return None
    page = await reader.extractions(ExtractionFilter(session=session.session_id), PageRequest(LAST_EVENTS))
    return next((event for event in page.rows if event.event_type == "error"), None)


async def _newest_event(reader: Reader, session_id: str) -> tuple[str, str]:
    """The line of the newest event, for sessions whose output cannot be told by its end."""
    page = await reader.extractions(ExtractionFilter(session=session_id), PageRequest(1))
    return session_id, next(((event.original_line or "").strip() for event in page.rows), "")
