"""A recording as a sequence of pieces, read lazily: what came, and when.

Memory holds one block of the timing file and one piece, whatever the size of the recording. Only bytes that the timing
file covers are read. `measure` says how far a recording reaches now; nothing here waits for one that grows.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import BinaryIO, NamedTuple

from stream.follow import Position
from stream.recording import KINDS, LOGS, TIMING, RecordingError
from stream.records import STREAMS
from stream.timing import TimingError, TimingRecord, parse_seconds, parse_timing

MAX_PIECE = 64 * 1024

_BLOCK = 64 * 1024
_TAIL = 4096
_STREAMS = {kind: stream for stream, kind in KINDS.items()}
START = Position()


class Extent(NamedTuple):
    """How far a recording reaches: its `duration` in µs and the `end` of its timing file in bytes."""

    duration: int
    end: int


class OutputPiece(NamedTuple):
    """At most `MAX_PIECE` bytes of one read, which came `at` µs after the start."""

    at: int
    stream: str
    data: bytes


class ResizePiece(NamedTuple):
    """The terminal has this size from `at` (µs since the start) on."""

    at: int
    columns: int
    rows: int


def measure(directory: Path, end: int | None = None) -> Extent:
    """The extent of the recording as it stands, or up to `end` bytes of its timing file. Raises `RecordingError`.

    A finished recording says its duration at its end; any other is read through.
    """
    try:
        size = (directory / TIMING).stat().st_size
        end = size if end is None else min(end, size)
        duration = _stated_duration(directory, end)
        if duration is not None:
            return Extent(duration, end)
        with closing(TimingReader(directory)) as reader:
            for _ in reader.records(end):
                continue
            return Extent(reader.at, reader.end)
    except (OSError, TimingError) as error:
        raise RecordingError(f"{directory} cannot be read ({error})") from error


class TimingReader:
    """Reads a timing file from `position` up to where it is told, and later on; close it afterwards.

    `at` is the time (µs) of the last record, `end` the offset behind it: how far the recording reaches by then.
    """

    def __init__(self, directory: Path, position: Position = START) -> None:
        self.at, self.end = position.clock, position.timing
        self._file = (directory / TIMING).open("rb")
        self._file.seek(position.timing)
        self._rest = b""

    def records(self, end: int) -> Iterator[TimingRecord]:
        """The whole records below `end`, behind those that were read before. Raises `OSError` and `TimingError`."""
        while block := self._file.read(max(0, min(_BLOCK, end - self._file.tell()))):
            data, start = self._rest + block, self.end
            self._rest = data[data.rfind(b"\n") + 1 :]
            for record in parse_timing(data, start, self.at):
                self.at, self.end = record.at, record.end
                yield record

    def extent(self) -> Extent:
        """How far the recording reaches now. Raises `RecordingError`."""
        try:
            for _ in self.records(os.fstat(self._file.fileno()).st_size):
                continue
        except (OSError, TimingError) as error:
            raise RecordingError(f"{self._file.name} cannot be read ({error})") from error
        return Extent(self.at, self.end)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


class Playback:
    """Reads a recording piece by piece, in the order and at the times of the recording; close it afterwards.

    It begins at `position`, a boundary between two timing records, and goes on where it left off, so that a recording
    which still grows can be read further and further. While the pieces of a record are handed out, `position` stands
    before it.
    """

    def __init__(self, directory: Path, position: Position = START) -> None:
        self.position = position
        self._directory = directory
        self._files = ExitStack()
        self._logs: dict[str, BinaryIO] = {}
        self._timing: TimingReader | None = None

    def pieces(self, end: int) -> Generator[OutputPiece | ResizePiece, None, None]:
        """The pieces up to `end` bytes of the timing file, behind those that were read before.

        Raises `RecordingError` where the recording lacks bytes that its timing file promises. What is not taken of it
        is lost to later calls.
        """
        try:
            if self._timing is None:
                self._timing = self._files.enter_context(closing(TimingReader(self._directory, self.position)))
            for record in self._timing.records(end):
                if record.kind in _STREAMS:
                    yield from self._output(record)
                elif record.name == "SIGWINCH":
                    yield resize_piece(record)
                self.position = _behind(self.position, record)
        except (OSError, TimingError) as error:
            raise RecordingError(f"{self._directory} cannot be read ({error})") from error

    def close(self) -> None:
        """Closes the files."""
        self._files.close()

    def _output(self, record: TimingRecord) -> Iterator[OutputPiece]:
        stream = _STREAMS[record.kind]
        log, left = self._log(stream), record.size
        while left:
            data = log.read(min(left, MAX_PIECE)) if log else b""
            if not data:
                raise RecordingError(f"{self._directory / LOGS[stream]} lacks {left} bytes that {TIMING} promises")
            left -= len(data)
            yield OutputPiece(record.at, stream, data)

    def _log(self, stream: str) -> BinaryIO | None:
        if stream not in self._logs and (path := self._directory / LOGS[stream]).exists():
            self._logs[stream] = self._files.enter_context(path.open("rb"))
            self._logs[stream].seek(getattr(self.position, stream))
        return self._logs.get(stream)


def play(directory: Path, end: int) -> Generator[OutputPiece | ResizePiece, None, None]:
    """The pieces up to `end` bytes of the timing file. Raises `RecordingError`."""
    with closing(Playback(directory)) as playback:
        yield from playback.pieces(end)


def _behind(position: Position, record: TimingRecord) -> Position:
    read = dict.fromkeys(STREAMS, 0) | ({_STREAMS[record.kind]: record.size} if record.kind in _STREAMS else {})
    return Position(record.end, position.stdout + read["stdout"], position.stderr + read["stderr"], record.at)


def resize_piece(record: TimingRecord) -> ResizePiece:
    """What a `SIGWINCH` record says. Raises `TimingError`."""
    try:
        at = parse_seconds(record.fields["AT"])
        return ResizePiece(at, int(record.fields["COLS"]), int(record.fields["ROWS"]))
    except (KeyError, ValueError) as error:
        raise TimingError(f"not a window size: {dict(record.fields)}") from error


def _stated_duration(directory: Path, end: int) -> int | None:
    with (directory / TIMING).open("rb") as file:
        file.seek(max(0, end - _TAIL))
        for line in reversed(file.read(min(_TAIL, end)).split(b"\n")):
            words = line.split(b" ")
            if words[0] == b"H" and words[2:3] == [b"DURATION"]:
                return parse_seconds(words[3])
    return None
