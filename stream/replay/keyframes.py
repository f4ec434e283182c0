"""Keyframes: the escape sequences that paint a terminal as it was at one moment, so that a replay can begin there.

Pure but for the emulator. A keyframe brings back both screens, the rows that have scrolled away last, cursor, styles,
modes, the links on the screen, and the beginning of a sequence that a read has cut in two: what comes behind it
continues it. Titles, colour palettes, clipboards and the links of rows that have scrolled away are no part of it.
"""

from typing import NamedTuple

from stream.lazy_regex import lazy_regex
from stream.screens.emulated_terminal import EmulatedTerminal

_MODES = ("modes", "keyboard")
_CURSOR = ("cursor", "style")
_STATE = ("scrolling_region", *_CURSOR, "hyperlink", "protection", "kitty_keyboard", "charsets")

_CANCEL = b"\x18"
_SAVE_CURSOR, _RESTORE_CURSOR = b"\x1b7", b"\x1b8"
_TO_FIRST_SCREEN, _TO_OTHER_SCREEN = b"\x1b[?1049l", b"\x1b[?1049h\x1b[0m\x1b[H"
_ORIGIN_MODE = b"\x1b[?6h"
_LINK_BEGINS = b"\x1b]8;"
_LINK, _PLACE, _PLAIN = b"\x1b]8;;%s\x1b\\", b"\x1b[%d;%dH", b"\x1b[0m"
# Set in other places, and the frame that a program is drawing is shown as far as it is drawn.
_MODES_LEFT_OUT = lazy_regex(rb"\x1b\[\?(?:6|47|1047|1049|2026)h")
_REGION = lazy_regex(rb"\x1b\[(\d+);\d+r")


class Keyframe(NamedTuple):
    """What paints a terminal that is new and of this size."""

    columns: int
    rows: int
    data: bytes


def keyframe(terminal: EmulatedTerminal) -> Keyframe:
    """The terminal as it stands."""
    snapshot = terminal.snapshot()
    content = terminal.sequences()
    modes = terminal.sequences(*_MODES).removesuffix(content)
    state = _with_link(terminal, terminal.sequences(*_STATE).removeprefix(content))
    parts = (
        _first_screen(terminal, snapshot) if terminal.shows_other_screen else b"",
        content,
        _blank_rows_below(terminal, content),
        _links(terminal),
        _MODES_LEFT_OUT.sub(b"", modes),
        _saved_cursor(terminal, snapshot),
        state,
        _origin(terminal, state) if _ORIGIN_MODE in modes else b"",
        terminal.continuation(),
    )
    return Keyframe(*terminal.size, b"".join(parts))


def _first_screen(terminal: EmulatedTerminal, snapshot: bytes | None) -> bytes:
    """What stands behind the other screen that is shown, and the way to that one."""
    if snapshot is None:
        return _TO_OTHER_SCREEN
    first = EmulatedTerminal(*terminal.size, snapshot)
    first.feed(_CANCEL + _TO_FIRST_SCREEN)
    content = first.sequences()
    painted = content + _blank_rows_below(first, content) + _links(first)
    return painted + _cursor(first, content) + _TO_OTHER_SCREEN


def _saved_cursor(terminal: EmulatedTerminal, snapshot: bytes | None) -> bytes:
    if snapshot is None:
        return b""
    saved = EmulatedTerminal(*terminal.size, snapshot)
    saved.feed(_CANCEL + _RESTORE_CURSOR)
    return _cursor(saved, saved.sequences()) + _SAVE_CURSOR


def _cursor(terminal: EmulatedTerminal, content: bytes) -> bytes:
    return _with_link(terminal, terminal.sequences(*_CURSOR).removeprefix(content))


def _with_link(terminal: EmulatedTerminal, cursor: bytes) -> bytes:
    """What places the cursor paints the last cell of a full row again: with its link, which ends behind it."""
    address = terminal.link_under_cursor()
    if not address:
        return cursor
    return _LINK % address + cursor + (b"" if _LINK_BEGINS in cursor else _LINK % b"")


def _blank_rows_below(terminal: EmulatedTerminal, content: bytes) -> bytes:
    """Scrolls by the blank rows at the end, which are missing in the content."""
    painted = EmulatedTerminal(*terminal.size)
    painted.feed(content)
    missing = terminal.history - painted.history
    return b"\x1b[0m\x1b[%d;1H" % terminal.size[1] + b"\n" * missing if missing > 0 else b""


def _links(terminal: EmulatedTerminal) -> bytes:
    """Paints linked cells once more, as the content has no links. One that goes on in the next row stays one."""
    parts = []
    before = None
    for row, column, end, address in terminal.links():
        if column > 0 or before != (row - 1, terminal.size[0], address):
            parts.append(_LINK % address)
        parts += _PLACE % (row + 1, column + 1), terminal.row_sequences(row, column, end)
        before = row, end, address
    return b"".join(parts) + _LINK % b"" + _PLAIN if parts else b""


def _origin(terminal: EmulatedTerminal, state: bytes) -> bytes:
    """In this mode positions count from the top of the scrolling region, and setting it moves the cursor there."""
    region = _REGION.search(state)
    top = int(region[1]) if region else 1
    column, row = terminal.cursor
    return _ORIGIN_MODE + b"\x1b[%d;%dH" % (row + 2 - top, column + 1)
