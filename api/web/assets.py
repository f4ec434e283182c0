"""The files under `/static/`. A browser keeps them, but asks each time whether they are still the same (ETag)."""

from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"


class Assets(StaticFiles):
    """Starlette's static files, to be asked for each time: a new version is seen at once."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response
