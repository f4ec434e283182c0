"""A recorded session as one numbered sequence of events, in the order and at the times of the recording.

    0         session_start
    1 … n     output, resize, extraction, state_change; what has the same time comes in this order
    n + 1     replay_complete

A session that still runs is played to what there is, then followed until it ends. What lies between two bounds never
changes, so that an event's id (`api.replay_ids`) is enough to go on behind it.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, closing
from pathlib import Path
from typing import NamedTuple

from anyio import to_thread

from api.errors import RecordingNotFoundError
from api.reading import read_in_thread
from api.replay_ids import Bounds, EventId, Segment
from api.replay_sources import RecordedOutput, extraction_items, in_order, state_items
from data.export.events import SessionEvent, Teller, seconds
from data.queries import Reader, SessionDetail
from data.sqlite.changes import SQLiteChanges
from stream.recording import LOGS, TIMING, RecordingHeader, read_header
from stream.records import Session, StateChange
from stream.replay.items import Item
from stream.replay.playback import TimingReader, measure


class Numbered(NamedTuple):
    """An event and its place in the sequence; `segment` is None where the session had ended."""

    number: int
    event: SessionEvent
    segment: Segment | None

    def event_id(self, begin: int | None) -> str:
        """Its id, for a client that has jumped to `begin` (µs)."""
        return str(EventId(self.number, self.segment, begin))

    def before(self, event: SessionEvent) -> "Numbered":
        """The event that comes behind this one."""
        return Numbered(self.number + 1, event, self.segment)


class Replay(NamedTuple):
    """A session up to the end of `segment`; `duration` is in µs. `ended`: it had ended, there is no more."""

    session: Session
    header: RecordingHeader
    directory: Path
    segment: Segment
    ended: bool
    duration: int
    state_changes: Sequence[StateChange]

    @property
    def size(self) -> dict[str, int] | None:
        """The terminal's size at the start, as clients get it."""
        return {"cols": self.header.columns, "rows": self.header.rows} if self.header.columns else None

    @property
    def beginning(self) -> Numbered:
        """What stands before the first event."""
        return Numbered(0, SessionEvent(0, "", {}), None if self.ended else self.segment)

    async def items(self, reader: Reader) -> AsyncGenerator[Item, None]:
        """What happened, as it is. Raises `RecordingError` and `StoreError`."""
        with closing(_Playing(self, reader)) as playing:
            async with aclosing(playing.items(self.segment)) as items:
                async for item in items:
                    yield item

    async def events(self, reader: Reader) -> AsyncGenerator[SessionEvent, None]:
        """What happened, as clients get it. Raises `RecordingError` and `StoreError`."""
        with closing(_Playing(self, reader)) as playing:
            async with aclosing(playing.events(self.segment, last=True)) as events:
                async for event in events:
                    yield event

    async def sequence(self, reader: Reader, changes: SQLiteChanges) -> AsyncGenerator[Numbered | None, None]:
        """The events from the segment's first to the session's last; None where there is nothing new for now.

        Raises `RecordingError` and `StoreError`.
        """
        segment, ended, number = self.segment, self.ended, self.segment.before
        with closing(_Playing(self, reader)) as playing:
            await playing.skip(segment.start)
            while True:
                async with aclosing(playing.events(segment, last=ended)) as events:
                    async for event in events:
                        number += 1
                        yield Numbered(number, event, None if self.ended else segment)
                if ended:
                    break
                while (following := await playing.following(segment, number, changes)) is None:
                    yield None
                segment, ended = following
        duration = playing.duration
        told = {
            "session_id": self.session.session_id,
            "total_events": number,
            "duration_seconds": seconds(duration),
        }
        yield Numbered(number + 1, SessionEvent(duration, "replay_complete", told), None if self.ended else segment)


async def open_replay(reader: Reader, session_id: str, segment: Segment | None = None) -> Replay:
    """The replay of a session, as far as it is recorded, or of the segment of an earlier one.

    Raises `SessionNotFoundError`, `RecordingNotFoundError`, `RecordingError`.
    """
    return await replay_of(await reader.session(session_id), reader, segment)


async def replay_of(detail: SessionDetail, reader: Reader, segment: Segment | None = None) -> Replay:
    """The same for a session that is known. Raises `RecordingNotFoundError`, `RecordingError`."""
    session = detail.session
    directory = await to_thread.run_sync(_directory, session)
    header = await to_thread.run_sync(read_header, directory)
    # The rows before the recording: what was extracted by then was recorded by then.
    last = await reader.last_extraction(session.session_id) if segment is None else 0
    extent = await to_thread.run_sync(measure, directory, segment and segment.end.timing)
    ended = segment is None and session.ended_at is not None
    segment = segment or Segment(Bounds(extent.end, last, _last_state(detail)))
    return Replay(session, header, directory, segment, ended, extent.duration, detail.state_changes)


class _Playing:
    """What a replay in progress holds: the recording's files, and characters that are not yet whole."""

    def __init__(self, replay: Replay, reader: Reader) -> None:
        self._replay = replay
        self._reader = reader
        self._output = RecordedOutput(replay.directory)
        self._teller = Teller()
        self._states = replay.state_changes
        self._timing: TimingReader | None = None
        self._at = 0
        self.duration = replay.duration if replay.ended else 0

    async def skip(self, bounds: Bounds) -> None:
        """Goes to where a later segment begins."""
        async with aclosing(self._output.items(bounds.timing)) as items:
            async for item in items:
                self._teller.tell(item)

    async def items(self, segment: Segment) -> AsyncGenerator[Item, None]:
        """What lies between the bounds."""
        start, end = segment.start, segment.end
        started = self._replay.header.started
        states = [state for state in self._states if start.state_change < (state.id or 0) <= end.state_change]
        merged = in_order(
            self._output.items(end.timing),
            extraction_items(self._reader, self._replay.header, start.extraction, end.extraction),
            state_items(states, started),
            begin=self._at,
        )
        async with aclosing(merged):
            async for item in merged:
                yield item

    async def events(self, segment: Segment, *, last: bool) -> AsyncGenerator[SessionEvent, None]:
        """The same as events; behind the `last` segment also what was held back."""
        at = self._at
        async with aclosing(self.items(segment)) as items:
            async for item in items:
                at = item.at
                if event := self._teller.tell(item):
                    yield event
        for event in self._teller.flush(at) if last else ():
            yield event
        self._at = at
        self.duration = max(self.duration, at)

    async def following(self, segment: Segment, before: int, changes: SQLiteChanges) -> tuple[Segment, bool] | None:
        """The next segment and whether it is the last; None where nothing has come."""
        session_id = self._replay.session.session_id
        if (reach := await changes.reach(session_id)) is None:
            return Segment(segment.end, segment.end, before), True
        if self._timing is None:
            self._timing = TimingReader(self._replay.directory)
        extent = await read_in_thread(self._timing.extent)
        end = Bounds(*map(max, segment.end, Bounds(extent.end, reach.extraction, reach.state_change)))
        if end == segment.end and not reach.ended:
            return None
        if end.state_change > segment.end.state_change:
            self._states = (await self._reader.session(session_id)).state_changes
        if reach.ended:
            self.duration = max(self.duration, extent.duration)
        return Segment(end, segment.end, before), reach.ended

    def close(self) -> None:
        self._output.close()
        if self._timing is not None:
            self._timing.close()


def _directory(session: Session) -> Path:
    if session.recording_path is None:
        raise RecordingNotFoundError(f"session {session.session_id} has no recording", "it was stored without one")
    directory = Path(session.recording_path)
    for name in (TIMING, LOGS["stdout"]):
        if not (directory / name).is_file():
            raise RecordingNotFoundError(
                f"the recording of session {session.session_id} is gone: there is no {directory / name}",
                f"what was extracted from it is still there: `wrapper events {session.session_id}`,"
                f" /api/query/extractions?session={session.session_id}",
            )
    return directory


def _last_state(detail: SessionDetail) -> int:
    return max((change.id or 0 for change in detail.state_changes), default=0)
