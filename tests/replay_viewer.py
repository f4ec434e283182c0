"""A client that watches a replay and commands it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from httpx_sse import ServerSentEvent, connect_sse


class Viewer:
    """`first` is the event that the replay began with."""

    def __init__(self, client: httpx.Client, events: Iterator[ServerSentEvent]) -> None:
        self._client = client
        self._events = events
        self.first = next(events)
        self.replay_id = self.first.json()["replay_id"]

    def take(self, count: int) -> list[ServerSentEvent]:
        return [next(self._events) for _ in range(count)]

    def rest(self) -> list[ServerSentEvent]:
        return list(self._events)

    def command(self, command: str, **body: Any) -> dict[str, Any]:
        response = self._client.post(f"/api/replay/control/{self.replay_id}/{command}", json=body)
        assert response.status_code == 200, response.text
        status: dict[str, Any] = response.json()
        return status


@contextmanager
def viewing(client: httpx.Client, session: str = "s1", seen: str | None = None, **params: str) -> Iterator[Viewer]:
    headers = {} if seen is None else {"Last-Event-ID": seen}
    with connect_sse(client, "GET", f"/api/replay/session/{session}", params=params, headers=headers) as source:
        yield Viewer(client, source.iter_sse())
