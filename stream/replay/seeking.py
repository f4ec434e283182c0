"""Any moment of a recording as a keyframe, and the position in its files that playing goes on from.

The way there is read in large steps, the last one piece by piece. Every few megabytes of output the terminal's state
is kept, so that a later jump feeds the emulator little more than that. What is kept is bounded: at `MAX_MARKS` states
every second one is dropped, and the next ones are twice as far apart.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from stream.follow import Follower, Position
from stream.lines import Reads
from stream.recording import RecordingError, RecordingHeader
from stream.replay.keyframes import Keyframe, keyframe
from stream.replay.line_ends import lf_streams
from stream.replay.playback import START, Playback, ResizePiece, resize_piece
from stream.screens.emulated_terminal import EmulatedTerminal
from stream.timing import TimingError, TimingRecord

SPACING = 2 << 20  # bytes of output between two marks at first: a hundredth of a second of the emulator's time
MAX_MARKS = 64
PIPE_COLUMNS, PIPE_ROWS = 100, 30


class Moment(NamedTuple):
    """A recording `at` µs after its start: what shows it, and where the rest begins."""

    at: int
    keyframe: Keyframe
    position: Position


class _Mark(NamedTuple):
    at: int  # when the last of what it shows came
    position: Position
    size: tuple[int, int]
    snapshot: bytes


class Seeker:
    """Finds moments of one recording, the sooner the more it was asked. Not thread-safe.

    A recording without a terminal is shown on one of `PIPE_COLUMNS`; lines that end with LF alone are completed, as a
    terminal's driver would.
    """

    def __init__(self, directory: Path, header: RecordingHeader) -> None:
        self._directory = directory
        self._size = shown_size(header)
        self._lf_streams = lf_streams(header)
        self._marks: list[_Mark] = []
        self._spacing = SPACING

    def moment(self, at: int, end: int) -> Moment:
        """What had been shown `at` µs after the start, by `end` bytes of the timing file. Raises `RecordingError`."""
        mark = self._nearest(at)
        terminal = EmulatedTerminal(*mark.size, mark.snapshot) if mark else EmulatedTerminal(*self._size)
        position = self._leap(terminal, mark.position if mark else START, at)
        with closing(Playback(self._directory, position)) as playback, closing(playback.pieces(end)) as pieces:
            for piece in pieces:
                if piece.at > at:
                    break
                if isinstance(piece, ResizePiece):
                    _resize(terminal, piece)
                else:
                    self._feed(terminal, piece.stream, piece.data)
            return Moment(at, keyframe(terminal), playback.position)

    def _leap(self, terminal: EmulatedTerminal, position: Position, at: int) -> Position:
        """Shows what comes before `at` as far as it can be read in large steps; where that ends."""
        shown = 0
        try:
            with closing(Follower(self._directory, position)) as follower:
                while (items := follower.read()) and _latest(items) <= at:
                    shown += sum(self._show(terminal, item) for item in items)
                    position = follower.position
                    if shown >= self._spacing and self._keep(_latest(items), position, terminal):
                        shown = 0
        except (OSError, TimingError) as error:
            raise RecordingError(f"{self._directory} cannot be read ({error})") from error
        return position

    def _nearest(self, at: int) -> _Mark | None:
        before = bisect_right(self._marks, at, key=lambda mark: mark.at)
        return self._marks[before - 1] if before else None

    def _show(self, terminal: EmulatedTerminal, item: Reads | TimingRecord) -> int:
        """Returns the number of bytes that it took. Raises `RecordingError` where some are missing."""
        if isinstance(item, TimingRecord):
            if item.name == "SIGWINCH":
                _resize(terminal, resize_piece(item))
            return 0
        if item.times[-1][0] - item.offset != len(item.data):
            raise RecordingError(f"{self._directory} lacks output of {item.stream} that its timing file promises")
        self._feed(terminal, item.stream, item.data)
        return len(item.data)

    def _feed(self, terminal: EmulatedTerminal, stream: str, data: bytes) -> None:
        terminal.feed(data.replace(b"\n", b"\r\n") if stream in self._lf_streams else data)

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


def _resize(terminal: EmulatedTerminal, piece: ResizePiece) -> None:
    """A terminal that says that it has no size keeps the one it had."""
    if piece.columns and piece.rows:
        terminal.resize(piece.columns, piece.rows)


def _latest(items: Sequence[Reads | TimingRecord]) -> int:
    """When the last of them came; a window's new size is recorded before the output that tells its time."""
    return max(
        item.times[-1][1] if isinstance(item, Reads) else resize_piece(item).at if item.name == "SIGWINCH" else item.at
        for item in items
    )


def shown_size(header: RecordingHeader) -> tuple[int, int]:
    """Columns and rows of the terminal that shows the recording from its start."""
    known = header.pty and header.columns and header.rows
    return (header.columns, header.rows) if known else (PIPE_COLUMNS, PIPE_ROWS)
