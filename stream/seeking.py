"""Any moment of a recording as a keyframe, and the position in its files that playing goes on from.

Every few megabytes of output the terminal's state is kept, so that a jump feeds the emulator little more than that.
What is kept is bounded: at `MAX_MARKS` states every second one is dropped, and the next ones are twice as far apart.
"""

from bisect import bisect_right, insort
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from stream.emulated_terminal import EmulatedTerminal
from stream.follow import Position
from stream.keyframes import Keyframe, keyframe
from stream.playback import OutputPiece, Playback, ResizePiece
from stream.recording import RecordingHeader

SPACING = 2 << 20  # bytes of output between two marks at first: a hundredth of a second of the emulator's time
MAX_MARKS = 64
PIPE_COLUMNS, PIPE_ROWS = 100, 30


class Moment(NamedTuple):
    """A recording `at` µs after its start: what shows it, and where the rest begins."""

    at: int
    keyframe: Keyframe
    position: Position


class _Mark(NamedTuple):
    at: int  # of the last piece that was shown
    position: Position
    size: tuple[int, int]
    snapshot: bytes


class Seeker:
    """Finds moments of one recording, the sooner the more it was asked. Not thread-safe.

    A recording without a terminal is shown on one of `PIPE_COLUMNS`; what came through a pipe has its line ends
    translated, as a terminal's driver would.
    """

    def __init__(self, directory: Path, header: RecordingHeader) -> None:
        self._directory = directory
        self._size = shown_size(header)
        self._pipes = pipes(header)
        self._marks: list[_Mark] = []
        self._spacing = SPACING

    def moment(self, at: int, end: int) -> Moment:
        """What had been shown `at` µs after the start, by `end` bytes of the timing file. Raises `RecordingError`."""
        mark = self._nearest(at)
        terminal = EmulatedTerminal(*mark.size, mark.snapshot) if mark else EmulatedTerminal(*self._size)
        position, shown_at, fed = (mark.position, mark.at, 0) if mark else (Position(), 0, 0)
        with closing(Playback(self._directory, position)) as playback, closing(playback.pieces(end)) as pieces:
            for piece in pieces:
                if piece.at > at:
                    break
                if playback.position != position:
                    position = playback.position
                    if fed >= self._spacing and self._keep(shown_at, position, terminal):
                        fed = 0
                fed += self._show(terminal, piece)
                shown_at = piece.at
            return Moment(at, keyframe(terminal), playback.position)

    def _nearest(self, at: int) -> _Mark | None:
        before = bisect_right(self._marks, at, key=lambda mark: mark.at)
        return self._marks[before - 1] if before else None

    def _show(self, terminal: EmulatedTerminal, piece: OutputPiece | ResizePiece) -> int:
        """Returns the number of bytes that it took."""
        if isinstance(piece, ResizePiece):
            terminal.resize(piece.columns, piece.rows)
            return 0
        terminal.feed(piece.data.replace(b"\n", b"\r\n") if piece.stream in self._pipes else piece.data)
        return len(piece.data)

    def _keep(self, at: int, position: Position, terminal: EmulatedTerminal) -> bool:
        """Whether the state could be kept."""
        snapshot = terminal.snapshot()
        if snapshot is None:
            return False
        insort(self._marks, _Mark(at, position, terminal.size, snapshot))
        if len(self._marks) >= MAX_MARKS:
            self._marks = self._marks[1::2]
            self._spacing *= 2
        return True


def shown_size(header: RecordingHeader) -> tuple[int, int]:
    """Columns and rows of the terminal that shows the recording from its start."""
    return (header.columns, header.rows) if header.pty and header.columns else (PIPE_COLUMNS, PIPE_ROWS)


def pipes(header: RecordingHeader) -> frozenset[str]:
    """The streams that came through a pipe."""
    _, stdout, stderr = header.mode
    return frozenset(stream for stream, mode in (("stdout", stdout), ("stderr", stderr)) if mode == "pipe")
