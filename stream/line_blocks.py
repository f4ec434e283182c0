"""Blocks of lines whose places are known beforehand, beside those that `stream.lines` finds in the bytes."""

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
        """The line with this index in the block, from 0, which starts at `start` in its text; quick in rising order."""
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
        self._at = 0  # which of them was asked for last
        self._start = 0  # where it starts in the text

    def locate(self, index: int, start: int) -> Line:
        """The line of the block that it is in."""
        while start < self._start:
            self._at -= 1
            self._start -= len(self._blocks[self._at].text)
        while start >= self._start + len(self._blocks[self._at].text):
            self._start += len(self._blocks[self._at].text)
            self._at += 1
        block = self._blocks[self._at]
        return block.locate(index - (block.first_number - self.first_number), start - self._start)


def joined(blocks: list[Lines]) -> Lines | None:
    """One block of all of them; None if there are none."""
    if len(blocks) < 2:
        return blocks[0] if blocks else None
    return Joined(blocks)
