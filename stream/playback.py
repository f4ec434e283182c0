"""A recording as a sequence of pieces, read lazily: what came, and when.

Memory holds one block of the timing file and one piece, whatever the size of the recording. Only bytes that the timing
file covers are read. Nothing here follows a recording that grows: `measure` says how far it reaches now.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

from stream.recording import KINDS, LOGS, TIMING, RecordingError
from stream.timing import TimingError, TimingRecord, parse_seconds, parse_timing

MAX_PIECE = 64 * 1024

_BLOCK = 64 * 1024
_TAIL = 4096
_STREAMS = {kind: stream for stream, kind in KINDS.items()}


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
        at = covered = 0
        for record in _records(directory, end):
            at, covered = record.at, record.end
        return Extent(at, covered)
    except (OSError, TimingError) as error:
        raise RecordingError(f"{directory} cannot be read ({error})") from error


def play(directory: Path, end: int) -> Generator[OutputPiece | ResizePiece, None, None]:
    """The pieces up to `end` bytes of the timing file, in the order and at the times of the recording.

    Raises `RecordingError` where the recording lacks bytes that its timing file promises.
    """
    try:
        with ExitStack() as files:
            logs = {
                stream: files.enter_context((directory / name).open("rb"))
                for stream, name in LOGS.items()
                if (directory / name).exists()
            }
            for record in _records(directory, end):
                if record.kind in _STREAMS:
                    yield from _output(directory, logs, record)
                elif record.name == "SIGWINCH":
                    yield _resize(record)
    except (OSError, TimingError) as error:
        raise RecordingError(f"{directory} cannot be read ({error})") from error


def _output(directory: Path, logs: Mapping[str, BinaryIO], record: TimingRecord) -> Iterator[OutputPiece]:
    stream = _STREAMS[record.kind]
    left = record.size
    while left:
        data = logs[stream].read(min(left, MAX_PIECE)) if stream in logs else b""
        if not data:
            raise RecordingError(f"{directory / LOGS[stream]} lacks {left} bytes that {TIMING} promises")
        left -= len(data)
        yield OutputPiece(record.at, stream, data)


def _resize(record: TimingRecord) -> ResizePiece:
    try:
        at = parse_seconds(record.fields["AT"])
        return ResizePiece(at, int(record.fields["COLS"]), int(record.fields["ROWS"]))
    except (KeyError, ValueError) as error:
        raise TimingError(f"not a window size: {dict(record.fields)}") from error


def _records(directory: Path, end: int) -> Iterator[TimingRecord]:
    at = offset = 0
    rest = b""
    with (directory / TIMING).open("rb") as file:
        while block := file.read(min(_BLOCK, end - file.tell())):
            data = rest + block
            taken = 0
            for record in parse_timing(data, offset, at):
                at, taken = record.at, record.end - offset
                yield record
            rest, offset = data[taken:], offset + taken


def _stated_duration(directory: Path, end: int) -> int | None:
    with (directory / TIMING).open("rb") as file:
        file.seek(max(0, end - _TAIL))
        for line in reversed(file.read(min(_TAIL, end)).split(b"\n")):
            words = line.split(b" ")
            if words[0] == b"H" and words[2:3] == [b"DURATION"]:
                return parse_seconds(words[3])
    return None
