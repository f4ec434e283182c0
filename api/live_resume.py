"""What a client that comes back has missed of what agents print: from where it stood up to where the feed goes on.

It is read from the recordings as the client takes it, so nothing is held for anybody.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import NamedTuple

from api.live_cursor import MAX_SESSIONS, LiveCursor
from api.live_output import END, LiveOutput, Piece
from api.live_source import LiveEvent, output_told
from api.reading import read_in_thread
from data.changes import Wanted
from data.sqlite.changes import SQLiteChanges
from stream.records import Session


class Missed(NamedTuple):
    """The sessions whose output a client is to be told, and how far it was told that of each."""

    sessions: list[Session]
    told: Mapping[int, int]


async def missed_sessions(changes: SQLiteChanges, seen: LiveCursor, start: LiveCursor) -> Missed:
    """Sessions that had not ended for the client, and those that have begun since: the newest `MAX_SESSIONS`.

    Of one that it has not been told of, and that had begun before, it is told what comes from `start` on.
    """
    known, running = seen.output or {}, start.output or {}
    sessions = await changes.sessions(list(known), seen.rows.session, start.rows.session, MAX_SESSIONS)
    told = {row_id: place for row_id, place in running.items() if row_id <= seen.rows.session}
    return Missed(sessions, told | {session.id or 0: known.get(session.id or 0, 0) for session in sessions})


async def missed_output(
    missed: Missed, seen: LiveCursor, start: LiveCursor, wanted: Wanted
) -> AsyncGenerator[tuple[LiveCursor, list[LiveEvent]], None]:
    """What was printed, session by session, and how far the client has been told behind each part."""
    running = start.output or {}
    cursor = LiveCursor(seen.rows, missed.told)
    for session in missed.sessions:
        row_id = session.id or 0
        if wanted.agent in (None, session.agent_name) and wanted.session in (None, session.session_id):
            async with aclosing(_read(session, missed.told[row_id], running.get(row_id, END))) as parts:
                async for pieces in parts:
                    events = []
                    for piece in pieces:
                        cursor = _moved(cursor, row_id, piece.told)
                        events.append(output_told(session, cursor, piece))
                    yield cursor, events
        # Also where the recording is gone or another one: what comes from here on is told by the feed.
        cursor = _moved(cursor, row_id, running.get(row_id, (cursor.output or {})[row_id]))
    yield cursor, []


async def _read(session: Session, told: int, until: int) -> AsyncGenerator[list[Piece], None]:
    output = await read_in_thread(partial(LiveOutput.behind, session, told))
    if output is None:
        return
    try:
        while (pieces := await read_in_thread(partial(output.read_on, until))) is not None:
            yield pieces
    finally:
        output.close()


def _moved(cursor: LiveCursor, row_id: int, told: int) -> LiveCursor:
    return cursor._replace(output={**(cursor.output or {}), row_id: told})
