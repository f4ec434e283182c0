"""What one agent prints, followed in its recording, also from any place that a client has been told up to.

A place is a number of bytes: of both streams, in the order of the recording. It is where a read ends, so it also says
how far each stream is; a character that it cuts in two is told with its later part.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from data.export.events import output_event
from stream.follow import Follower, Position
from stream.lines import Reads
from stream.recording import KINDS, LOGS, TIMING, RecordingError
from stream.records import STREAMS, Session
from stream.replay.output_text import OutputDecoder
from stream.timing import TimingError, parse_timing

END = 1 << 63  # behind all that was ever printed

_PIECE = 64 * 1024  # bytes of output in one event, unless one read was longer
_CUT_CHARACTER = 3  # bytes at most


class Piece(NamedTuple):
    """The data of an `output` event, and the place behind it."""

    told: int
    data: Mapping[str, Any]


class LiveOutput:
    """The output of one session from `position` on. `told` is the place. Raises `OSError` without a recording."""

    def __init__(self, session: Session, position: Position) -> None:
        self.session = session
        self._directory = Path(session.recording_path or "")
        self._follower = Follower(self._directory, position)
        try:
            self._begin()
        except OSError:
            self._follower.close()
            raise

    @classmethod
    def behind(cls, session: Session, told: int) -> "LiveOutput | None":
        """From a place on; None where the recording has no such place, or is gone."""
        try:
            position = _find(Path(session.recording_path or ""), told)
            return None if position is None else cls(session, position)
        except (OSError, TimingError):
            return None

    def skip(self) -> None:
        """Passes over what is there."""
        while self._items():
            continue
        self._begin()

    def read(self, until: int = END) -> list[Piece]:
        """What has come, but nothing behind the place `until`; a recording that cannot be read tells nothing."""
        found: list[Piece] = []
        for item in self._items():
            for at, data in _pieces(item, until - self.told) if isinstance(item, Reads) else ():
                self.told += len(data)
                if decoded := self._decoders[item.stream].feed(data):
                    event = output_event(at, item.stream, decoded)
                    found.append(Piece(self.told, {"session_id": self.session.session_id, **event.data}))
        return found

    def read_on(self, until: int) -> list[Piece] | None:
        """The same, None where nothing more has come."""
        before = self._follower.position
        found = self.read(until) if self.told < until else []
        return None if self._follower.position == before else found

    def close(self) -> None:
        """Closes the recording."""
        self._follower.close()

    def _begin(self) -> None:
        position = self._follower.position
        self.told = position.stdout + position.stderr
        self._decoders = {stream: OutputDecoder() for stream in STREAMS}
        for stream in STREAMS:
            # What these bytes show was told; the decoder keeps the beginning of a character.
            self._decoders[stream].feed(_before(self._directory / LOGS[stream], getattr(position, stream)))

    def _items(self) -> list[Any]:
        try:
            return self._follower.read()
        except (OSError, TimingError, RecordingError):
            return []


def _find(directory: Path, told: int) -> Position | None:
    position = Position()
    if told == 0:
        return position
    with (directory / TIMING).open("rb") as timing:
        for line in timing:
            for record in parse_timing(line, position.timing, position.clock):
                stdout = record.size if record.kind == KINDS["stdout"] else 0
                stderr = record.size if record.kind == KINDS["stderr"] else 0
                position = Position(record.end, position.stdout + stdout, position.stderr + stderr, record.at)
            if position.stdout + position.stderr >= told:
                break
    return position if position.stdout + position.stderr == told else None


def _before(log: Path, offset: int) -> bytes:
    """The last bytes before an offset, as many as a character may lack its end behind."""
    start = max(0, offset - _CUT_CHARACTER)
    if offset == 0:
        return b""  # of a stream that may have no log
    with log.open("rb") as file:
        return os.pread(file.fileno(), offset - start, start)


def _pieces(reads: Reads, room: int) -> Iterator[tuple[int, bytes]]:
    """The time and the bytes of runs of reads; `room` bytes at most, which end where a read does."""
    start = reads.offset
    last = min(reads.times[-1][0], reads.offset + room)
    for end, at in reads.times:
        if end > last:
            return
        if end - start >= _PIECE or end == last:
            yield at, reads.data[start - reads.offset : end - reads.offset]
            start = end
