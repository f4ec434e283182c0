"""What Prometheus asks for: requests and how long they took, who listens, how far the indexers are, how big it all is.

Every application has a registry of its own. A request counts under its route's path, not under its own: the ids in
paths are without end.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.context import pool_of, settings_of
from api.params import read_parameters
from data.sqlite.measurements import Measurements, database_sizes, measure

_METHODS = ("GET", "HEAD", "POST")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The figures of one server."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._requests = Counter("wrapper_http_requests", "Requests.", ("method", "path", "status"), registry=registry)
        self._seconds = Histogram(
            "wrapper_http_request_seconds",
            "Seconds until the answer begins.",
            ("path",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._clients = Gauge("wrapper_sse_clients", "Clients of event streams.", ("stream",), registry=registry)
        self._cut_off = Counter(
            "wrapper_sse_clients_cut_off", "Clients that were too slow for the live feed.", registry=registry
        )
        self._events = Gauge("wrapper_events", "Events in the database.", ("agent", "type"), registry=registry)
        self._sessions = Gauge("wrapper_sessions_active", "Sessions that have not ended.", registry=registry)
        self._lag = Gauge(
            "wrapper_indexer_lag_bytes",
            "Recorded bytes that are not stored yet; the most of any session of the agent that runs.",
            ("agent",),
            registry=registry,
        )
        self._heartbeat = Gauge(
            "wrapper_indexer_heartbeat_age_seconds",
            "Seconds since an indexer was last heard of; the most of any session of the agent that runs.",
            ("agent",),
            registry=registry,
        )
        self._size = Gauge("wrapper_database_bytes", "Size of the database's files.", ("file",), registry=registry)
        for stream in ("live", "replay"):
            self._clients.labels(stream)
        # Looking labels up costs more than counting does.
        self._counted = cache(self._requests.labels)
        self._timed = cache(self._seconds.labels)

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._counted(method if method in _METHODS else "other", path, status).inc()
        self._timed(path).observe(seconds)

    @contextmanager
    def streaming(self, stream: str) -> Iterator[None]:
        """A client listens, for as long as the block takes."""
        with self._clients.labels(stream).track_inprogress():
            yield

    def cut_off(self) -> None:
        """A client was too slow."""
        self._cut_off.inc()

    def database(self, found: Measurements, sizes: Mapping[str, int]) -> None:
        """What the database says of itself."""
        for gauge in (self._events, self._lag, self._heartbeat):
            gauge.clear()
        for (agent, event_type), count in found.events.items():
            self._events.labels(agent, event_type).set(count)
        for agent, lag in found.lags.items():
            self._lag.labels(agent).set(lag.bytes)
            self._heartbeat.labels(agent).set(lag.seconds)
        self._sessions.set(found.active)
        for file, size in sizes.items():
            self._size.labels(file).set(size)


class MetricsMiddleware:
    """Counts every request and how long its answer took to begin."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                path = getattr(scope.get("route"), "path", "")
                self._metrics.request(scope["method"], path, message["status"], time.perf_counter() - start)
            await send(message)

        await self._app(scope, receive, send_counted)


def metrics_of(request: Request) -> Metrics:
    """The figures of this server."""
    return cast("Metrics", request.app.state.metrics)


async def metrics(request: Request) -> Response:
    """The server's figures, in Prometheus' text format."""
    settings = settings_of(request)
    read_parameters(request.query_params, (), settings.now())
    found = await pool_of(request).read(lambda connection: measure(connection, settings.now()))
    figures = metrics_of(request)
    figures.database(found, database_sizes(settings.database))
    return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)
