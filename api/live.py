"""The live feed: rows of all sessions as they are committed, as server-sent events that can be resumed."""

from collections.abc import AsyncGenerator
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from api.context import changes_of, closing_of, reader_of, settings_of
from api.errors import ParameterError
from api.live_feed import LiveFeed, framed
from api.live_source import live_event
from api.metrics import metrics_of
from api.params import LIVE, read_parameters
from api.sse import RETRY, EventStream, frame
from data.changes import Cursor, Wanted
from data.sqlite.changes import SQLiteChanges


async def live(request: Request) -> Response:
    """What is committed from now on, or behind the `Last-Event-ID` that the client has seen, as server-sent events."""
    values = read_parameters(request.query_params, LIVE, settings_of(request).now())
    wanted = Wanted(values["agent"], values["session"], values["type"])
    feed = cast("LiveFeed", request.state.live)
    await reader_of(request).status()  # a database that does not answer is an error, not a stream that breaks off
    events = _events(feed, changes_of(request), wanted, _last_event_id(request), output=values["output"])
    return EventStream(events, settings_of(request), closing_of(request), lambda: metrics_of(request).streaming("live"))


async def _events(
    feed: LiveFeed, changes: SQLiteChanges, wanted: Wanted, seen: Cursor | None, *, output: bool
) -> AsyncGenerator[bytes, None]:
    """What the client has missed, then what comes: the feed is subscribed to before the database is read."""
    async with feed.subscribe(wanted, output=output) as subscription:
        cursor = subscription.start if seen is None else seen.up_to(subscription.start)
        yield frame("live_start", {"cursor": str(cursor)}, str(cursor), retry=RETRY)
        while missed := await changes.changes(cursor, subscription.start, wanted):
            cursor = missed[-1].cursor
            yield b"".join(framed(live_event(change)) for change in missed)
        while frames := await subscription.take():
            yield frames


def _last_event_id(request: Request) -> Cursor | None:
    text = request.headers.get("last-event-id")
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except ValueError as error:
        raise ParameterError(f"Last-Event-ID is {text!r}", "it must be the id of an event of the live feed") from error
