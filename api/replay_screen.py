"""A recorded session for a client that shows its terminal: a keyframe of the moment it asks for, then what came behind.

There is output and there are window sizes, no rows of the database. A jump of any length, either way, is a keyframe.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from typing import NamedTuple

from api.reading import read_in_thread
from api.replay import Replay, open_replay
from api.replay_ids import STOPPED, MomentId
from api.replay_player import Opened
from api.replay_seekers import Seekers
from api.replay_sources import RecordedOutput
from data.export.events import SessionEvent, Teller, seconds
from data.queries import Reader
from data.sqlite.changes import SQLiteChanges
from stream.follow import Position
from stream.replay.playback import TimingReader

_LAST = ("replay_complete", "replay_error")


class Timed(NamedTuple):
    """An event that is known by its time."""

    event: SessionEvent

    def event_id(self, begin: int | None) -> str:
        """Its id, for a client that has jumped to `begin` (µs)."""
        return STOPPED if self.event.name in _LAST else str(MomentId(max(self.event.at, begin or 0)))

    def before(self, event: SessionEvent) -> "Timed":
        """The event that comes behind this one."""
        return Timed(event)


class ScreenReplay:
    """One client's replay of a session, which it can open at any moment again and again."""

    def __init__(self, replay: Replay, seekers: Seekers, reader: Reader, changes: SQLiteChanges) -> None:
        self._replay = replay
        self._session_id = replay.session.session_id
        self._seekers = seekers
        self._reader = reader
        self._changes = changes

    async def begin(self, at: int) -> Opened:
        """At `at` (µs since the start), or where the replay that it was made for ends. Raises `RecordingError`."""
        return await self._opened(self._replay, at)

    async def open(self, at: int) -> Opened:
        """At `at` (µs since the start), or where the recording ends by now.

        Raises `SessionNotFoundError`, `RecordingNotFoundError`, `RecordingError`.
        """
        replay = self._replay if self._replay.ended else await open_replay(self._reader, self._session_id)
        return await self._opened(replay, at)

    async def _opened(self, replay: Replay, at: int) -> Opened:
        moment = await self._seekers.moment(replay, at)
        beginning = Timed(SessionEvent(at, "", {}))
        return Opened(replay, self._events(replay, moment.position), beginning, moment)

    async def _events(self, replay: Replay, position: Position) -> AsyncGenerator[Timed | None, None]:
        """What lies behind the position, to the session's end; None where there is nothing new for now."""
        teller, at, number = Teller(), position.clock, 0
        with (
            closing(RecordedOutput(replay.directory, position)) as output,
            closing(TimingReader(replay.directory, position)) as timing,
        ):
            end, ended = replay.segment.end.timing, replay.ended
            while True:
                async with aclosing(output.items(end)) as items:
                    async for item in items:
                        at = max(at, item.at)
                        if event := teller.tell(item._replace(at=at)):
                            number += 1
                            yield Timed(event)
                if ended:
                    break
                while (following := await self._following(timing, end)) is None:
                    yield None
                end, ended = following
            duration = max(at, replay.duration, timing.at)
        for event in teller.flush(at):
            number += 1
            yield Timed(event)
        told = {"session_id": self._session_id, "total_events": number, "duration_seconds": seconds(duration)}
        yield Timed(SessionEvent(duration, "replay_complete", told))

    async def _following(self, timing: TimingReader, end: int) -> tuple[int, bool] | None:
        """How far the timing file reaches now, and whether that is all; None where nothing has come behind `end`."""
        reach = await self._changes.reach(self._session_id)
        ended = reach is None or reach.ended
        extent = await read_in_thread(timing.extent)
        return None if extent.end == end and not ended else (extent.end, ended)
