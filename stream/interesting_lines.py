"""The lines of a block that are worth a look, in their order. Pure."""

from stream.first_reader import FirstReader
from stream.text_block import Finder, TextBlock

_NONE = (-1, -1)


class InterestingLines:
    """Of one block. There are more of them from where the agent that `first` reads has begun to speak."""

    def __init__(self, block: TextBlock, finder: Finder, first: FirstReader | None) -> None:
        self._block = block
        self._finder = finder
        self._first = first
        self._awaits_opening = first is not None and first.awaits_opening
        self._spans = block.lines_of_interest(finder, awaits_opening=self._awaits_opening)
        self._span = next(self._spans, _NONE)

    def behind(self, position: int) -> tuple[int, int]:
        """Start and end (without LF) of the first one that starts there or later; (-1, -1) if there is none.

        To be asked in rising order.
        """
        if self._awaits_opening and not (self._first and self._first.awaits_opening):
            self._awaits_opening = False
            self._spans = self._block.lines_of_interest(self._finder, awaits_opening=False)
            self._span = next(self._spans, _NONE)
        while -1 < self._span[0] < position:
            self._span = next(self._spans, _NONE)
        return self._span
