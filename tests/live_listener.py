"""A client of the live feed, by somebody else's reader of server-sent events."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from httpx_sse import ServerSentEvent, connect_sse


class Listener:
    """`seen` is the id of the last event that was taken. Every wait ends with the client's timeout."""

    def __init__(self, events: Iterator[ServerSentEvent]) -> None:
        self._events = events
        self.seen = ""

    def take(self, count: int) -> list[ServerSentEvent]:
        taken = [next(self._events) for _ in range(count)]
        self.seen = taken[-1].id
        return taken

    def rest(self) -> list[ServerSentEvent]:
        return list(self._events)


@contextmanager
def listening(client: httpx.Client, seen: str = "", **params: str) -> Iterator[Listener]:
    """Connected, and told `live_start`."""
    headers = {"Last-Event-ID": seen} if seen else {}
    with connect_sse(client, "GET", "/api/live", params=params, headers=headers) as source:
        listener = Listener(source.iter_sse())
        (start,) = listener.take(1)
        assert start.event == "live_start"
        assert start.json() == {"cursor": start.id}
        assert start.retry
        yield listener


def told(events: list[ServerSentEvent]) -> list[tuple[str, str]]:
    """What each event is about: its name, and the value, state, text or session that it tells."""
    keys = {"extraction": "matched_value", "state_change": "state", "output": "data"}
    rows = [(event.event, event.json()) for event in events]
    return [(name, row["session"]["session_id"] if "session" in row else row[keys[name]]) for name, row in rows]
