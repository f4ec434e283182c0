"""`Error: …` behind an empty row of a command's output: opencode's own if it is the last word of the run. Pure.

opencode's own error ends the run at once; behind every output it prints an empty row first. Programs print such rows
as well (node does for what nobody caught), and go on, or at least an empty row follows.
"""

from typing import Any

from stream.grammars.account import Passage
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.lines_before import LinesBefore

_CARET = lazy_regex(r"\s*\^+$")  # below the code that node shows: the error is the program's
_MOST_ROWS = 50


class LastWords:
    """Rows of which it is not known yet who says them. `message` is what the first one says."""

    def __init__(self, message: str, passage: Passage) -> None:
        self.message = message
        self.passage = passage
        self.rows: list[tuple[str, Line]] = [(passage.text, passage.where)]
        self.is_over = False  # an empty row has come

    def take(self, row: str, where: Line) -> bool:
        """Whether the next row may still be among the last ones of the run."""
        if row and (self.is_over or len(self.rows) >= _MOST_ROWS):
            return False
        self.is_over = not row
        if row:
            self.passage = self.passage.through(row, where)
            self.rows.append((row, where))
        return True

    def state(self) -> list[Any]:
        """JSON-serialisable and bounded."""
        return [self.message, self.passage, self.rows, self.is_over]

    @classmethod
    def resumed(cls, state: list[Any]) -> "LastWords":
        """The rows that `state` was taken of."""
        message, passage, rows, is_over = state
        words = cls(message, Passage.resumed(passage))
        words.rows = [(row, Line(*where)) for row, where in rows]
        words.is_over = is_over
        return words


def may_be_last(before: LinesBefore) -> bool:
    """Whether the row that is being read, behind an empty one, may be opencode's: no program has begun to say it."""
    rows = iter(before.lines())
    next(rows, "")
    return _CARET.match(next(rows, "")) is None
