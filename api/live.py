"""The live feed: rows of all sessions as they are committed, as server-sent events that can be resumed."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from api.context import changes_of, closing_of, reader_of, settings_of
from api.errors import ParameterError
from api.live_cursor import LiveCursor
from api.live_feed import LiveFeed, framed
from api.live_resume import missed_output, missed_sessions
from api.live_source import live_event
from api.metrics import metrics_of
from api.params import LIVE, read_parameters
from api.sse import RETRY, EventStream, frame
from data.changes import Change, Wanted
from data.sqlite.changes import SQLiteChanges
from stream.records import Session


async def live(request: Request) -> Response:
    """What is committed from now on, or behind the `Last-Event-ID` that the client has seen, as server-sent events."""
    values = read_parameters(request.query_params, LIVE, settings_of(request).now())
    wanted = Wanted(values["agent"], values["session"], values["type"])
    feed = cast("LiveFeed", request.state.live)
    await reader_of(request).status()  # a database that does not answer is an error, not a stream that breaks off
    events = _events(feed, changes_of(request), wanted, _last_event_id(request), output=values["output"])
    return EventStream(events, settings_of(request), closing_of(request), lambda: metrics_of(request).streaming("live"))


async def _events(
    feed: LiveFeed, changes: SQLiteChanges, wanted: Wanted, seen: LiveCursor | None, *, output: bool
) -> AsyncGenerator[bytes, None]:
    """What the client has missed, then what comes: the feed is subscribed to before the database is read."""
    async with feed.subscribe(wanted, output=output) as subscription:
        start = await subscription.start()
        if start is None:
            return  # the database fails, or the server stops: the client comes back
        cursor = start if seen is None else _within(seen, start)
        yield frame("live_start", {"cursor": str(cursor)}, str(cursor), retry=RETRY)
        if seen is not None and _goes_on(seen, start):
            missed = await missed_sessions(changes, cursor, start)
            async with aclosing(missed_output(missed, cursor, start, wanted)) as parts:
                async for told, events in parts:
                    cursor = told
                    if events:
                        yield b"".join(map(framed, events))
        while rows := await changes.changes(cursor.rows, start.rows, wanted):
            frames = []
            for change in rows:
                cursor = _told(cursor, change)
                frames.append(framed(live_event(change, cursor)))
            yield b"".join(frames)
        while frames_of_feed := await subscription.take():
            yield frames_of_feed


def _within(seen: LiveCursor, start: LiveCursor) -> LiveCursor:
    """Where the client stood, as far as it can be: a database that was made anew counts from 1 again."""
    return LiveCursor(seen.rows.up_to(start.rows), seen.output if _goes_on(seen, start) else start.output)


def _goes_on(seen: LiveCursor, start: LiveCursor) -> bool:
    """Whether the client was told output of this very database, and asks for more of it."""
    return start.output is not None and seen.output is not None and seen.rows.up_to(start.rows) == seen.rows


def _told(cursor: LiveCursor, change: Change) -> LiveCursor:
    """Behind the change; of a session that has ended, all output was told before."""
    output = cursor.output
    if output is not None and change.name == "session_end" and isinstance(change.row, Session):
        output = {row_id: told for row_id, told in output.items() if row_id != change.row.id}
    return LiveCursor(change.cursor, output)


def _last_event_id(request: Request) -> LiveCursor | None:
    text = request.headers.get("last-event-id")
    if not text:
        return None
    try:
        return LiveCursor.parse(text)
    except ValueError as error:
        raise ParameterError(f"Last-Event-ID is {text!r}", "it must be the id of an event of the live feed") from error
