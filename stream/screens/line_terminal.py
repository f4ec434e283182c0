"""A terminal in memory that tells its lines: what stands on the screen, and what has scrolled off it.

Soft-wrapped rows are joined. Cells that were never written to do not count, and blanks at a line's end neither.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from stream.screens.emulated_terminal import EmulatedTerminal

_SCROLLBACK_ROWS = 1 << 20  # the scrollback is cleared as it is read; its bytes are what limits it
_LONG_SEQUENCE = 1 << 16  # bytes from which on the beginning of an open sequence is forgotten
_LONGEST_LINE = 256  # rows
MOST_CELLS = 3_000_000  # above the screen that the emulator is sure to remember with `EmulatedTerminal`'s limits
_CLEAR_SCROLLBACK = b"\x1b[3J"
_CANCEL = b"\x18"
_CURSOR_IS_VISIBLE, _FRAME_IS_OPEN = 25, 2026  # DEC private modes


class View(NamedTuple):
    """What stands on the screen: its lines, down to the last that is not blank or has the cursor.

    `cursor` is the index of the cursor's line, `column` its column. `at_end` says that nothing stands behind it.
    """

    lines: list[str]
    cursor: int
    column: int
    at_end: bool


class LineTerminal(EmulatedTerminal):
    """Feed it at most some kilobytes at a time, and read what has scrolled off in between."""

    def __init__(self, columns: int, rows: int, snapshot: bytes | None = None, taken: int = 0) -> None:
        super().__init__(columns, rows, snapshot, history=_SCROLLBACK_ROWS)
        lib, ffi = self._lib, self._ffi
        self.taken = taken  # rows of the scrollback that have been read, but could not be cleared yet
        self._point = ffi.new("PlainPoint*")
        self._point.tag = lib.GHOSTTY_POINT_TAG_SCREEN
        self._first, self._last = self._ghostty.sized("GhosttyGridRef"), self._ghostty.sized("GhosttyGridRef")
        self._row, self._flag, self._size = ffi.new("GhosttyRow*"), ffi.new("bool*"), ffi.new("size_t*")
        self._selection = self._ghostty.sized("GhosttySelection")
        self._options = self._ghostty.sized("GhosttyTerminalSelectionFormatOptions")
        self._options.emit, self._options.selection = lib.GHOSTTY_FORMATTER_FORMAT_PLAIN, self._selection
        self._buffer = ffi.new("uint8_t[]", 1 << 16)
        self._columns, self._rows = self.size
        self._asked = {  # by name: key and room for the answer; made once, because each piece of output asks
            name: (getattr(lib, f"GHOSTTY_TERMINAL_DATA_{name}"), ffi.new(f"{kind}*"))
            for name, kind in (
                ("SCROLLBACK_ROWS", "size_t"),
                ("ACTIVE_SCREEN", "int"),
                ("VT_GROUND", "bool"),
                ("CURSOR_X", "uint16_t"),
                ("CURSOR_Y", "uint16_t"),
            )
        }

    def feed(self, data: bytes) -> None:
        """Shows what a program prints next. A string of any length is taken, though its beginning is forgotten."""
        super().feed(data)
        if not self.is_at_rest and len(sequence := self.continuation()) > _LONG_SEQUENCE:
            super().feed(_CANCEL + sequence[:2])

    def snapshot(self) -> bytes | None:
        """The whole state. One that the emulator cannot write is given up for what it shows.

        A character of two cells on the other screen, when the terminal has come to have a single column, makes one.
        """
        if snapshot := super().snapshot():
            return snapshot
        shown = self.sequences("modes", "scrolling_region", "cursor")
        self._take(self._blank(*self.size))
        super().feed(shown)
        self.taken = self._ask("SCROLLBACK_ROWS")
        return super().snapshot()

    def _take(self, terminal: Any) -> None:
        super()._take(terminal)
        stay = self._ffi.new("bool*", False)  # what has scrolled off has been read: a larger screen must not bring it
        self._lib.ghostty_terminal_set(terminal, self._lib.GHOSTTY_TERMINAL_OPT_RESIZE_PULL_SCROLLBACK, stay)

    def resize(self, columns: int, rows: int) -> None:
        super().resize(columns, rows)
        self._columns, self._rows = columns, rows

    def scrolled(self, *, whole: bool = False) -> list[str]:
        """The lines that have scrolled off the first screen since this was asked last.

        One whose end is still on the screen waits for it, unless it is very long or all are wanted as they are, or
        the emulator would soon forget what it cannot be told to forget meanwhile.
        """
        rows = self._ask("SCROLLBACK_ROWS")
        self.taken = min(self.taken, rows)
        if rows == self.taken:
            return []
        lines, open_rows = self._lines(self.taken, rows)
        if open_rows and not whole and open_rows < _LONGEST_LINE and rows * self._columns < MOST_CELLS:
            lines.pop()
            self.taken = rows - open_rows
        else:
            self.taken = rows
        if self.taken == rows and self.is_at_rest:
            super().feed(_CLEAR_SCROLLBACK)
            self.taken = 0
        return lines

    def notice_erased(self) -> None:
        """What a program has erased of the first screen's history cannot be read again."""
        if not self.is_on_other_screen:
            self.taken = min(self.taken, self._ask("SCROLLBACK_ROWS"))

    def view(self) -> View:
        """The screen that is shown, as it stands."""
        self.notice_erased()
        column, row = self._ask("CURSOR_X"), self._ask("CURSOR_Y")
        start = 0 if self.is_on_other_screen else self.taken
        above = self._ask("SCROLLBACK_ROWS") - start
        texts, wrapped = self._texts(start, start + above + self._rows)
        lines, cursor, end = [""], 0, len(texts)
        while end > above + row + 1 and not texts[end - 1].rstrip():
            end -= 1
        for index in range(end):
            if index == above + row:
                cursor = len(lines) - 1
            lines[-1] += texts[index]
            if index + 1 < end and index not in wrapped:
                lines.append("")
        behind = "" if end > above + row + 1 else texts[end - 1]
        at_end = end == above + row + 1 and len(behind.rstrip()) <= column
        return View([line.rstrip() for line in lines], cursor, column, at_end)

    @property
    def is_on_other_screen(self) -> bool:
        """Whether a full-screen program has switched to the screen without history."""
        return self._ask("ACTIVE_SCREEN") != 0

    @property
    def cursor_is_visible(self) -> bool:
        """Whether the program shows where it types."""
        return self.mode(_CURSOR_IS_VISIBLE)

    @property
    def frame_is_open(self) -> bool:
        """Whether the program has said that it is drawing, and not yet that it is done."""
        return self.mode(_FRAME_IS_OPEN)

    @property
    def has_region(self) -> bool:
        """Whether only a part of the screen scrolls."""
        corner = self._refer(0, 0, self._first)[0]
        self._selection.start = self._selection.end = corner  # the content does not matter, and takes its time
        return self.sequences("scrolling_region", selection=self._selection) != self.sequences(
            selection=self._selection
        )

    def mode(self, number: int, *, ansi: bool = False) -> bool:
        """Whether a DEC private mode is set, or an ANSI mode."""
        config = self._ffi.new("GhosttyTerminalModeConfig*")
        config.mode = number | ansi << 15
        key = self._lib.GHOSTTY_TERMINAL_DATA_MODE
        self._ghostty.check(self._lib.ghostty_terminal_get(self._terminal, key, config), f"mode {number}")
        return bool(config.value)

    @property
    def is_at_rest(self) -> bool:
        """Whether no sequence is open."""
        return bool(self._ask("VT_GROUND"))

    def _ask(self, name: str) -> int:
        key, answer = self._asked[name]
        self._ghostty.check(self._lib.ghostty_terminal_get(self._terminal, key, answer), name)
        return int(answer[0])

    def _lines(self, start: int, end: int) -> tuple[list[str], int]:
        """The lines of these rows, and how many rows the last of them has if it goes on behind them, else 0."""
        texts, wrapped = self._texts(start, end)
        if not wrapped:
            return [text.rstrip() for text in texts], 0
        ends = [index + 1 for index in range(len(texts)) if index not in wrapped]
        open_rows = len(texts) - (ends[-1] if ends else 0)
        if open_rows:
            ends.append(len(texts))
        return ["".join(texts[first:behind]).rstrip() for first, behind in pairwise([0, *ends])], open_rows

    def _texts(self, start: int, end: int) -> tuple[list[str], set[int]]:
        """What stands in these rows, counted from the first of the scrollback, and which of them go on in the next."""
        if start == end:
            return [], set()
        self._selection.start = self._refer(0, start, self._first)[0]
        self._selection.end = self._refer(self._columns - 1, end - 1, self._last)[0]
        texts = lines = self._format(unwrap=True).decode().split("\n")
        if len(lines) < end - start:  # some go on, or the formatter has left blank rows at the end out
            texts = self._format(unwrap=False).decode().split("\n")
        may_go_on = range(len(texts)) if len(lines) < len(texts) else [len(texts) - 1]
        wrapped = {index for index in self._full(texts, may_go_on) if self._goes_on(start + index)}
        texts += [""] * (end - start - len(texts))
        return texts, wrapped

    def _full(self, texts: list[str], places: Iterable[int]) -> list[int]:
        """Which of these rows may go on in the next, by their texts; asking takes its time."""
        full = self._columns - 1  # a wide character leaves a column free
        half = full // 2  # all of them may be wide
        return [
            index
            for index in places
            if len(texts[index]) >= half and (len(texts[index]) >= full or not texts[index].isascii())
        ]

    def _goes_on(self, row: int) -> bool:
        """Whether the text of this row goes on in the next."""
        self._refer(0, row, self._first)
        self._lib.ghostty_grid_ref_row(self._first, self._row)
        self._lib.ghostty_row_get(self._row[0], self._lib.GHOSTTY_ROW_DATA_WRAP, self._flag)
        return bool(self._flag[0])

    def _format(self, *, unwrap: bool) -> bytes:
        self._options.unwrap = unwrap
        call = self._lib.ghostty_terminal_selection_format_buf
        while call(self._terminal, self._options[0], self._buffer, len(self._buffer), self._size):
            if self._size[0] <= len(self._buffer):
                raise RuntimeError("the emulator does not tell what stands on its screen")
            self._buffer = self._ffi.new("uint8_t[]", 2 * self._size[0])
        return bytes(self._ffi.buffer(self._buffer, self._size[0]))

    def _refer(self, column: int, row: int, reference: Any) -> Any:
        self._point.value.x, self._point.value.y = column, row
        self._ghostty.check(self._ghostty.point_to(self._terminal, self._point[0], reference), f"row {row}")
        return reference
