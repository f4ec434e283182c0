"""Server-sent events: how one is written, and the response that carries them."""

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent

from api.context import Settings

RETRY = 2000  # ms until a client that was cut off comes back

# They end no line of an event stream, but JSON leaves them as they are and some clients break lines there.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def to_json(value: object) -> str:
    """JSON on one line, by anybody's idea of a line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in _LINE_ENDS.items():
        text = text.replace(character, escaped)
    return text


def server_sent_event(name: str, data: Mapping[str, Any], event_id: str, retry: int | None = None) -> ServerSentEvent:
    """One event with JSON data."""
    return ServerSentEvent(to_json(data), event=name, id=event_id, retry=retry, sep="\n")


def event_stream(events: AsyncGenerator[ServerSentEvent, None], settings: Settings) -> EventSourceResponse:
    """The response: it closes `events` when the client goes, and cuts off one that does not read."""
    return EventSourceResponse(
        events,
        sep="\n",
        ping=settings.heartbeat,
        ping_message_factory=lambda: ServerSentEvent(comment="heartbeat", sep="\n"),
        send_timeout=settings.send_timeout,
    )
