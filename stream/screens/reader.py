"""What a reader has seen on a terminal: output that repaints, in; lines, each once, out.

Pure but for the emulator. It must be fed the same pieces in the same order to tell the same lines, and is told when
the screen has settled.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

from stream.lazy_regex import lazy_regex
from stream.screens.emitted_lines import EmittedLines
from stream.screens.line_terminal import MOST_CELLS, LineTerminal, View
from stream.screens.revisions import GROWS
from stream.screens.seen_rows import SeenRows
from stream.screens.settling import Row, Settling

_PIECE = 8192  # bytes: behind each, rows are compared with those before; half as many cost half as much again
_FORGET_AFTER = 3  # screens' worth of rows that scrolled off, after which nothing that stood there can come back
_QUESTION = lazy_regex(r"[?:>\])\u203a\u276f]\Z")  # what a program ends its line with that waits for an answer
_ERASES_ALL = b"\x1b[3J"
_FILLERS = ("~", "@", ":")  # what vim and less show where nothing is
_CANCEL = b"\x18"
_INSERT, _ORIGIN, _WRAP = 4, 6, 7


def piece_size(columns: int) -> int:
    """How many bytes to feed a terminal at once: what scrolls off is read before the emulator forgets it.

    Text scrolls off a row a byte at most; sequences that scroll further or repeat (`CSI n S`, `CSI n b`) may do more.
    """
    return min(_PIECE, MOST_CELLS // columns)


class ScreenReader:
    """A terminal of this size. With `new_line`, LF returns to the line's start, too."""

    def __init__(self, columns: int, rows: int, *, new_line: bool = False) -> None:
        self._terminal = LineTerminal(columns, rows)
        if new_line:
            self._terminal.feed(b"\x1b[20h")
        self._rows = rows
        self._first = Settling()
        self._other = Settling()
        self._emitted = EmittedLines()
        self._seen = SeenRows()
        self._last: list[str] = []  # the other screen as it stood one piece before
        self._is_on_other = False
        self._scrolled = 0  # rows since the first screen was judged whole

    def catch_up(self, output: Iterable[bytes], *, line_is_open: bool) -> None:
        """What was printed, line by line, while nobody asked here: all of it has been told but an open line."""
        for piece in output:
            self._terminal.feed(piece)
            self._terminal.scrolled()
        view = self._terminal.view()
        told = view.lines[: view.cursor] if line_is_open or not view.lines[view.cursor] else view.lines
        self._first = Settling([Row(line) for line in told])

    def read(self, piece: bytes) -> list[str]:
        """The lines that are final with this piece."""
        self._terminal.feed(piece)
        if self._is_on_other:
            return []
        gone = self._terminal.scrolled()
        if not gone or not self._first.rows:
            return self._emitted.new(gone)
        self._scrolled += len(gone)
        patient = self._scrolled < _FORGET_AFTER * self._rows
        if not patient:
            self._scrolled = 0
        view = self._terminal.view().lines
        return self._emitted.new(self._first.settle(gone, view, moving=range(len(view)), patient=patient))

    def switch(self, control: bytes) -> list[str]:
        """The lines of a screen that `control` is about to erase, or to leave for the other one."""
        was_on_other = self._is_on_other
        if was_on_other:
            self._last = _without_blanks_at_end(self._terminal.view().lines) or self._last
        lines = [] if was_on_other else self._judge_first(self._terminal.view())
        self._terminal.feed(control)
        self._terminal.notice_erased()
        self._is_on_other = self._terminal.is_on_other_screen
        if control == _ERASES_ALL and not was_on_other:
            self._emitted.expect_again()
        if was_on_other and not self._is_on_other:
            lines = self._judge_other(self._last, ()) + self._other.finish()
            self._other, self._seen, self._last = Settling(), SeenRows(), []
        return lines

    def settle(self, *, quiet: bool = True) -> list[str]:
        """The lines that stand on the screen, which has settled; the one that is still being written may wait.

        Not `quiet`: there are only plain lines on it, but the output goes on.
        """
        if self._terminal.frame_is_open:
            return []
        view = self._terminal.view()
        if self._is_on_other:
            self._last = view.lines
            return self._judge_other(view.lines, self._open(view))
        lines = self._judge_first(view)
        if quiet:
            self._emitted.expect_new()
        return lines

    def look(self) -> list[str]:
        """The rows of the other screen that have stayed the same since the last look: that counts as settled, too.

        A full-screen program that keeps a spinner turning is never quiet, and its rows scroll away unseen.
        """
        view = self._terminal.view()
        last, self._last = set(self._last), view.lines
        told = {row.text for row in self._other.rows if row.owed != GROWS}
        if all(line in told or line not in last for line in view.lines):
            return []
        changing = [index for index, line in enumerate(view.lines) if line not in last]
        return self._judge_other(view.lines, {*changing, *self._open(view)}, patient=True)

    def leave(self) -> list[str] | None:
        """Hands over if what comes next starts a new line below everything, and nothing is owed: the last blank lines.

        None where a terminal is still needed.
        """
        view = self._terminal.view()
        if self._is_on_other or self._first.owes or self._emitted.expects_again:
            return None
        if view.column or not view.at_end or view.lines[view.cursor] or not self._is_ordinary():
            return None
        return [""] * (view.cursor - len(_without_blanks_at_end(view.lines)))

    def finish(self) -> list[str]:
        """All that is left, at the end of the output or where some of it is missing."""
        view = self._terminal.view()
        lines = self._judge_other(view.lines, ()) if self._is_on_other else self._judge_first(view, whole=True)
        lines += self._other.finish() + self._emitted.new(self._first.finish())
        self._terminal.feed(_CANCEL)
        self._emitted.expect_new()
        return lines

    def resize(self, columns: int, rows: int) -> list[str]:
        """The lines that have scrolled off before the terminal got another size."""
        gone = [] if self._is_on_other else self._terminal.scrolled(whole=True)
        view = self._terminal.view().lines
        lines = self._emitted.new(self._first.settle(gone, view, moving=range(len(view)), patient=True)) if gone else []
        self._terminal.resize(columns, rows)
        self._rows, self._last = rows, []
        return lines

    @property
    def is_on_other_screen(self) -> bool:
        """Whether a full-screen program is running."""
        return self._is_on_other

    def state(self) -> dict[str, Any]:
        """JSON-serialisable; bounded by the terminal's size."""
        snapshot = self._terminal.snapshot()
        if snapshot is None:
            raise RuntimeError("the emulator cannot say in what state it is")
        return {
            "snapshot": b64encode(snapshot).decode(),
            "taken": self._terminal.taken,
            "size": list(self._terminal.size),
            "first": self._first.state(),
            "other": self._other.state(),
            "told": self._emitted.state(),
            "seen": self._seen.state(),
            "last": self._last,
            "is_on_other": self._is_on_other,
            "scrolled": self._scrolled,
        }

    @classmethod
    def resume(cls, state: dict[str, Any]) -> "ScreenReader":
        """Goes on where `state` was taken."""
        self = cls.__new__(cls)
        columns, self._rows = state["size"]
        self._terminal = LineTerminal(columns, self._rows, b64decode(state["snapshot"]), state["taken"])
        self._first, self._other = Settling.resume(state["first"]), Settling.resume(state["other"])
        self._emitted, self._seen = EmittedLines.resume(state["told"]), SeenRows.resume(state["seen"])
        self._last, self._is_on_other = state["last"], state["is_on_other"]
        self._scrolled = state["scrolled"]
        return self

    def _is_ordinary(self) -> bool:
        """Whether plain text shows as it is."""
        terminal = self._terminal
        return (
            terminal.is_at_rest
            and not terminal.frame_is_open
            and terminal.mode(_WRAP)
            and not terminal.mode(_ORIGIN)
            and not terminal.mode(_INSERT, ansi=True)
            and not terminal.has_region
        )

    def _open(self, view: View) -> tuple[int, ...]:
        """The cursor's line, while it is being written: unless it ends like a question, and waits."""
        line = view.lines[view.cursor]
        written = self._terminal.cursor_is_visible and (view.at_end or self._is_on_other)
        return (view.cursor,) if written and not (view.at_end and asks(line)) else ()

    def _judge_other(self, rows: list[str], moving: Iterable[int], *, patient: bool = False) -> list[str]:
        rows = ["" if row in _FILLERS else row for row in rows]
        moving = frozenset({*moving, *self._seen.counting(rows)})
        known = self._seen.known(rows)
        lines = self._other.settle([], rows, moving=moving, patient=patient, seen=known.__getitem__)
        self._seen.learn(rows, but=moving)
        return lines

    def _judge_first(self, view: View, *, whole: bool = False) -> list[str]:
        self._scrolled = 0
        moving = () if whole else self._open(view)
        if gone := self._terminal.scrolled():
            view = self._terminal.view()
            moving = () if whole else self._open(view)
        below = [line for line in view.lines[view.cursor + 1 :] if line]  # a status line may stand apart from the rest
        lines = _without_blanks_at_end(view.lines[: view.cursor + 1] + below)
        return self._emitted.new(self._first.settle(gone, lines, moving=moving))


def asks(line: str) -> bool:
    """Whether a program that ends its line like this waits for an answer."""
    return _QUESTION.search(line.rstrip()) is not None


def _without_blanks_at_end(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    return lines[:end]
