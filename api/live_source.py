"""The live feed at its source: what was committed since, and on request what running agents print.

Synchronous, for a thread of its own or a command; nothing here waits. Rows come in the order in which they were stored.
Output is read from the recordings and belongs to no row: a cursor says how far both were told.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from api.live_cursor import LiveCursor
from api.live_output import LiveOutput, Piece
from api.rows import session_json
from data.changes import Change, Cursor, Offsets, Wanted
from data.export.events import seconds
from data.sqlite.change_statements import MAX_CHANGES
from data.sqlite.changes import ChangeReader
from stream.follow import Position
from stream.records import ExtractionEvent, Session
from stream.timestamps import parse_timestamp


class LiveEvent(NamedTuple):
    """What clients are told. `event_type` is None for what is no extraction; `cursor` stands behind it."""

    name: str
    agent: str | None
    session_id: str
    event_type: str | None
    cursor: LiveCursor
    data: Mapping[str, Any]


class LiveSource:
    """What happens behind `cursor` (by default: from now on); close it afterwards. Raises `StoreError`."""

    def __init__(self, database: Path, cursor: Cursor | None = None) -> None:
        self._reader = ChangeReader(database)
        self.cursor = self._reader.head() if cursor is None else cursor.up_to(self._reader.head())
        self._more = True
        self._outputs: dict[int, LiveOutput] | None = None

    @property
    def position(self) -> LiveCursor:
        """How far all has been told."""
        told = None if self._outputs is None else {row_id: output.told for row_id, output in self._outputs.items()}
        return LiveCursor(self.cursor, told)

    def follow_output(self) -> None:
        """Follows what running agents print from now on, whatever was followed before."""
        self.leave_output()
        self._outputs = {}
        for session, offsets in self._reader.running():
            # One whose start is still to be told is followed from there.
            if (session.id or 0) <= self.cursor.session:
                self._follow(session, offsets, skip=True)

    def leave_output(self) -> None:
        """Output is followed no more."""
        for output in (self._outputs or {}).values():
            output.close()
        self._outputs = None

    def poll(self, *, output: bool) -> list[LiveEvent]:
        """What has come since the last poll: rows, at most a few hundred, and the output of running agents."""
        if output and self._outputs is None:
            self.follow_output()
        elif not output:
            self.leave_output()
        changes: list[Change] = []
        if self._reader.changed() or self._more:
            changes = self._reader.changes(self.cursor)
            self._more = len(changes) >= MAX_CHANGES
        events = self._read_output(changes)
        if self._ends_too_soon(changes, events):
            self._more = True
            return events
        for change in changes:
            self.cursor = change.cursor
            if change.name == "session_end" and isinstance(change.row, Session):
                self._end(change.row)
            events.append(live_event(change, self.position))
        return events

    def close(self) -> None:
        """Closes the database and the recordings."""
        self.leave_output()
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _read_output(self, changes: list[Change]) -> list[LiveEvent]:
        """Output comes before the rows that were made of it."""
        if self._outputs is None:
            return []
        for change in changes:
            if change.name == "session_start" and isinstance(change.row, Session):
                self._follow(change.row, Offsets(), skip=False)
        events = []
        told = {row_id: output.told for row_id, output in self._outputs.items()}
        for row_id, output in self._outputs.items():
            for piece in output.read():
                told = {**told, row_id: piece.told}
                events.append(output_told(output.session, LiveCursor(self.cursor, told), piece))
        return events

    def _ends_too_soon(self, changes: list[Change], events: list[LiveEvent]) -> bool:
        """Whether a session has ended whose output may not all have been told: the rows wait for it."""
        told = {event.session_id for event in events}
        return any(change.name == "session_end" and change.row.session_id in told for change in changes)

    def _follow(self, session: Session, offsets: Offsets, *, skip: bool) -> None:
        assert self._outputs is not None  # noqa: S101 (for the type checker; the caller has made it)
        if session.recording_path is None or session.id is None or session.id in self._outputs:
            return
        try:
            output = LiveOutput(session, Position(*offsets))
        except OSError:  # the recording is gone: there is no output to tell
            return
        if skip:
            output.skip()
        self._outputs[session.id] = output

    def _end(self, session: Session) -> None:
        if self._outputs is not None and (ended := self._outputs.pop(session.id or 0, None)):
            ended.close()


def output_told(session: Session, cursor: LiveCursor, piece: Piece) -> LiveEvent:
    """What an agent has printed, as clients are told it."""
    return LiveEvent("output", session.agent_name, session.session_id, None, cursor, piece.data)


def live_event(change: Change, cursor: LiveCursor) -> LiveEvent:
    """A change as clients are told it: rows as in a replay, sessions as in a list."""
    row = change.row
    if isinstance(row, Session):
        data: dict[str, Any] = {"session": session_json(row)}
    else:
        data = {"t": seconds(_since(row.timestamp, change.started_at)), **row._asdict()}
    event_type = row.event_type if isinstance(row, ExtractionEvent) else None
    return LiveEvent(change.name, change.agent, row.session_id, event_type, cursor, data)


def is_wanted(event: LiveEvent, wanted: Wanted, *, output: bool) -> bool:
    """Whether the filter lets it through; with a type, extractions of that type alone."""
    passes = output if event.name == "output" else wanted.event_type in (None, event.event_type)
    return passes and wanted.agent in (None, event.agent) and wanted.session in (None, event.session_id)


def _since(timestamp: str | None, started: str | None) -> int:
    if not timestamp or not started:
        return 0
    return max(0, parse_timestamp(timestamp) - parse_timestamp(started))
