"""Lines of a PTY's stream: what a reader saw on a terminal of its size. The counterpart of `stream.lines` for pipes.

Plain output (`stream.screens.plain_output`) is final at each LF and goes through the same assembler as that of pipes.
At the first byte that is not plain a terminal in memory takes over (`stream.screens.reader`), and hands back when the
output goes on plainly below everything that it has shown. docs/extraction.md has the rules.

The lines do not depend on how bytes were cut into reads, nor on where `state` was taken: the terminal is fed pieces
that end at places which the bytes themselves decide, or where the screen settled or changed its size.
"""

from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import cache
from typing import Any

import re2

from stream.ansi import clean, clean_plain
from stream.lazy_regex import lazy_regex
from stream.line_blocks import Lines, Placed, joined
from stream.lines import LineAssembler, Prepare, Reads
from stream.recording import RecordingHeader
from stream.records import STREAMS
from stream.screens.plain_output import Tail, is_all_plain, plain_end
from stream.screens.reader import ScreenReader, asks, piece_size

# Of output that begins at an offset of its stream: `stream.screens.plain_output.plain_end`, or what says the same.
PlainEnd = Callable[[int, bytes], tuple[int, bool]]

# What erases a screen or changes to the other one: what stands there is looked at before.
_SWITCH = rb"\x1b(?:c|\[[23]J|\[(?:1;1)?H\x1b\[0?J|\[\?(?:(?:\d+;)*1049|1047|47)(?:;\d+)*[hl])"
_LOOK = 200_000  # µs from one look at a full-screen program that is never quiet to the next
_MOST_CELLS = 1 << 19  # of a screen: all of them are looked at behind each piece; 65535x65535 took hours
_LONGEST_BEGINNING = 44
_BEGINNING = lazy_regex(rb"\x1b(?:\[(?:[\d;?]{0,40}|(?:1;1)?H(?:\x1b(?:\[0?)?)?))?\Z")


class Screen:
    """Feed it the reads of one PTY in order, and what its timing file says in between.

    `columns` and `rows` are the terminal's; 0 where nobody knows counts as 80x24, and of a terminal that no monitor
    shows only the first rows count. With `new_line`, LF returns to the line's start, too: a PTY that leaves this to the
    user's terminal.
    """

    def __init__(self, columns: int, rows: int, *, new_line: bool = False) -> None:
        self.count = 0  # lines finished so far
        self._size = _size(columns, rows)
        self._new_line = new_line
        self._lines = LineAssembler(clean_plain)
        self.plain_end: PlainEnd = _plain_end  # may be replaced by one who knows sooner
        self._tail = Tail()
        self._reader: ScreenReader | None = None  # made when it is needed first
        self.is_plain = True  # and goes through the assembler, prepared or not
        self._plain_lines = 0  # since something that is not plain
        self._buffer = b""
        self._offset = 0  # of the buffer's first byte
        self._looked = 0  # when the other screen was looked at last
        self._piece = 0  # where the piece starts that the terminal was fed last
        self._found: list[Lines] = []

    @property
    def prepare(self) -> Prepare:
        """What prepares plain lines (`stream.lines`); it may be replaced."""
        return self._lines.prepare

    @prepare.setter
    def prepare(self, prepare: Prepare) -> None:
        self._lines.prepare = prepare

    def feed(self, reads: Reads) -> Lines | None:
        """The lines that became final with these reads, or None."""
        if not self._buffer:
            self._offset = reads.offset
        self._buffer = self._buffer + reads.data if self._buffer else reads.data
        while self._feed_plain(reads) if self.is_plain else self._feed_screen(reads):
            pass
        return self._take()

    def idle(self, at: int) -> Lines | None:
        """The lines that have settled: nothing came for a while."""
        if self.is_plain and asks(clean(self._tail.open_line + b"\n").decode().rstrip("\n")):
            self._enter(at)
        if not self.is_plain:
            self._read_buffer(at)
            self._emit(self._terminal().settle(), at)
            self._leave(at)
        return self._take()

    def resize(self, columns: int, rows: int, at: int) -> Lines | None:
        """The terminal has another size from here on."""
        if not self.is_plain:
            self._read_buffer(at)
        size = _size(columns, rows)
        if self._reader and size != self._size:
            self._emit(self._reader.resize(*size), at)
        self._size = size
        return self._take()

    def flush(self, at: int) -> Lines | None:
        """All that is left, at the end of the stream or where bytes are missing."""
        if self.is_plain:
            self._assemble(Reads("", self._offset, self._buffer, ((self._offset + len(self._buffer), at),)))
            self._end_open_line(at)
        else:
            self._emit(self._terminal().read(self._buffer), at)
            self._emit(self._terminal().finish(), at)
        self._advance(len(self._buffer))
        return self._take()

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded: by the terminal's size, and by the longest open line."""
        self._tail.trim(self._size[1])
        return {
            "count": self.count,
            "size": list(self._size),
            "lines": self._lines.state(),
            "tail": self._tail.state(),
            "reader": self._reader.state() if self._reader else None,
            "is_plain": self.is_plain,
            "plain_lines": self._plain_lines,
            "buffer": b64encode(self._buffer).decode(),
            "offset": self._offset,
            "piece": self._piece,
            "looked": self._looked,
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self.count = state["count"]
        self._size = (state["size"][0], state["size"][1])
        self._lines.resume(state["lines"])
        self._tail = Tail.resume(state["tail"])
        self._reader = ScreenReader.resume(state["reader"]) if state["reader"] else None
        self.is_plain, self._plain_lines = state["is_plain"], state["plain_lines"]
        self._buffer = b64decode(state["buffer"])
        self._offset, self._piece, self._looked = state["offset"], state["piece"], state["looked"]

    def _feed_plain(self, reads: Reads) -> bool:
        """Takes the plain beginning of the buffer. Whether something else follows."""
        end, ended = self.plain_end(self._offset, self._buffer)
        if end:
            self._assemble(reads._replace(offset=self._offset, data=self._buffer[:end]))
            self._advance(end)
        if ended:
            self._enter(_time(reads, self._offset))
        return ended

    def _feed_screen(self, reads: Reads) -> bool:
        """Takes the next piece of the buffer. Whether there was a whole one."""
        piece = piece_size(self._size[0])
        look, look_at = self._next_look(reads) if self._terminal().is_on_other_screen else (None, 0)
        if switch := _switches().search(self._buffer[: piece if look is None else min(look, piece)]):
            at = _time(reads, self._offset + switch.end() - 1)
            self._read(switch.start(), at)
            self._emit(self._terminal().switch(switch[0]), at)
            self._advance(len(switch[0]))
            self._looked = at
            return True
        if look is not None and look <= piece:
            self._read(look - _beginning(self._buffer[:look]), look_at)
            self._emit(self._terminal().look(), look_at)
            self._looked = look_at
            return True
        if len(self._buffer) < piece:
            return False
        self._feed_piece(piece - _beginning(self._buffer[:piece]), _time(reads, self._offset + piece - 1))
        return True

    def _feed_piece(self, end: int, at: int) -> None:
        if not self._has_gone_plain(end):
            self._read(end, at)
            return
        self._read(self._buffer.rfind(b"\n", 0, end) + 1, at)
        self._emit(self._terminal().settle(quiet=False), at)
        self._leave(at)

    def _next_look(self, reads: Reads) -> tuple[int | None, int]:
        """Where in the buffer output begins that came long enough after the last look, and when it came."""
        times = reads.times
        index = bisect_left(times, self._looked + _LOOK, key=lambda read: read[1])
        if index == len(times):
            return None, 0
        start = max(reads.offset, times[index - 1][0] if index else 0) - self._offset
        return (max(start, 0), times[index][1]) if start < len(self._buffer) else (None, 0)

    def _has_gone_plain(self, end: int) -> bool:
        """Whether, with this piece, plain lines fill the screen: nothing else is on it any more."""
        piece = self._buffer[:end]
        is_plain = not self._terminal().is_on_other_screen and is_all_plain(piece)
        self._plain_lines = self._plain_lines + piece.count(b"\n") if is_plain else 0
        return self._plain_lines > self._size[1] and b"\n" in piece

    def _read_buffer(self, at: int) -> None:
        self._read(len(self._buffer) - _beginning(self._buffer), at)

    def _read(self, size: int, at: int) -> None:
        """Feeds the terminal the beginning of the buffer."""
        if size:
            self._piece = self._offset
            self._emit(self._terminal().read(self._buffer[:size]), at)
            self._advance(size)

    def _enter(self, at: int) -> None:
        """The terminal takes over, with what stands on its screen by now."""
        line_is_open = bool(self._tail.open_line)
        if self._tail.open_line_is_cut:
            self._end_open_line(at)
            line_is_open = False
        self.is_plain, self._plain_lines = False, 0
        self._piece = self._lines.open_line_offset if line_is_open else self._offset
        self._lines, prepare = LineAssembler(clean_plain), self._lines.prepare
        self._lines.prepare = prepare
        columns, rows = self._size
        self._terminal().catch_up(self._tail.for_terminal(rows, piece_size(columns)), line_is_open=line_is_open)
        self._tail = Tail()

    def _leave(self, at: int) -> None:
        """Back to plain output, if nothing but lines is to be expected; the buffer is behind all that was shown."""
        if (blanks := self._terminal().leave()) is not None:
            self._emit(blanks, at)
            self.is_plain = True

    def _terminal(self) -> ScreenReader:
        if self._reader is None:
            self._reader = ScreenReader(*self._size, new_line=self._new_line)
        return self._reader

    def _assemble(self, reads: Reads) -> None:
        self._tail.add(reads.data)
        self._lines.count = self.count
        if block := self._lines.feed(reads):
            self._found.append(block)
        self.count = self._lines.count

    def _end_open_line(self, at: int) -> None:
        self._lines.count = self.count
        if block := self._lines.flush(at):
            self._found.append(block)
        self.count = self._lines.count

    def _emit(self, lines: list[str], at: int) -> None:
        if lines:
            text = "".join(line + "\n" for line in lines).encode()
            self._found.append(Placed(text, self.count + 1, self._piece, at))
            self.count += len(lines)

    def _advance(self, size: int) -> None:
        self._buffer = self._buffer[size:]
        self._offset += size

    def _take(self) -> Lines | None:
        found, self._found = self._found, []
        return joined(found)


def lines_of(header: RecordingHeader, stream: str) -> Screen | LineAssembler:
    """What makes lines of a stream of this recording: a terminal of its size, if it came through a PTY."""
    if header.mode[1 + STREAMS.index(stream)] != "pty":
        return LineAssembler()
    # A PTY for stderr alone leaves it to the user's terminal to return to the line's start.
    return Screen(header.columns, header.rows, new_line=stream == "stderr")


def _size(columns: int, rows: int) -> tuple[int, int]:
    columns = columns or 80
    return columns, min(rows or 24, max(1, _MOST_CELLS // columns))


def _plain_end(_offset: int, data: bytes) -> tuple[int, bool]:
    return plain_end(data)


def _time(reads: Reads, offset: int) -> int:
    """When the byte at this offset came."""
    index = bisect_right(reads.times, offset, key=lambda read: read[0])
    return reads.times[min(index, len(reads.times) - 1)][1]


@cache
def _switches() -> Any:
    """Finds `_SWITCH`: by RE2, since each piece of a full-screen program's output is full of escapes."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(_SWITCH, options)


def _beginning(data: bytes) -> int:
    """The length of a sequence at the end that may become one to look out for."""
    start = max(len(data) - _LONGEST_BEGINNING, 0)
    match = _BEGINNING.search(data, start) if b"\x1b" in data[start:] else None
    return len(match[0]) if match else 0
