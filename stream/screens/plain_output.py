"""Output that only ever adds to the end: what is final at its LF without asking a terminal. Pure.

That is text, LF, CR before LF, tabs, and what changes neither place nor text: colours, titles and other OSC strings,
the modes of keyboard, mouse and cursor, erasing behind the end of the line.
"""

from base64 import b64decode, b64encode
from functools import cache
from typing import Any

import re2

from stream.lazy_regex import lazy_regex

_MODES = rb"(?:1|12|25|1000|1002|1003|1004|1006|2004|2031)"
_INERT = (
    rb"\[[\d;:]*m"  # colours
    rb"|\[0?K"  # nothing stands behind the end
    rb"|\[\?" + _MODES + rb"(?:;" + _MODES + rb")*[hl]"
    rb"|\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)"  # OSC
    rb"|\(B|[=>]"  # the usual character set and keypad, as `tput sgr0` has them
)
_OTHER_CONTROLS = b"\x05\x08\x0b\x0c\x0e\x0f\x18\x1a"
_OTHER_CONTROL = lazy_regex(b"[" + _OTHER_CONTROLS + b"]")
# Patterns that begin with one byte are searched for quickly; put together in one they are not.
_OTHER_ESCAPE = lazy_regex(rb"\x1b(?!" + _INERT + rb")")
_LONE_CR = lazy_regex(rb"\r(?!\r{0,8}\n)")
# What only the next bytes will tell: a sequence that was cut, or CR.
_BEGINNING = lazy_regex(rb"\r{1,8}|\x1b(?:\[[\d;:?]{0,64}|\][^\x07\x1b\n]{0,4096}\x1b?|\()?")
_LONE_LF = lazy_regex(rb"(?<!\r)\n")

_SCREENFUL = 1 << 14  # bytes: what stands on a screen is not longer, or it is taken for its end


def plain_end(data: bytes) -> tuple[int, bool]:
    """How much of `data` is plain, and whether something that is not stands behind it (or the rest is undecided)."""
    plain = 0 if _suspicious().search(data) else data.rfind(b"\n") + 1
    end, ended = _plain_end(data[plain:])
    return plain + end, ended


def _plain_end(data: bytes) -> tuple[int, bool]:
    ends = [len(data)]
    if match := _OTHER_ESCAPE.search(data):
        ends.append(match.start())
    if data.count(b"\r") != data.count(b"\r\n") and (match := _LONE_CR.search(data)):
        ends.append(match.start())
    if len(data.translate(None, _OTHER_CONTROLS)) < len(data) and (match := _OTHER_CONTROL.search(data)):
        ends.append(match.start())
    end = min(ends)
    return end, end < len(data) and _BEGINNING.fullmatch(data, end) is None


def is_all_plain(data: bytes) -> bool:
    """Whether nothing in `data` is not plain."""
    return _OTHER_ESCAPE.search(data) is None and plain_end(data)[0] == len(data)


@cache
def _suspicious() -> Any:
    """Finds each line that is more than text, CRLF and colours: most output has none."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(b"[" + _OTHER_CONTROLS + rb"]|\r[^\n]|\x1b[^\[]|\x1b\[[\d;:]*[^\d;:m]", options)


class Tail:
    """The end of plain output: what stands on a terminal's screen."""

    def __init__(self, data: bytes = b"", *, cut: bool = False) -> None:
        self.data = data
        self.cut = cut

    def add(self, data: bytes) -> None:
        """What came next."""
        self.cut |= len(self.data) + len(data) > _SCREENFUL
        self.data = (self.data + data[-_SCREENFUL:])[-_SCREENFUL:]

    @property
    def open_line(self) -> bytes:
        """What came behind the last LF, as far as it is kept."""
        return self.data[self.data.rfind(b"\n") + 1 :]

    @property
    def open_line_is_cut(self) -> bool:
        """Whether more came behind the last LF than is kept."""
        return self.cut and b"\n" not in self.data

    def for_terminal(self, rows: int, size: int) -> list[bytes]:
        """Pieces that put on a terminal's screen what stands on it now; `size` bytes each at most."""
        self.trim(rows)
        data = _LONE_LF.sub(b"\r\n", self.data)
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        return [b"\r\n" * rows, *pieces] if self.cut else pieces

    def trim(self, rows: int) -> None:
        """Forgets what no longer stands on a screen of so many rows."""
        lines = self.data.split(b"\n")
        if len(lines) > rows + 1:
            self.data, self.cut = b"\n".join(lines[-rows - 1 :]), True

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {"data": b64encode(self.data).decode(), "cut": self.cut}

    @classmethod
    def resume(cls, state: dict[str, Any]) -> "Tail":
        """Goes on where `state` was taken."""
        return cls(b64decode(state["data"]), cut=state["cut"])
