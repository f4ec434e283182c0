"""The page of one session."""

from starlette.requests import Request
from starlette.responses import Response

from api.context import reader_of
from api.rows import session_json
from api.web.rendering import page


async def session_page(request: Request) -> Response:
    """The session with this id, or the newest for `last`; an error page for one that nobody knows."""
    detail = await reader_of(request).session(request.path_params["session_id"])
    return page(request, "session.html", {"session": session_json(detail.session)})
