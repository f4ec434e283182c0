"""The two rows at the bottom of gemini's screen: names of columns, the last of them `/model`, and what stands there.

Pure. The model is known where its cell ends below the name and looks like a model's name.
"""

from collections.abc import Sequence
from typing import Any

from stream.lazy_regex import lazy_regex

_NAMES = lazy_regex(r"\s*workspace \(/directory\)(?:\s{2,}\S+)*\s{2,}/model$")
_LONGEST = 1024  # characters of the row that are looked at
_MODEL = lazy_regex(r".*\s{2}(?P<model>[a-z](?=[A-Za-z_./:-]*\d)[\w./:-]*)$")


class Footer:
    """Of one screen."""

    def __init__(self) -> None:
        self.model = ""
        self._end = 0  # of the row of names, if that was the last one

    @property
    def hungry(self) -> bool:
        """Whether the next row may be the one with the model."""
        return self._end > 0

    def look(self, row: str) -> None:
        """A row, its end without blanks."""
        end, self._end = self._end, len(row) if is_footer(row) else 0
        if end == len(row) and (match := _MODEL.match(row[-_LONGEST:])):
            self.model = match["model"][:200]

    def state(self) -> Sequence[Any]:
        """JSON-serialisable."""
        return [self.model, self._end]

    def resume(self, state: Sequence[Any]) -> None:
        """Goes on where `state` was taken."""
        self.model, self._end = state


def is_footer(row: str) -> bool:
    """Whether it is the row of the names."""
    return _NAMES.match(row) is not None
