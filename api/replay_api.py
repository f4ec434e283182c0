"""The replay endpoint: a recorded session as server-sent events at the times of the recording, or as one document."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.context import changes_of, closing_of, reader_of, settings_of
from api.control import replays_of
from api.errors import ParameterError
from api.metrics import metrics_of
from api.params import REPLAY, read_parameters
from api.replay import Numbered, Replay, open_replay
from api.replay_ids import STOPPED, EventId
from api.replay_player import Player, Source, Start
from api.rows import session_json
from api.sse import EventStream
from data.export.events import seconds
from data.json_text import to_json
from data.queries import Reader
from stream.timing import MICROSECONDS

_CHUNK = 64 * 1024


async def replay_session(request: Request) -> Response:
    """A session at the times of its recording, as server-sent events or as one document."""
    settings, reader, changes = settings_of(request), reader_of(request), changes_of(request)
    values = read_parameters(request.query_params, REPLAY, settings.now())
    session_id = request.path_params["session_id"]
    if request.headers.get("last-event-id") == STOPPED:
        return Response(status_code=204)
    seen = _last_event_id(request)
    replay = await open_replay(reader, session_id, seen and seen.segment)
    if values["format"] == "json":
        return StreamingResponse(_document(replay, reader), media_type="application/json")
    source = replay.sequence(reader, changes)
    begin = _microseconds(values["from"]) or 0
    if seen is not None:
        rest = await _behind(source, seen.number)
        if rest is None:
            return Response(status_code=204)
        source, begin = rest[0], max(begin, rest[1], seen.begin or 0)

    async def again() -> tuple[Replay, Source]:
        anew = await open_replay(reader, replay.session.session_id)
        return anew, anew.sequence(reader, changes)

    start = Start(values["speed"], begin, _microseconds(values["idle_limit"]), seen)
    player = Player(secrets.token_hex(8), replay, start, again, settings)
    events = replays_of(request).playing(player, source)
    return EventStream(events, settings, closing_of(request), lambda: metrics_of(request).streaming("replay"))


def _last_event_id(request: Request) -> EventId | None:
    text = request.headers.get("last-event-id")
    if not text:
        return None
    try:
        return EventId.parse(text)
    except ValueError as error:
        raise ParameterError(f"Last-Event-ID is {text!r}", "it must be the id of an event of this replay") from error


async def _behind(source: Source, seen: int) -> tuple[Source, int] | None:
    """What comes behind the event of that number, and its time (µs); None when it was the last."""
    at = 0
    async for numbered in source:
        if numbered is None or numbered.number > seen:
            return _with_first(numbered, source), at
        at = numbered.event.at
    return None


async def _with_first(first: Numbered | None, rest: Source) -> Source:
    async with aclosing(rest):
        yield first
        async for numbered in rest:
            yield numbered


def _microseconds(value: float | None) -> int | None:
    return None if value is None else round(value * MICROSECONDS)


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
