"""Where a line stands, for those who may not need to know. Pure."""

from collections.abc import Callable

from stream.lines import Line

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
