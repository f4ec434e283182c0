"""The application: its routes, and the connections that live as long as it does.

The database exists and has our schema when the application starts; seeing to that is the caller's.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from api import analytics, control, export, health, live, metrics, openapi, query_api, replay_api, usage
from api.context import Settings
from api.errors import EXCEPTION_HANDLERS
from api.live_feed import LiveFeed
from api.metrics import Metrics, MetricsMiddleware
from api.replay_seekers import Seekers
from api.security import SecurityMiddleware
from api.web import error_page, overview, search_page, session_page
from api.web.assets import Assets
from api.web.rendering import template_environment
from data.sqlite.changes import SQLiteChanges
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.sqlite.search_index import INTERVAL, SearchIndex
from data.sqlite.slow_queries import SlowQueries

ROUTES = (
    Route("/api/health", health.health),
    Route("/api/query/extractions", query_api.extractions),
    Route("/api/query/code-blocks", query_api.code_blocks),
    Route("/api/query/sessions", query_api.sessions),
    Route("/api/query/session/{session_id}", query_api.session),
    Route("/api/query/search", analytics.search),
    Route("/api/query/stats", analytics.stats),
    Route("/api/query/compare", analytics.compare),
    Route("/api/query/attention", analytics.attention),
    Route("/api/query/summary", analytics.summary),
    Route("/api/query/top", analytics.top),
    Route("/api/query/usage", usage.usage),
    Route("/api/query/stats/agent/{agent:path}", query_api.agent_stats),
    Route("/api/query/stats/pattern/{pattern:path}", query_api.pattern_stats),
    Route("/api/query/timeline", query_api.timeline),
    Route("/api/live", live.live),
    Route("/api/replay/session/{session_id}", replay_api.replay_session),
    Route("/api/replay/control/{replay_id}/{command}", control.control, methods=["POST"]),
    Route("/api/replay/export/{session_id}", export.export),
    Route("/api/openapi.json", openapi.openapi),
    Route("/metrics", metrics.metrics),
)
PAGES: tuple[BaseRoute, ...] = (
    Route("/", overview.overview_page),
    Route("/overview/sessions.json", overview.overview_sessions),
    Route("/overview/figures.json", overview.overview_figures),
    Route("/search", search_page.search_page),
    Route("/sessions/{session_id}", session_page.session_page),
    Route("/sessions/{session_id}/head", session_page.session_head),
    Route("/sessions/{session_id}/outline", session_page.session_outline),
    Route("/sessions/{session_id}/code", session_page.session_code),
)


class Application:
    """The application over the database that `settings` names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._figures = figures = Metrics()
        handlers = dict.fromkeys(EXCEPTION_HANDLERS, error_page.respond)
        assets = Assets()
        routes = (*ROUTES, *PAGES, Mount("/static", assets))
        app = Starlette(routes=routes, exception_handlers=handlers, lifespan=self._lifespan)
        app.state.static = assets.address
        app.state.templates = templates = template_environment()
        refusal = partial(error_page.refusal, templates)
        app.state.settings = settings
        app.state.closing = self._closing = asyncio.Event()
        app.state.replays = control.Replays()
        app.state.seekers = self._seekers = Seekers()
        app.state.metrics = figures
        self._app = MetricsMiddleware(SecurityMiddleware(app, settings.host, settings.token, refusal), figures)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def say_goodbye(self) -> None:
        """Ends the event streams, which never end by themselves; to be called in the loop when the server stops."""
        self._closing.set()

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        database = self._settings.database
        slow_queries = SlowQueries(database, self._settings.slow_query)
        async with (
            ReadPool(database, watch=slow_queries.watch) as pool,
            SearchIndex(database, INTERVAL) as index,
        ):
            feed = LiveFeed(database, on_cut_off=self._figures.cut_off)
            self._seekers.warm_up()
            try:
                yield {
                    "reader": SQLiteReader(pool, index),
                    "changes": SQLiteChanges(pool),
                    "pool": pool,
                    "live": feed,
                }
            finally:
                await feed.close()
                await self._seekers.close()


def create_app(settings: Settings) -> Application:
    """An application with these settings."""
    return Application(settings)
