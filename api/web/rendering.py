"""Pages from templates. Every value is escaped; a name that a template asks for and nobody gives is an error."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.context import settings_of
from api.security import PAGE_POLICY
from api.web import wording

TEMPLATES = Path(__file__).parent / "templates"


def template_environment() -> Environment:
    """The environment of all pages; an application makes one."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(wording.FILTERS)
    return environment


def page(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """The page, with the policy that allows it our own scripts and styles and nothing else.

    Templates also get `path`, the page's own; `static`, which stands before a static file's name; `version`, ours.
    """
    environment = cast("Environment", request.app.state.templates)
    common = {"path": request.url.path, "static": request.app.state.static, "version": settings_of(request).version}
    text = environment.get_template(template).render(common | dict(values))
    return HTMLResponse(text, status, {"Content-Security-Policy": PAGE_POLICY})
