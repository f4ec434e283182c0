"""The questions: lists, one session, statistics, the timeline. All read only, all JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api import params
from api.context import reader_of, settings_of
from api.errors import NotFoundError, ParameterError
from api.rows import block_json, event_json, session_json, state_change_json
from api.timeline import timeline_json, timeline_request
from data.queries import BlockFilter, ExtractionFilter, Page, PageRequest, PageText, SessionFilter

_to_json = json.JSONEncoder(separators=(",", ":")).encode


async def extractions(request: Request) -> Response:
    """Events, newest first; behind an id, oldest first."""
    values, times = _read(request, params.EXTRACTIONS)
    wanted = ExtractionFilter(
        agent=values["agent"],
        event_type=values["type"],
        pattern=values["pattern"],
        session=values["session"],
        risk=values["risk"],
        after=values["after"],
        q=values["q"],
        **times,
    )
    page = await reader_of(request).extractions_as_json(wanted, _page_request(values))
    about = _to_json(_about(page, values))
    return Response(f'{{"extractions":[{page.rows}],{about[1:]}', media_type="application/json")


async def code_blocks(request: Request) -> Response:
    """Code blocks, newest first, each as it first occurred within the filter."""
    values, times = _read(request, params.CODE_BLOCKS)
    wanted = BlockFilter(
        agent=values["agent"],
        language=values["language"],
        session=values["session"],
        after=values["after"],
        q=values["q"],
        **times,
    )
    page = await reader_of(request).code_blocks(wanted, _page_request(values))
    return _page_response("code_blocks", [block_json(block) for block in page.rows], page, values)


async def sessions(request: Request) -> Response:
    """Sessions, newest first by their start; behind an id, in the order of their ids."""
    values, times = _read(request, params.SESSIONS)
    wanted = SessionFilter(
        agent=values["agent"],
        state=values["state"],
        verdict=values["verdict"],
        active=values["active"],
        after=values["after"],
        **times,
    )
    page = await reader_of(request).sessions(wanted, _page_request(values))
    return _page_response("sessions", [session_json(session) for session in page.rows], page, values)


async def session(request: Request) -> Response:
    """One session by its id or as `last`, with its states and counts."""
    _read(request, ())
    detail = await reader_of(request).session(request.path_params["session_id"])
    return JSONResponse(
        {
            "session": session_json(detail.session),
            "state_changes": [state_change_json(change) for change in detail.state_changes],
            "extractions_by_type": detail.extractions_by_type,
        }
    )


async def agent_stats(request: Request) -> Response:
    """Totals over one agent."""
    _read(request, ())
    stats = await reader_of(request).agent_stats(request.path_params["agent"])
    if stats.first_seen is None and not stats.total_sessions and not stats.total_extractions:
        raise NotFoundError(
            f"no agent is called {stats.agent_name!r}", "names match exactly; /api/query/sessions lists who ran"
        )
    return JSONResponse(stats._asdict())


async def pattern_stats(request: Request) -> Response:
    """Totals over one pattern, and its newest events."""
    values, _ = _read(request, params.PATTERN_STATS)
    stats = await reader_of(request).pattern_stats(request.path_params["pattern"], values["recent"])
    if not stats.total_extractions:
        raise NotFoundError(f"no event has the pattern {stats.pattern!r}", "names match exactly, case included")
    return JSONResponse(stats._asdict() | {"recent": [event_json(event) for event in stats.recent]})


async def timeline(request: Request) -> Response:
    """Counts per bucket and type."""
    values, times = _read(request, params.TIMELINE)
    wanted = timeline_request(values, times["since"], times["until"], settings_of(request).now())
    return JSONResponse(timeline_json(wanted, await reader_of(request).timeline(wanted)))


def _read(request: Request, table: Sequence[params.Parameter]) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The request's parameters, and those of them that span a time, as fields of a filter."""
    now = settings_of(request).now()
    values = params.read_parameters(request.query_params, table, now)
    since, until = params.read_range(values, now) if "days" in values else (None, None)
    return values, {"since": since, "until": until}


def _page_request(values: Mapping[str, Any]) -> PageRequest:
    page, cursor, limit = values["page"], values["cursor"], values["limit"]
    if page is not None and cursor is not None:
        raise ParameterError(f"page={page} and cursor are both given", "go on by cursor, or by page")
    if cursor is not None and cursor.ascending != (values["after"] is not None):
        raise ParameterError(
            "cursor is from a list in the other order", "with after, lists are oldest first: keep to what next was for"
        )
    return PageRequest(limit, cursor, offset=((page or 1) - 1) * limit, exact=values["count"] == "exact")


def _page_response(
    name: str, rows: Sequence[Mapping[str, Any]], page: Page[Any], values: Mapping[str, Any]
) -> Response:
    return JSONResponse({name: rows, **_about(page, values)})


def _about(page: Page[Any] | PageText, values: Mapping[str, Any]) -> dict[str, Any]:
    number = None if values["cursor"] is not None else values["page"] or 1
    about = {"total": page.total, "total_is": page.total_is, "page": number, "next": page.next}
    return about | {"complete": page.complete} if values.get("q") else about
