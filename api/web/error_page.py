"""What goes wrong with a request for a page, as a page; programs get the interface's JSON."""

from http import HTTPStatus

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from api.errors import ApiError, TokenError, describe
from api.web.rendering import page

BARE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


async def respond(request: Request, error: Exception) -> Response:
    """Starlette's handler of every error: a page for a browser that asks for one."""
    problem = describe(error, request.url.path)
    if not wants_page(request):
        return problem.response()
    # Where the interface lists what there is, is for programs.
    is_for_programs = problem.kind == "not_found" or problem.hint.startswith("/api/")
    hint = "" if is_for_programs else problem.hint
    title = HTTPStatus(problem.status).phrase.capitalize()
    values = {"title": title, "kind": problem.kind, "message": problem.message, "hint": hint}
    response = page(request, "error.html", values, problem.status)
    response.headers.update(problem.headers or {})
    return response


def refusal(templates: Environment, scope: Scope, error: ApiError) -> Response:
    """What a request gets that is refused before it comes to any page: how to be let in, where a person looks at it.

    The page has nothing beside its text: files of ours are refused as well.
    """
    request = Request(scope)
    if not isinstance(error, TokenError) or not wants_page(request):
        return describe(error).response()
    address = f"http://{request.headers['host']}{request.url.path}"
    text = templates.get_template("token.html").render(address=address)
    return HTMLResponse(text, error.status, {"Content-Security-Policy": BARE_POLICY})


def wants_page(request: Request) -> bool:
    """Whether a person looks at it: the path is no part of the interface, and HTML is accepted by its name."""
    path = request.url.path
    return not path.startswith(("/api/", "/static/", "/metrics")) and "text/html" in request.headers.get("accept", "")
