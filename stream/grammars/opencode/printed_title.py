"""What `opencode run` prints of a command that it may not run: over several rows, if the command has them. Pure."""

from typing import Any

from stream.grammars.account import Passage
from stream.lines import Line

_MOST_ROWS = 500
_MOST_TEXT = 1 << 14
_ENDS = {"!": "; auto-rejecting", "✗": " failed"}


class PrintedTitle:
    """Its rows so far, beginning with the sign that says how it ends."""

    def __init__(self, row: str, passage: Passage) -> None:
        self.text = row
        self.passage = passage
        self._count = 1

    @property
    def is_whole(self) -> bool:
        return self.text.endswith(_ENDS[self.text[0]])

    @property
    def is_endless(self) -> bool:
        """Whether it is no title after all."""
        return self._count >= _MOST_ROWS or len(self.text) > _MOST_TEXT

    def take(self, row: str, where: Line) -> None:
        """The next row."""
        self.text += f"\n{row}"
        self.passage = self.passage.through(row, where)
        self._count += 1

    def state(self) -> list[Any]:
        """JSON-serialisable and bounded."""
        return [self.text, self.passage, self._count]

    @classmethod
    def resumed(cls, state: list[Any]) -> "PrintedTitle":
        """The title that `state` was taken of."""
        text, passage, count = state
        title = cls(text, Passage.resumed(passage))
        title._count = count
        return title
