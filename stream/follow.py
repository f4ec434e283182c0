"""Reads a recording from where the last commit left off, while it is still being written.

Only bytes that `timing` covers are read, in its order; the last position that was handed out is a boundary between
two timing records, so that a checkpoint never stands inside one.
"""

import os
from pathlib import Path
from typing import NamedTuple

from stream.lines import Reads
from stream.recording import KINDS, LOGS, TIMING
from stream.timing import TimingRecord, parse_timing

_TIMING_BYTES = 1 << 16  # of the timing file at once: about 4,000 records
_DATA_BYTES = 1 << 21  # of output at once, and what the last read is longer

_STREAMS = {kind: stream for stream, kind in KINDS.items()}


class Position(NamedTuple):
    """How far a recording was read: offsets in its files in bytes, and the time (µs) of the last record."""

    timing: int = 0
    stdout: int = 0
    stderr: int = 0
    clock: int = 0


class Follower:
    """Hands out what a recording holds beyond `position`, and moves it on."""

    def __init__(self, directory: Path, position: Position = Position()) -> None:  # noqa: B008 (immutable)
        self.position = position
        self._directory = directory
        self._timing = os.open(directory / TIMING, os.O_RDONLY | os.O_CLOEXEC)
        self._logs: dict[str, int] = {}

    def read(self) -> list[Reads | TimingRecord]:
        """The next records, a few megabytes at the most; runs of reads of one stream are put together."""
        data = self._next_timing()
        items: list[Reads | TimingRecord] = []
        run: list[TimingRecord] = []
        room = _DATA_BYTES
        for record in parse_timing(data, self.position.timing, self.position.clock):
            if run and record.kind != run[-1].kind:
                items.append(self._reads(run))
                run = []
            if record.kind in _STREAMS:
                run.append(record)
                room -= record.size
            else:
                items.append(record)
            self.position = self.position._replace(timing=record.end, clock=record.at)
            if room <= 0:
                break
        if run:
            items.append(self._reads(run))
        return items

    def left(self) -> int:
        """Bytes of output that were not handed out yet, at least."""
        sizes = (self._size(stream) for stream in LOGS)
        return sum(sizes) - self.position.stdout - self.position.stderr

    def _next_timing(self) -> bytes:
        size = _TIMING_BYTES
        while True:
            data = os.pread(self._timing, size, self.position.timing)
            if b"\n" in data or len(data) < size:
                return data
            size *= 2  # a header may be as long as an argument vector

    def close(self) -> None:
        """Closes the files."""
        for fd in (self._timing, *self._logs.values()):
            os.close(fd)
        self._logs = {}

    def _reads(self, run: list[TimingRecord]) -> Reads:
        stream = _STREAMS[run[0].kind]
        start = offset = self.position.stdout if stream == "stdout" else self.position.stderr
        times = []
        for record in run:
            offset += record.size
            times.append((offset, record.at))
        self.position = self.position._replace(**{stream: offset})
        return Reads(stream, start, self._pread(stream, start, offset - start), tuple(times))

    def _size(self, stream: str) -> int:
        try:
            return os.stat(self._directory / LOGS[stream]).st_size
        except FileNotFoundError:  # a PTY has one log
            return 0

    def _pread(self, stream: str, offset: int, size: int) -> bytes:
        if stream not in self._logs:
            self._logs[stream] = os.open(self._directory / LOGS[stream], os.O_RDONLY | os.O_CLOEXEC)
        parts = []
        while size > 0 and (part := os.pread(self._logs[stream], size, offset)):
            parts.append(part)
            offset += len(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)
