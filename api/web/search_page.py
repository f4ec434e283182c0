"""The search: what was found, each in its context, leading to the moment at which it was printed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from api import params
from api.context import pool_of, reader_of, settings_of
from api.errors import ParameterError
from api.web import activity, wording
from api.web.rendering import page
from api.web.session_view import command, offset, session_address
from data.queries import Found, Hit
from data.sqlite.session_heads import session_heads
from stream.records import CodeBlock, Session

HITS = 50
PLACES = {"": "Everything", "extraction": "Events", "code_block": "Code"}
_TABLE = tuple(parameter for parameter in params.SEARCH if parameter.name in ("q", "in"))


class HitView(NamedTuple):
    """One hit. `pieces` are of its text, each with whether it matched; `type` is of the event, or `code_block`."""

    href: str
    type: str
    label: str
    agent: str
    command: str
    at: str
    when: str
    clock: str
    pieces: Sequence[tuple[str, bool]]


async def search_page(request: Request) -> Response:
    """The hits of a search, or how to search; what cannot be searched for is said on the page."""
    asked = QueryParams([(name, value) for name, value in request.query_params.multi_items() if value.strip()])
    shown: dict[str, Any] = {"q": asked.get("q", ""), "place": asked.get("in", ""), "places": PLACES, "problem": None}
    empty: Mapping[str, Any] = {"hits": [], "found": None}
    if not shown["q"]:
        return page(request, "search.html", {**shown, **empty})
    now = settings_of(request).now()
    try:
        values = params.read_parameters(asked, _TABLE, now)
    except ParameterError as error:
        return page(request, "search.html", {**shown, **empty, "problem": error}, error.status)
    found = await reader_of(request).search(values["q"], values["in"], HITS)
    ids = {hit.row.session_id for hit in found.hits}
    sessions = await pool_of(request).read(lambda connection: session_heads(connection, ids))
    hits = [hit_view(hit, sessions, now) for hit in found.hits]
    return page(request, "search.html", shown | {"hits": hits, "found": told(found), "complete": found.complete})


def hit_view(hit: Hit, sessions: Mapping[str, Session], now: int) -> HitView:
    """A hit as it is shown; its session may be gone by now."""
    row = hit.row
    session = sessions.get(row.session_id)
    seconds = offset(session.started_at, row.timestamp) if session else None
    event_type = "code_block" if isinstance(row, CodeBlock) else row.event_type
    return HitView(
        href=session_address(row.session_id, seconds),
        type=event_type,
        label=(row.language or "code") if isinstance(row, CodeBlock) else activity.label(event_type),
        agent=row.agent_name,
        command=command(session) if session else "",
        at=row.timestamp,
        when=wording.relative(row.timestamp, now),
        clock=wording.clock(seconds),
        pieces=hit.snippet,
    )


def told(found: Found) -> str:
    """How many there are, and in which order."""
    several = "hit" if found.total == 1 else "hits"
    number = f"{'at least ' if found.total_is == 'at_least' else ''}{wording.number(found.total)} {several}"
    order = "" if found.total < 2 else ", the newest first" if found.ranked_by == "time" else ", the best first"
    most = f", {HITS} shown" if found.total > HITS else ""
    return f"{number}{most}{order}"
