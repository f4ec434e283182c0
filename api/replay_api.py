"""The replay endpoint: a recorded session as server-sent events at the times of the recording, or as one document."""

import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.context import changes_of, closing_of, reader_of, settings_of
from api.control import replays_of
from api.errors import ParameterError
from api.metrics import metrics_of
from api.params import REPLAY, read_parameters
from api.replay import Numbered, Replay, open_replay
from api.replay_ids import STOPPED, EventId, MomentId
from api.replay_player import Open, Opened, Player, Start
from api.replay_screen import ScreenReplay
from api.replay_seekers import seekers_of
from api.rows import session_json
from api.sse import EventStream
from data.export.events import seconds
from data.json_text import to_json
from data.queries import Reader
from stream.timing import MICROSECONDS

_CHUNK = 64 * 1024

Id = TypeVar("Id")
_Begun = tuple[Opened, Start, Open]
_Source = AsyncGenerator[Numbered | None, None]


async def replay_session(request: Request) -> Response:
    """A session at the times of its recording, as server-sent events or as one document."""
    settings = settings_of(request)
    values = read_parameters(request.query_params, REPLAY, settings.now())
    if values["format"] == "json" and values["keyframes"]:
        raise ParameterError("keyframes are asked for with format=json", "keyframes come with format=sse")
    if request.headers.get("last-event-id") == STOPPED:
        return Response(status_code=204)
    if values["format"] == "json":
        replay = await open_replay(reader_of(request), request.path_params["session_id"])
        return StreamingResponse(_document(replay, reader_of(request)), media_type="application/json")
    begun = await (_with_keyframes if values["keyframes"] else _with_events)(request, values)
    if begun is None:
        return Response(status_code=204)
    opened, start, again = begun
    player = Player(secrets.token_hex(8), opened, start, again, settings)
    events = replays_of(request).playing(player)
    return EventStream(events, settings, closing_of(request), lambda: metrics_of(request).streaming("replay"))


async def _with_events(request: Request, values: Mapping[str, Any]) -> _Begun | None:
    """All that happened, or what is left of it for a client that comes back; None when that is nothing."""
    reader, changes, seen = reader_of(request), changes_of(request), _last_event_id(request, EventId.parse)

    async def open_again(_: int) -> Opened:
        anew = await open_replay(reader, replay.session.session_id)
        return Opened(anew, anew.sequence(reader, changes), anew.beginning)

    replay = await open_replay(reader, request.path_params["session_id"], seen and seen.segment)
    source, begin = replay.sequence(reader, changes), _microseconds(values["from"]) or 0
    if seen is None:
        return Opened(replay, source, replay.beginning), _start(values, begin), open_again
    rest = await _behind(source, seen.number)
    if rest is None:
        return None
    start = _start(values, max(begin, rest[1], seen.begin or 0))
    return (
        Opened(replay, rest[0], replay.beginning),
        start._replace(seen=str(seen), jumped=seen.begin),
        open_again,
    )


async def _with_keyframes(request: Request, values: Mapping[str, Any]) -> _Begun:
    """What the terminal showed at a moment, and what came behind it."""
    reader, seen = reader_of(request), _last_event_id(request, MomentId.parse)
    replay = await open_replay(reader, request.path_params["session_id"])
    screen = ScreenReplay(replay, seekers_of(request), reader, changes_of(request))
    begin = (_microseconds(values["from"]) or 0) if seen is None else seen.at
    start = _start(values, begin)._replace(seen=seen and str(seen))
    return await screen.begin(begin), start, screen.open


def _start(values: Mapping[str, Any], begin: int) -> Start:
    return Start(values["speed"], begin, _microseconds(values["idle_limit"]), paused=values["paused"])


def _last_event_id(request: Request, parse: Callable[[str], Id]) -> Id | None:
    text = request.headers.get("last-event-id")
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise ParameterError(f"Last-Event-ID is {text!r}", "it must be the id of an event of this replay") from error


async def _behind(source: _Source, seen: int) -> tuple[_Source, int] | None:
    """What comes behind the event of that number, and its time (µs); None when it was the last."""
    at = 0
    async for numbered in source:
        if numbered is None or numbered.number > seen:
            return _with_first(numbered, source), at
        at = numbered.event.at
    return None


async def _with_first(first: Numbered | None, rest: _Source) -> _Source:
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
