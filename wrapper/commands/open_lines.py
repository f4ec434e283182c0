"""What agents print, as whole lines: reads are put together, and what only a terminal obeys is taken out.

A line that stays open (a question, a progress bar) is shown when something else of its session comes, when it has not
grown for a while, or at the end; what still comes of it is a row of its own.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from stream.ansi import clean, without_controls

SETTLED = 1.0  # seconds without more of a line, after which it stays open

_LONGEST = 1 << 16  # bytes of an open line: a program that fills the screen may never end one
# What may go on in the next read: an escape without its last byte, or a carriage return before its LF.
_UNFINISHED = re.compile(rb"(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\n]*\x1b?|[ -/]*)?|\r)\Z")


class Printed(NamedTuple):
    """A line of a session's output."""

    session_id: str
    text: str


class _Open(NamedTuple):
    """The beginning of a line. `at` (s) is when it last grew; of one that `goes_on` what stood before was shown."""

    data: bytes
    at: float
    goes_on: bool


class OpenLines:
    """The lines that sessions have begun, by their streams."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], _Open] = {}

    def add(self, session_id: str, stream: str, data: bytes, now: float) -> Iterator[Printed]:
        """What is whole with these bytes, which came at `now` (s)."""
        key = session_id, stream
        yield from self._show([other for other in self._open if other[0] == session_id and other != key])
        before = self._open.pop(key, _Open(b"", now, goes_on=False))
        whole, newline, rest = (before.data + data).rpartition(b"\n")
        goes_on = before.goes_on and not newline
        if newline:
            first, *others = clean(whole + newline).split(b"\n")[:-1]
            if not before.goes_on or _text(first):  # the end of a line that was shown is no line
                yield Printed(session_id, _text(first))
            yield from (Printed(session_id, _text(line)) for line in others)
        if rest or goes_on:
            self._open[key] = _Open(rest, now, goes_on)
        if len(rest) > _LONGEST:
            yield from self._show([key])

    def leave(self, session_id: str) -> Iterator[Printed]:
        """Something else of this session comes: what it has begun."""
        yield from self._show([key for key in self._open if key[0] == session_id])

    def settle(self, now: float) -> Iterator[Printed]:
        """What has not grown for a while."""
        yield from self._show([key for key, line in self._open.items() if line.data and line.at + SETTLED <= now])

    def end(self) -> Iterator[Printed]:
        """All that was begun."""
        yield from self._show(list(self._open))

    def _show(self, keys: list[tuple[str, str]]) -> Iterator[Printed]:
        for key in keys:
            data, at, goes_on = self._open[key]
            cut = _UNFINISHED.search(data)
            kept = data[cut.start() :] if cut and len(data) - cut.start() < _LONGEST else b""
            text = _text(clean(data.removesuffix(kept)))
            self._open[key] = _Open(kept, at, goes_on or bool(text))
            if text:
                yield Printed(key[0], text)


def _text(line: bytes) -> str:
    return without_controls(line).decode().rstrip()
