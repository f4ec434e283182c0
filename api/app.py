"""The application: its routes, and the connections that live as long as it does.

The database exists and has our schema when the application starts; seeing to that is the caller's.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from api import health, query_api, replay_api
from api.context import Settings
from api.errors import EXCEPTION_HANDLERS
from api.security import SecurityMiddleware
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader

ROUTES = (
    Route("/api/health", health.health),
    Route("/api/query/extractions", query_api.extractions),
    Route("/api/query/code-blocks", query_api.code_blocks),
    Route("/api/query/sessions", query_api.sessions),
    Route("/api/query/session/{session_id}", query_api.session),
    Route("/api/query/stats/agent/{agent:path}", query_api.agent_stats),
    Route("/api/query/stats/pattern/{pattern:path}", query_api.pattern_stats),
    Route("/api/query/timeline", query_api.timeline),
    Route("/api/replay/session/{session_id}", replay_api.replay_session),
)


def create_app(settings: Settings) -> ASGIApp:
    """The application over the database that `settings` names."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with ReadPool(settings.database) as pool:
            yield {"reader": SQLiteReader(pool)}

    app = Starlette(routes=ROUTES, exception_handlers=EXCEPTION_HANDLERS, lifespan=lifespan)
    app.state.settings = settings
    return SecurityMiddleware(app, settings.host)
