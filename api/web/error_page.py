"""What goes wrong with a request for a page, as a page; programs get the interface's JSON."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from api.errors import describe
from api.web.rendering import page


async def respond(request: Request, error: Exception) -> Response:
    """Starlette's handler of every error: a page for a browser that asks for one."""
    problem = describe(error, request.url.path)
    if not wants_page(request):
        return problem.response()
    # What the interface suggests for a path that is not there is for programs.
    hint = "" if problem.kind == "not_found" else problem.hint
    title = HTTPStatus(problem.status).phrase.capitalize()
    values = {"title": title, "kind": problem.kind, "message": problem.message, "hint": hint}
    response = page(request, "error.html", values, problem.status)
    response.headers.update(problem.headers or {})
    return response


def wants_page(request: Request) -> bool:
    """Whether a person looks at it: the path is no part of the interface, and HTML is accepted by its name."""
    path = request.url.path
    return not path.startswith(("/api/", "/static/", "/metrics")) and "text/html" in request.headers.get("accept", "")
