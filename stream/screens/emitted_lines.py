"""Remembers the lines that were emitted, for programs that erase everything and write it all again. Pure, bounded.

Terminal interfaces that print into the scrollback do that when their part of the screen has grown too long, or at
their end: what they write again is nothing new, each line as often as it was emitted.
"""

from collections import Counter

from stream.screens.checksums import checksum, packed, unpacked

_MOST = 4096  # lines


class EmittedLines:
    """The last lines that were emitted; blank ones aside."""

    def __init__(self) -> None:
        self._emitted: list[int] = []  # checksums
        self._last: list[str] = []  # those emitted behind them: most are forgotten before anybody asks for a checksum
        self._expected: Counter[int] | None = None  # how often each may still come again

    @property
    def expects_again(self) -> bool:
        """Whether what was emitted is being written again."""
        return self._expected is not None

    def expect_again(self) -> None:
        """Everything was erased: what was emitted may come again."""
        self._expected = Counter(self._checksums())

    def expect_new(self) -> None:
        """What comes from here on is new, whatever it looks like."""
        self._expected = None

    def new(self, lines: list[str]) -> list[str]:
        """Those of the lines that are emitted for the first time."""
        if self._expected is not None:
            lines = _first_time(lines, self._expected)
        self._last += lines
        if len(self._last) > 2 * _MOST:
            self._emitted, self._last = [], self._last[-_MOST:]
        return lines

    def _checksums(self) -> list[int]:
        self._emitted += [checksum(line) for line in self._last if line]
        self._emitted, self._last = self._emitted[-_MOST:], []
        return self._emitted

    def state(self) -> dict[str, str | None]:
        """JSON-serialisable, at most 22 KB; as much again while something is expected again."""
        expected = None if self._expected is None else packed(sorted(self._expected.elements()))
        return {"told": packed(self._checksums()), "expected": expected}

    @classmethod
    def resume(cls, state: dict[str, str | None]) -> "EmittedLines":
        """Goes on where `state` was taken."""
        self = cls()
        self._emitted = unpacked(state["told"] or "")
        if state["expected"] is not None:
            self._expected = Counter(unpacked(state["expected"]))
        return self


def _first_time(lines: list[str], expected: Counter[int]) -> list[str]:
    """Without the lines that are expected, and the blank ones behind those."""
    found = []
    again = False
    for line in lines:
        if line:
            key = checksum(line)
            again = expected[key] > 0
            expected[key] -= again
        if not again:
            found.append(line)
    return found
