"""Blocks of lines whose places are known beforehand, beside those that `stream.lines` finds in the bytes."""

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple, Protocol

from stream.lines import FoundLine, Line


class Lines(Protocol):
    """Whole lines: clean text (`stream.ansi.clean`), each with its LF, and where each of them stands."""

    @property
    def text(self) -> bytes: ...
    @property
    def first_number(self) -> int: ...
    @property
    def found(self) -> tuple[FoundLine, ...] | None:
        """The lines of interest, if they are known."""
        ...

    def locate(self, index: int, start: int) -> Line:
        """The line with this index in the block, from 0, which starts about at `start` in its text.

        Quick in rising order, and where `start` is right.
        """
        ...


class Placed(NamedTuple):
    """Lines that all became final with one piece of output, which starts at `offset` in the log; `at` is its time."""

    text: bytes
    first_number: int
    offset: int
    at: int

    @property
    def found(self) -> None:
        """Nobody has looked at them."""

    def locate(self, index: int, start: int) -> Line:
        """The piece's place is that of each of its lines."""
        return Line(self.first_number + index, self.offset, self.at, cut=False)


class Joined:
    """Several blocks as one, in their order; what was found in them is to be found again."""

    found = None

    def __init__(self, blocks: list[Lines]) -> None:
        self.text = b"".join(block.text for block in blocks)
        self.first_number = blocks[0].first_number
        self._blocks = blocks
        self._first_lines = [block.first_number - self.first_number for block in blocks]
        self._starts = [0, *accumulate(len(block.text) for block in blocks)]  # of each of them in the text

    def locate(self, index: int, start: int) -> Line:
        """The line of the block that it is in. `start` may be that in a text whose secrets have been masked."""
        place = bisect_right(self._first_lines, index) - 1
        return self._blocks[place].locate(index - self._first_lines[place], start - self._starts[place])


def joined(blocks: list[Lines]) -> Lines | None:
    """One block of all of them; None if there are none."""
    if len(blocks) < 2:
        return blocks[0] if blocks else None
    return Joined(blocks)
