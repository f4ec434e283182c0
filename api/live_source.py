"""The live feed at its source: what was committed since, and on request what running agents print.

Synchronous, for a thread of its own or a command; nothing here waits. Rows come in the order in which they were stored.
Output is read from the recordings and belongs to no row: its events carry the cursor of the rows before them.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from api.rows import session_json
from data.changes import Change, Cursor, Offsets, Wanted
from data.export.events import output_event, seconds
from data.sqlite.change_statements import MAX_CHANGES
from data.sqlite.changes import ChangeReader
from stream.follow import Follower, Position
from stream.lines import Reads
from stream.recording import RecordingError
from stream.records import STREAMS, ExtractionEvent, Session
from stream.replay.output_text import OutputDecoder
from stream.timestamps import parse_timestamp
from stream.timing import TimingError

_PIECE = 64 * 1024  # bytes of output in one event, unless one read was longer


class LiveEvent(NamedTuple):
    """What clients are told. `event_type` is None for what is no extraction; `cursor` stands behind it."""

    name: str
    agent: str | None
    session_id: str
    event_type: str | None
    cursor: Cursor
    data: Mapping[str, Any]


class LiveSource:
    """What happens behind `cursor` (by default: from now on); close it afterwards. Raises `StoreError`."""

    def __init__(self, database: Path, cursor: Cursor | None = None) -> None:
        self._reader = ChangeReader(database)
        self.cursor = self._reader.head() if cursor is None else cursor.up_to(self._reader.head())
        self._more = True
        self._outputs: dict[str, _LiveOutput] | None = None

    def poll(self, *, output: bool) -> list[LiveEvent]:
        """What has come since the last poll: rows, at most a few hundred, and the output of running agents."""
        changes: list[Change] = []
        if self._reader.changed() or self._more:
            changes = self._reader.changes(self.cursor)
            self._more = len(changes) >= MAX_CHANGES
        events = self._output(changes) if output else self._no_output()
        for change in changes:
            self.cursor = change.cursor
            events.append(live_event(change))
        return events

    def close(self) -> None:
        """Closes the database and the recordings."""
        self._no_output()
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _output(self, changes: list[Change]) -> list[LiveEvent]:
        """Output comes before the rows that were made of it."""
        if self._outputs is None:
            self._outputs = {}
            for session, offsets in self._reader.running():
                self._follow(session, offsets, skip=True)
        for change in changes:
            if change.name == "session_start" and isinstance(change.row, Session):
                self._follow(change.row, Offsets(), skip=False)
        events = [event for output in self._outputs.values() for event in output.read(self.cursor)]
        for change in changes:
            if change.name == "session_end" and (ended := self._outputs.pop(change.row.session_id, None)):
                ended.close()
        return events

    def _follow(self, session: Session, offsets: Offsets, *, skip: bool) -> None:
        assert self._outputs is not None  # noqa: S101 (for the type checker; the caller has made it)
        if session.recording_path is None or session.session_id in self._outputs:
            return
        try:
            output = _LiveOutput(session, Position(*offsets))
        except OSError:  # the recording is gone: there is no output to tell
            return
        if skip:
            output.skip()
        self._outputs[session.session_id] = output

    def _no_output(self) -> list[LiveEvent]:
        for output in (self._outputs or {}).values():
            output.close()
        self._outputs = None
        return []


class _LiveOutput:
    """The output of one agent that runs."""

    def __init__(self, session: Session, position: Position) -> None:
        self._session = session
        self._follower = Follower(Path(session.recording_path or ""), position)
        self._decoders = {stream: OutputDecoder() for stream in STREAMS}

    def skip(self) -> None:
        """Passes over what is there."""
        while self._items():
            continue

    def read(self, cursor: Cursor) -> Iterator[LiveEvent]:
        """What has come; a recording that cannot be read tells nothing."""
        for item in self._items():
            for at, data in _pieces(item) if isinstance(item, Reads) else ():
                if decoded := self._decoders[item.stream].feed(data):
                    event = output_event(at, item.stream, decoded)
                    told = {"session_id": self._session.session_id, **event.data}
                    yield LiveEvent("output", self._session.agent_name, self._session.session_id, None, cursor, told)

    def close(self) -> None:
        self._follower.close()

    def _items(self) -> list[Any]:
        try:
            return self._follower.read()
        except (OSError, TimingError, RecordingError):
            return []


def live_event(change: Change) -> LiveEvent:
    """A change as clients are told it: rows as in a replay, sessions as in a list."""
    row = change.row
    if isinstance(row, Session):
        data: dict[str, Any] = {"session": session_json(row)}
    else:
        data = {"t": seconds(_since(row.timestamp, change.started_at)), **row._asdict()}
    event_type = row.event_type if isinstance(row, ExtractionEvent) else None
    return LiveEvent(change.name, change.agent, row.session_id, event_type, change.cursor, data)


def is_wanted(event: LiveEvent, wanted: Wanted, *, output: bool) -> bool:
    """Whether the filter lets it through; with a type, extractions of that type alone."""
    passes = output if event.name == "output" else wanted.event_type in (None, event.event_type)
    return passes and wanted.agent in (None, event.agent) and wanted.session in (None, event.session_id)


def _since(timestamp: str | None, started: str | None) -> int:
    if not timestamp or not started:
        return 0
    return max(0, parse_timestamp(timestamp) - parse_timestamp(started))


def _pieces(reads: Reads) -> Iterator[tuple[int, bytes]]:
    """The time and the bytes of runs of reads."""
    start = reads.offset
    for number, (end, at) in enumerate(reads.times):
        if end - start >= _PIECE or number == len(reads.times) - 1:
            yield at, reads.data[start - reads.offset : end - reads.offset]
            start = end
