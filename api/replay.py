"""A recorded session as one numbered sequence of events, in the order and at the times of the recording.

    0         session_start
    1 … n     output, resize, extraction, state_change; what has the same time comes in this order
    n + 1     replay_complete

The sequence never changes, so that the number of an event is enough to go on behind it. That of a session which still
runs ends at what there was when it was first asked for; its `Bounds` are part of its events' ids.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import NamedTuple, Self

from anyio import to_thread

from api.errors import RecordingNotFoundError
from api.replay_sources import ReplayEvent, extraction_events, output_events, seconds, state_events
from data.queries import Reader, SessionDetail
from stream.playback import Extent, measure
from stream.recording import LOGS, TIMING, RecordingHeader, read_header
from stream.records import Session, StateChange


class Bounds(NamedTuple):
    """Where a replay ends: bytes of the timing file, and the last ids of extractions and state changes."""

    timing: int
    extraction: int
    state_change: int


class EventId(NamedTuple):
    """The id of an event: its number, and the bounds unless the session has ended.

    As text: `17`, or `17@5120.12.3`.
    """

    number: int
    bounds: Bounds | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`."""
        number, _, bounds = text.partition("@")
        values = [_natural(value) for value in bounds.split(".")] if bounds else None
        if values is not None and len(values) != len(Bounds._fields):
            raise ValueError(f"not the bounds of a replay: {bounds!r}")
        return cls(_natural(number), None if values is None else Bounds(*values))

    def __str__(self) -> str:
        return str(self.number) + (f"@{'.'.join(map(str, self.bounds))}" if self.bounds else "")


class Replay(NamedTuple):
    """A session from its start to `bounds`; `duration` is in µs."""

    session: Session
    header: RecordingHeader
    directory: Path
    bounds: Bounds
    duration: int
    state_changes: tuple[StateChange, ...]

    def event_id(self, number: int) -> str:
        """The id of the event with this number."""
        return str(EventId(number, None if self.session.ended_at else self.bounds))

    async def events(self, reader: Reader) -> AsyncGenerator[ReplayEvent, None]:
        """What happened, from the event with the number 1 on. Raises `RecordingError` and `StoreError`."""
        started = self.header.started
        merged = _merged(
            output_events(self.directory, self.bounds.timing),
            extraction_events(reader, self.session.session_id, self.bounds.extraction, started),
            state_events(self.state_changes, started),
        )
        async with aclosing(merged):
            async for event in merged:
                yield event


async def open_replay(reader: Reader, session_id: str, bounds: Bounds | None = None) -> Replay:
    """The replay of a session, as far as it is recorded, or up to the bounds of an earlier one.

    Raises `SessionNotFoundError`, `RecordingNotFoundError`, `RecordingError`.
    """
    detail = await reader.session(session_id)
    session = detail.session
    directory = await to_thread.run_sync(_directory, session)
    header = await to_thread.run_sync(read_header, directory)
    # The rows before the recording: what was extracted by then was recorded by then.
    last = await reader.last_extraction(session.session_id) if bounds is None else bounds.extraction
    extent = await to_thread.run_sync(measure, directory, bounds and bounds.timing)
    bounds = bounds or _bounds(detail, last, extent)
    changes = tuple(change for change in detail.state_changes if (change.id or 0) <= bounds.state_change)
    return Replay(session, header, directory, bounds, extent.duration, changes)


def _directory(session: Session) -> Path:
    if session.recording_path is None:
        raise RecordingNotFoundError(f"session {session.session_id} has no recording", "it was stored without one")
    directory = Path(session.recording_path)
    for name in (TIMING, LOGS["stdout"]):
        if not (directory / name).is_file():
            raise RecordingNotFoundError(
                f"the recording of session {session.session_id} is gone: there is no {directory / name}",
                f"what was extracted from it is still there: /api/query/extractions?session={session.session_id}",
            )
    return directory


def _bounds(detail: SessionDetail, last_extraction: int, extent: Extent) -> Bounds:
    return Bounds(extent.end, last_extraction, max((change.id or 0 for change in detail.state_changes), default=0))


async def _merged(*sources: AsyncGenerator[ReplayEvent, None]) -> AsyncGenerator[ReplayEvent, None]:
    """The earliest first, among equals that of the earlier source; time never goes back."""
    async with AsyncExitStack() as stack:
        for source in sources:
            await stack.enter_async_context(aclosing(source))
        heads = {number: head for number, source in enumerate(sources) if (head := await anext(source, None))}
        at = 0
        while heads:
            number = min(heads, key=lambda number: (heads[number].at, number))
            head = heads.pop(number)
            at = max(at, head.at)
            yield head if head.at == at else head._replace(at=at, data={**head.data, "t": seconds(at)})
            if following := await anext(sources[number], None):
                heads[number] = following


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ValueError(f"not a number: {text!r}")
    return int(text)
