"""The replay endpoint: a recorded session as server-sent events at the times of the recording, or as one document."""

import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial

from sse_starlette import ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.context import reader_of, settings_of
from api.errors import ParameterError, describe
from api.params import REPLAY, read_parameters
from api.replay import EventId, Replay, open_replay
from api.replay_sources import ReplayEvent, seconds
from api.rows import session_json
from api.sse import RETRY, event_stream, server_sent_event, to_json
from data.queries import Reader
from data.stores import StoreError
from stream.pacing import Pacer
from stream.recording import RecordingError
from stream.timing import MICROSECONDS

_CHUNK = 64 * 1024

NumberedEvent = tuple[int, ReplayEvent]


async def replay_session(request: Request) -> Response:
    """Plays a session from its start, or behind the `Last-Event-ID` that the client has seen."""
    settings, reader = settings_of(request), reader_of(request)
    values = read_parameters(request.query_params, REPLAY, settings.now())
    seen = _last_event_id(request)
    replay = await open_replay(reader, request.path_params["session_id"], seen and seen.bounds)
    if values["format"] == "json":
        return StreamingResponse(_document(replay, reader), media_type="application/json")
    events = _numbered(replay, reader, values["speed"])
    first, begin = await _first_behind(events, seen.number if seen else -1)
    if first is None:
        return Response(status_code=204)
    begin = max(begin, round(values["from"] * MICROSECONDS))
    start = partial(Pacer, values["speed"], begin, settings.monotonic)
    return event_stream(_paced(replay, first, events, start, settings.sleep), settings)


def _last_event_id(request: Request) -> EventId | None:
    text = request.headers.get("last-event-id")
    if not text:
        return None
    try:
        return EventId.parse(text)
    except ValueError as error:
        raise ParameterError(f"Last-Event-ID is {text!r}", "it must be the id of an event of this replay") from error


async def _numbered(replay: Replay, reader: Reader, speed: float) -> AsyncGenerator[NumberedEvent, None]:
    duration = seconds(replay.duration)
    header = replay.header
    opening = {
        "replay_id": secrets.token_hex(8),
        "session": session_json(replay.session),
        "duration": duration,
        "size": {"cols": header.columns, "rows": header.rows} if header.columns else None,
        "speed": speed,
    }
    yield 0, ReplayEvent(0, "session_start", opening)
    number, at = 0, 0
    async with aclosing(replay.events(reader)) as events:
        async for event in events:
            number, at = number + 1, event.at
            yield number, event
    closing = {
        "session_id": replay.session.session_id,
        "total_events": number,
        "duration_seconds": duration,
        "speed": speed,
    }
    yield number + 1, ReplayEvent(max(at, replay.duration), "replay_complete", closing)


async def _first_behind(events: AsyncGenerator[NumberedEvent, None], seen: int) -> tuple[NumberedEvent | None, int]:
    """The first event with a higher number than `seen`, and the time (µs) of the one before it."""
    before = 0
    async for number, event in events:
        if number > seen:
            return (number, event), before
        before = event.at
    return None, before


async def _paced(
    replay: Replay,
    first: NumberedEvent,
    rest: AsyncGenerator[NumberedEvent, None],
    start: Callable[[], Pacer],
    sleep: Callable[[float], Awaitable[None]],
) -> AsyncGenerator[ServerSentEvent, None]:
    """Each event when it is due, by a clock that starts with the first.

    An error that comes up on the way is the last event, `replay_error`.
    """
    pacer = start()
    number, event = first
    retry: int | None = RETRY
    async with aclosing(rest):
        while True:
            if (delay := pacer.wait(event.at)) > 0:
                await sleep(delay)
            yield server_sent_event(event.name, event.data, replay.event_id(number), retry)
            retry = None
            try:
                number, event = await anext(rest)
            except StopAsyncIteration:
                return
            except (RecordingError, StoreError) as error:
                number, event = number + 1, ReplayEvent(event.at, "replay_error", describe(error).body)


async def _document(replay: Replay, reader: Reader) -> AsyncGenerator[str, None]:
    """All events at once as one JSON document, a piece at a time."""
    parts = [f'{{"session":{to_json(session_json(replay.session))},"events":[']
    size, separator = 0, ""
    async with aclosing(replay.events(reader)) as events:
        async for event in events:
            parts.append(separator + to_json({"event": event.name, **event.data}))
            size, separator = size + len(parts[-1]), ","
            if size >= _CHUNK:
                yield "".join(parts)
                parts, size = [], 0
    yield "".join(parts) + f'],"duration_seconds":{seconds(replay.duration)}}}'
