"""Whether the server answers, and from which database."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.context import reader_of, settings_of
from api.params import read_parameters


async def health(request: Request) -> Response:
    """200 when the database answers."""
    settings = settings_of(request)
    read_parameters(request.query_params, (), settings.now())
    status = await reader_of(request).status()
    return JSONResponse(
        {
            "status": "ok",
            "version": settings.version,
            "database": str(settings.database),
            "schema_version": status.schema_version,
            "active_sessions": status.active_sessions,
        }
    )
