"""Whole lines as readers get them: those of interest, and where each stands, looked up when it is asked for. Pure."""

from collections.abc import Callable, Iterator
from typing import Protocol

from stream.line_blocks import Lines
from stream.lines import FoundLine, Line, LineBlock

Where = Callable[[], Line]
Locate = Callable[[int, int], Line]  # where the line with this index in the block, which starts there, stands


class Spot:
    """Where a line of a block stands, looked up when it is first asked for: most lines turn out to be dull."""

    __slots__ = ("_index", "_line", "_locate", "_start")

    def __init__(self, locate: Locate, index: int, start: int) -> None:
        self._locate: Locate | None = locate
        self._index = index
        self._start = start

    def __call__(self) -> Line:
        if self._locate is not None:
            self._line = self._locate(self._index, self._start)
            self._locate = None
        return self._line


def known(line: Line) -> Where:
    """Where a line stands that has been looked up."""
    return lambda: line


class Finder(Protocol):
    """Finds lines of interest: `stream.extractor.Extractor`."""

    def lines_of_interest(self, text: bytes) -> Iterator[tuple[int, int]]: ...
    def lines_before_opening(self, text: bytes) -> list[tuple[int, int]] | None: ...


class TextBlock:
    """Whole lines as `stream.ansi.clean` leaves them; `locate` knows where they stand."""

    no_secrets = False  # whether it is known that it holds none

    def __init__(self, text: bytes, locate: Locate) -> None:
        self.text = text
        self.locate = locate
        self._index = 0  # of the line that starts at _counted
        self._counted = 0

    def lines_of_interest(self, finder: Finder, *, awaits_opening: bool) -> Iterator[tuple[int, int]]:
        """Start and end (without LF) of each line that is worth a look; fewer while who looks `awaits_opening`."""
        few = finder.lines_before_opening(self.text) if awaits_opening else None
        return finder.lines_of_interest(self.text) if few is None else iter(few)

    def where(self, start: int) -> Where:
        """Where the line that starts there stands; to be asked in rising order."""
        self._index += self.text.count(b"\n", self._counted, start)
        self._counted = start
        return Spot(self.locate, self._index, start)

    def part(self, text: bytes, line: int, start: int) -> "TextBlock":
        """Some of the lines as somebody has rewritten them: they begin with the block's `line` (from 0), at `start`."""
        locate = self.locate
        return TextBlock(text, lambda index, offset: locate(line + index, start + offset))


class PreparedBlock(TextBlock):
    """A block of a stream whose lines of interest are known already."""

    def __init__(self, block: LineBlock, found: tuple[FoundLine, ...]) -> None:
        super().__init__(block.text, block.locate)
        self.no_secrets = block.no_secrets
        self._before_opening = block.before_opening
        self._place = block.place
        self._found = {line[0]: line for line in found}

    def lines_of_interest(self, finder: Finder, *, awaits_opening: bool) -> Iterator[tuple[int, int]]:
        if self._before_opening and not awaits_opening:  # some are missing
            return finder.lines_of_interest(self.text)
        return ((line[0], line[1]) for line in self._found.values())

    def where(self, start: int) -> Where:
        line = self._found.get(start)
        if line is None:
            return super().where(start)
        _, _, self._index, _, _ = line
        self._counted = start
        return Spot(self._locate, self._index, start)

    def _locate(self, index: int, start: int) -> Line:
        """Of a line of interest."""
        line = self._found[start]
        _, _, _, raw_start, _ = line
        return self.locate(index, start) if raw_start < 0 else self._place(line)


def text_block(block: Lines) -> TextBlock:
    """The lines of a stream, prepared or not."""
    if isinstance(block, LineBlock) and block.found is not None:
        return PreparedBlock(block, block.found)
    return TextBlock(block.text, block.locate)
