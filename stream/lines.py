"""Lines of one stream, assembled from reads of any size. Pure: bytes in, blocks of whole lines out.

A line ends at the byte LF and nowhere else. Blocks hold many lines, because what is dull in them is never looked at
one by one; where a line of a block stood, and when it came, is found afterwards, for the few that matter.

Memory is bounded: of each stretch between carriage returns only the first `MAX_LINE` bytes count (the line is then
marked as cut), and a line that is written over again and again is folded into what stands there.
"""

from base64 import b64decode, b64encode
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

from stream.ansi import clean, rewritten

MAX_LINE = 1 << 20  # bytes; one line of an agent's JSON had 141,714 characters
_LATER = 1 << 63  # than any read came
_FOLD = 1 << 16  # bytes of an open line from which on overwritten text is given up

Times = tuple[tuple[int, int], ...]


class Reads(NamedTuple):
    """Bytes of one stream, one read after the other. `times` holds (offset behind the read, its `at`) of each."""

    stream: str
    offset: int
    data: bytes
    times: Times


class Line(NamedTuple):
    """Where a line stands: `number` from 1, `offset` of its first byte in the log, `at` when its end came."""

    number: int
    offset: int
    at: int
    cut: bool


class FoundLine(NamedTuple):
    """A line of interest: where it starts and ends in a block's text, its index there, and where in the raw bytes.

    Without the last two it has not been looked for there.
    """

    start: int
    end: int
    nth: int
    raw_start: int = -1
    raw_end: int = -1


class Prepared(NamedTuple):
    """What can be said of whole lines without knowing what came before them.

    `text` is what `stream.ansi.clean` makes of them, `lines` how many they are, `found` those of interest, None while
    nobody has looked; `no_secrets` says that somebody has looked for secrets and found nothing like one;
    `before_opening` that `found` has only those that count while the agent has said nothing of its own.
    """

    text: bytes
    lines: int
    found: tuple[FoundLine, ...] | None = None
    no_secrets: bool = False
    before_opening: bool = False


Clean = Callable[[bytes], bytes]  # `stream.ansi.clean`, or what does the same to lines of a simpler kind
# Of the whole lines whose raw bytes begin at an offset of their stream, and are to be cleaned so.
Prepare = Callable[[int, bytes, Clean], Prepared]


def prepare_text(_offset: int, raw: bytes, clean: Clean) -> Prepared:
    """The least preparation: nobody looks at the lines yet."""
    return Prepared(clean(raw), raw.count(b"\n"))


class LineBlock:
    """Whole lines: `text` is what `stream.ansi.clean` makes of them, each with its LF.

    `found` are the lines of interest, if they are known. `locate` is quickest in rising order.
    """

    def __init__(
        self,
        text: bytes,
        reads: Reads,
        number: int,
        offset: int,
        cuts: frozenset[int],
        *,
        found: tuple[FoundLine, ...] | None = None,
        no_secrets: bool = False,
        before_opening: bool = False,
        shift: int = 0,
    ) -> None:
        self.text = text
        self.found = found
        self.no_secrets = no_secrets
        self.before_opening = before_opening
        self._shift = shift  # from offsets in the raw lines to those in the stream, the first line aside
        self.first_number = number
        self._reads = reads
        self._first_offset = offset
        self._cuts = cuts
        self._index = 0  # newlines of the data before _position
        self._position = 0
        self._located = 0  # where the line that was asked for last starts in the text
        self._stretch = len(reads.data) / max(1, len(text))  # escapes make the data longer than the text

    def locate(self, index: int, start: int) -> Line:
        """The line with this index in the block, from 0, which starts at `start` in its text."""
        data, base = self._reads.data, self._reads.offset
        position = self.position(index, start)
        offset = self._first_offset if index == 0 else base + position
        end = data.find(b"\n", position)
        at = self._time(base + (end if end >= 0 else len(data) - 1))
        return Line(self.first_number + index, offset, at, index in self._cuts)

    def position(self, index: int, start: int) -> int:
        """Where this line starts in the data of the reads; for the first one, where the data does."""
        self._advance(index, int((start - self._located) * self._stretch))
        self._located = start
        return self._position

    def place(self, found: FoundLine) -> Line:
        """Where one of the lines of interest stands; those behind it are quick to `locate` then."""
        shown, _, nth, start, end = found
        offset = self._first_offset
        if nth:
            offset = start + self._shift
            self._index, self._position, self._located = nth, offset - self._reads.offset, shown
        return Line(self.first_number + nth, offset, self._time(end + self._shift), nth in self._cuts)

    def _advance(self, index: int, distance: int) -> None:
        """Moves on to where the line starts in the data: about there at once, the rest line by line."""
        data = self._reads.data
        there = min(self._position + max(distance, 0), len(data))
        self._index += data.count(b"\n", self._position, there)
        self._position = there
        while self._index >= index and self._position:  # too far, or in the middle of the line
            self._position = data.rfind(b"\n", 0, self._position) + 1
            if self._index == index:
                return
            self._position -= 1
            self._index -= 1
        while self._index < index:
            self._position = data.index(b"\n", self._position) + 1
            self._index += 1

    def _time(self, offset: int) -> int:
        times = self._reads.times
        if times[0][0] > offset:  # as often as not a block is one read
            return times[0][1]
        return times[min(bisect_right(times, (offset, _LATER)), len(times) - 1)][1]


class LineAssembler:
    """Feed it the reads of one stream in order; `state` and `resume` carry it over to another process.

    `clean` is what the lines are cleaned by; `prepare` may be replaced by one that knows more, or sooner.
    """

    def __init__(self, clean: Clean = clean) -> None:
        self._clean = clean
        self.count = 0  # lines finished so far
        self.is_plain = True  # a terminal's screen may not be
        self.prepare: Prepare = prepare_text
        self._open = bytearray()
        self._offset = 0  # of the open line's first byte
        self._room = MAX_LINE  # bytes that may still come before a carriage return
        self._cut = False
        self._fold_at = _FOLD

    @property
    def open_line_offset(self) -> int:
        """Where the line starts that has not ended yet."""
        return self._offset

    def feed(self, reads: Reads) -> LineBlock | None:
        """The lines that these reads completed, or None."""
        data = reads.data
        opened = bool(self._open or self._cut)
        if not opened:
            self._offset = reads.offset
        end = data.rfind(b"\n") + 1
        if end == 0:
            self._append(data)
            return None
        first = data.find(b"\n") + 1
        offset = self._offset
        cuts = set()
        if opened:
            self._append(data[: first - 1])
            cuts |= {0} if self._cut else set()
            raw = b"\n".join((self._open, data[first:end]))
        else:
            raw = data if end == len(data) else data[:end]
        shift = reads.offset + first - raw.index(b"\n") - 1
        if len(raw) > MAX_LINE:
            raw = _shorten(raw, cuts, done=opened)
        prepared = (prepare_text if cuts else self.prepare)(offset, raw, self._clean)
        block = LineBlock(
            prepared.text,
            reads,
            self.count + 1,
            offset,
            frozenset(cuts),
            found=prepared.found,
            no_secrets=prepared.no_secrets,
            before_opening=prepared.before_opening,
            shift=shift,
        )
        self.count += prepared.lines
        self._begin(reads.offset + end)
        self._append(data[end:])
        return block

    def flush(self, at: int) -> LineBlock | None:
        """The line that never ended, at the end of the stream."""
        if not self._open and not self._cut:
            return None
        reads = Reads("", self._offset, b"\n", ((self._offset + 1, at),))
        block = LineBlock(
            clean(bytes(self._open) + b"\n"), reads, self.count + 1, self._offset, frozenset({0} if self._cut else ())
        )
        self.count += 1
        self._begin(self._offset + len(self._open))
        return block

    def state(self) -> dict[str, Any]:
        """JSON-serialisable, at most three times `MAX_LINE` long."""
        return {
            "count": self.count,
            "open": b64encode(self._open).decode(),
            "offset": self._offset,
            "room": self._room,
            "cut": self._cut,
            "fold_at": self._fold_at,
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self.count = state["count"]
        self._open = bytearray(b64decode(state["open"]))
        self._offset, self._room = state["offset"], state["room"]
        self._cut, self._fold_at = state["cut"], state["fold_at"]

    def _begin(self, offset: int) -> None:
        self._open = bytearray()
        self._offset, self._room, self._cut, self._fold_at = offset, MAX_LINE, False, _FOLD

    def _append(self, data: bytes) -> None:
        """Adds bytes without LF to the open line, within the cap."""
        first, *others = data.split(b"\r", 1)
        self._open += first[: self._room]
        self._cut |= len(first) > self._room
        self._room -= min(len(first), self._room)
        if others:
            self._overwrite(others[0])

    def _overwrite(self, data: bytes) -> None:
        """Goes on with the open line behind a carriage return."""
        if len(data) > MAX_LINE:
            segments = data.split(b"\r")
            self._cut |= any(len(segment) > MAX_LINE for segment in segments)
            data = b"\r".join(segment[:MAX_LINE] for segment in segments)
        self._open += b"\r" + data
        self._room = MAX_LINE - (len(data) - data.rfind(b"\r") - 1)
        if len(self._open) > self._fold_at:
            self._fold()

    def _fold(self) -> None:
        written, _, rest = bytes(self._open).rpartition(b"\r")
        self._open = bytearray(rewritten(written) + b"\r" + rest)
        self._fold_at = 2 * len(self._open) + _FOLD


def _shorten(raw: bytes, cuts: set[int], *, done: bool) -> bytes:
    """Cuts the stretches of whole lines that are longer than the cap, and says in which lines.

    `done` says that the first line has been cut already.
    """
    lines = raw.split(b"\n")
    for index, line in enumerate(lines):
        if len(line) > MAX_LINE and not (done and index == 0):
            segments = line.split(b"\r")
            if any(len(segment) > MAX_LINE for segment in segments):
                lines[index] = b"\r".join(segment[:MAX_LINE] for segment in segments)
                cuts.add(index)
    return b"\n".join(lines)
