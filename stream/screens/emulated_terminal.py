"""A terminal in memory: libghostty-vt, as painting it again needs it. Bytes in, bytes out.

Not thread-safe; its calls let other threads run. What it holds is bounded: about `HISTORY` rows above the screen (the
emulator forgets some dozens at a time), and `_SEQUENCE_BYTES` of a sequence that has begun.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from stream.screens.ghostty import EmulatorError, ghostty

HISTORY = 1000  # rows

_HISTORY_BYTES = 64 << 20  # with the emulator's own limit rows are lost long before `HISTORY`
_SEQUENCE_BYTES = 16 << 20
_ADDRESS_BYTES = 1 << 12  # the emulator takes no link that is longer than half of it


class LinkedCells(NamedTuple):
    """Neighbours in a row of the screen that lead to one address (OSC 8). Row and columns count from 0."""

    row: int
    column: int
    end: int  # the column behind them
    address: bytes


class EmulatedTerminal:
    """Shows what it is fed. `snapshot` is the state of another one of the same size, which this one begins with.

    It remembers `history` rows above the screen. Raises `EmulatorError` for a size that no terminal has.
    """

    def __init__(self, columns: int, rows: int, snapshot: bytes | None = None, *, history: int = HISTORY) -> None:
        self._ghostty = ghostty()
        self._lib, self._ffi = self._ghostty.lib, self._ghostty.ffi
        self._history = history
        self._take(self._blank(columns, rows) if snapshot is None else self._restored(snapshot))

    def feed(self, data: bytes) -> None:
        """Shows what a program prints next."""
        self._lib.ghostty_terminal_vt_write(self._terminal, data, len(data))

    def resize(self, columns: int, rows: int) -> None:
        """Raises `EmulatorError` for a size that no terminal has."""
        self._ghostty.check(self._lib.ghostty_terminal_resize(self._terminal, columns, rows, 1, 1), "resize")

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._number("COLS", "uint16_t"), self._number("ROWS", "uint16_t")

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row, from 0."""
        return self._number("CURSOR_X", "uint16_t"), self._number("CURSOR_Y", "uint16_t")

    @property
    def history(self) -> int:
        """Rows above the screen."""
        return self._number("SCROLLBACK_ROWS", "size_t")

    @property
    def shows_other_screen(self) -> bool:
        """Whether a full-screen program has switched to the screen without history."""
        return self._number("ACTIVE_SCREEN", "int") != 0

    def snapshot(self) -> bytes | None:
        """The whole state; None within a sequence that is longer than is kept."""
        encode = self._lib.ghostty_snapshot_encode_buf
        try:
            return self._filled(lambda *into: encode(self._terminal, *into))
        except EmulatorError:
            return None

    def continuation(self) -> bytes:
        """The beginning of a sequence whose end has not come; nothing if that is longer than is kept."""
        write = self._lib.ghostty_terminal_continuation_buf
        try:
            return self._filled(lambda *into: write(self._terminal, *into))
        except EmulatorError:
            return b""

    def sequences(self, *extras: str, selection: Any = None) -> bytes:
        """Escape sequences that paint the screen that is shown and its history, without blank rows at the end.

        `extras` are fields of `GhosttyFormatterTerminalExtra` or `GhosttyFormatterScreenExtra`: `modes` and `keyboard`
        come before the content, all others behind it. Of the content only a `GhosttySelection*`, if there is one.
        """
        options = self._ghostty.sized("GhosttyFormatterTerminalOptions")
        options.emit, options.unwrap = self._lib.GHOSTTY_FORMATTER_FORMAT_VT, True
        options.selection = selection or self._ffi.NULL
        return self._formatted(options, extras)

    def text(self) -> str:
        """The screen that is shown and its history as they look, without blanks and blank rows at the end."""
        options = self._ghostty.sized("GhosttyFormatterTerminalOptions")
        options.emit, options.trim = self._lib.GHOSTTY_FORMATTER_FORMAT_PLAIN, True
        return self._formatted(options, ()).decode()

    def links(self) -> Iterator[LinkedCells]:
        """The links on the screen that is shown, row by row; to be read before it is fed again."""
        columns, rows = self.size
        cells = _Cells(self._terminal)
        for row in range(rows):
            if cells.has_links(row):
                addresses = [cells.address(column, row) for column in range(columns)]
                for address, same in groupby(range(columns), addresses.__getitem__):
                    run = list(same)
                    if address:
                        yield LinkedCells(row, run[0], run[-1] + 1, address)

    def link_under_cursor(self) -> bytes:
        """Where the cell at the cursor leads; nothing without a link."""
        return _Cells(self._terminal).address(*self.cursor)

    def row_sequences(self, row: int, column: int, end: int) -> bytes:
        """Escape sequences that paint these cells of the screen that is shown, from where the cursor is."""
        cells, selection = _Cells(self._terminal), self._ghostty.sized("GhosttySelection")
        selection.start = cells.at(column, row)[0]
        selection.end = cells.at(end - 1, row)[0]
        return self.sequences(selection=selection)

    def _formatted(self, options: Any, extras: tuple[str, ...]) -> bytes:
        for extra in extras:
            setattr(options.extra if hasattr(options.extra, extra) else options.extra.screen, extra, True)
        formatter = self._ffi.new("GhosttyFormatter*")
        made = self._lib.ghostty_formatter_terminal_new(self._ffi.NULL, formatter, self._terminal, options[0])
        self._ghostty.check(made, "format the screen")
        try:
            return self._filled(lambda *into: self._lib.ghostty_formatter_format_buf(formatter[0], *into))
        finally:
            self._lib.ghostty_formatter_free(formatter[0])

    def _filled(self, call: Callable[..., int]) -> bytes:
        """What `call` writes into a buffer that is as large as it asks for."""
        size = self._ffi.new("size_t*")
        call(self._ffi.NULL, 0, size)
        buffer = bytearray(max(size[0], 1))
        self._ghostty.check(call(self._ffi.from_buffer(buffer), len(buffer), size), "read the terminal")
        return bytes(memoryview(buffer)[: size[0]])

    def _take(self, terminal: Any) -> None:
        """Makes this terminal of the emulator's ours."""
        self._terminal = terminal
        self._limit(self._lib.GHOSTTY_TERMINAL_OPT_SCROLLBACK_MAX_LINES, self._history)
        self._limit(self._lib.GHOSTTY_TERMINAL_OPT_SCROLLBACK_MAX_BYTES, _HISTORY_BYTES)
        self._limit(self._lib.GHOSTTY_TERMINAL_OPT_CONTINUATION_MAX_BYTES, _SEQUENCE_BYTES)

    def _number(self, name: str, kind: str) -> int:
        value = self._ffi.new(f"{kind}*")
        key = getattr(self._lib, f"GHOSTTY_TERMINAL_DATA_{name}")
        self._ghostty.check(self._lib.ghostty_terminal_get(self._terminal, key, value), name)
        return int(value[0])

    def _limit(self, option: int, value: int) -> None:
        pointer = self._ffi.new("size_t*", value)
        self._ghostty.check(self._lib.ghostty_terminal_set(self._terminal, option, pointer), "set a limit")

    def _blank(self, columns: int, rows: int) -> Any:
        terminal = self._ffi.new("GhosttyTerminal*")
        made = self._lib.ghostty_terminal_new(self._ffi.NULL, terminal, columns, rows)
        self._ghostty.check(made, f"a terminal of {columns}x{rows}")
        return self._owned(terminal)

    def _restored(self, snapshot: bytes) -> Any:
        decoder, terminal = self._ffi.new("GhosttySnapshotDecoder*"), self._ffi.new("GhosttyTerminal*")
        made = self._lib.ghostty_snapshot_decoder_new_buf(self._ffi.NULL, decoder, snapshot, len(snapshot))
        self._ghostty.check(made, "read a snapshot")
        try:
            self._keep_sequence(decoder[0])
            self._ghostty.check(self._lib.ghostty_snapshot_decoder_decode(decoder[0], terminal), "read a snapshot")
        finally:
            self._lib.ghostty_snapshot_decoder_free(decoder[0])
        return self._owned(terminal)

    def _keep_sequence(self, decoder: Any) -> None:
        lib = self._lib
        for option, value in (
            (lib.GHOSTTY_SNAPSHOT_DECODER_OPT_MAX_CONTINUATION_BYTES, self._ffi.new("size_t*", _SEQUENCE_BYTES)),
            (lib.GHOSTTY_SNAPSHOT_DECODER_OPT_RETAIN_CONTINUATION, self._ffi.new("bool*", True)),
        ):
            self._ghostty.check(lib.ghostty_snapshot_decoder_set(decoder, option, value), "read a snapshot")

    def _owned(self, terminal: Any) -> Any:
        return self._ffi.gc(terminal[0], self._lib.ghostty_terminal_free)


class _Cells:
    """What the emulator tells about single cells of its screen. All room is made once: there are thousands of them."""

    def __init__(self, terminal: Any) -> None:
        library = ghostty()
        self._lib, self._ffi, self._check, self._terminal = library.lib, library.ffi, library.check, terminal
        self._point_to = library.point_to
        self._point, self._cell = self._ffi.new("PlainPoint*"), library.sized("GhosttyGridRef")
        self._point.tag = self._lib.GHOSTTY_POINT_TAG_ACTIVE
        self._size, self._buffer = self._ffi.new("size_t*"), self._ffi.from_buffer(bytearray(_ADDRESS_BYTES))

    def at(self, column: int, row: int) -> Any:
        """A reference to this cell, until the next one is asked for or the terminal is fed."""
        self._point.value.x, self._point.value.y = column, row
        self._check(self._point_to(self._terminal, self._point[0], self._cell), f"cell {column} of row {row}")
        return self._cell

    def has_links(self, row: int) -> bool:
        answer, flag = self._ffi.new("GhosttyRow*"), self._ffi.new("bool*")
        self._check(self._lib.ghostty_grid_ref_row(self.at(0, row), answer), f"row {row}")
        self._check(self._lib.ghostty_row_get(answer[0], self._lib.GHOSTTY_ROW_DATA_HYPERLINK, flag), f"row {row}")
        return bool(flag[0])

    def address(self, column: int, row: int) -> bytes:
        """Where a link leads; nothing for a cell without one."""
        read = self._lib.ghostty_grid_ref_hyperlink_uri
        self._check(read(self.at(column, row), self._buffer, _ADDRESS_BYTES, self._size), "read a link")
        return bytes(self._ffi.buffer(self._buffer, self._size[0]))
