"""What a tool printed, as its cell on codex's screen shows it: `  └ ` before the first row, blanks before the others.

It is read without its frame, as lines of its own; each stands, for the database, where its row stands.
"""

from collections.abc import Mapping
from typing import Any

from stream.embedded import EmbeddedTexts
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.regions import REGIONS, Region

FRAME = "  └"  # of a cell's first row below its head
_FRAMED = lazy_regex(r"(?:  └|   ) (?P<text>.*)$|  └$|$")
_OWN = lazy_regex(r"(?:… )?\+ ?\d+ lines? \(.*\)$|\+ Show details$|\(no output\)$")  # codex's words, not the tool's
_KEY = "codex screen output"
_NAMES = {region: name for name, region in REGIONS.items()}


class ShownOutput:
    """Of one screen; at most one is open."""

    def __init__(self, texts: EmbeddedTexts) -> None:
        self._texts = texts
        self._region: Region | None = None
        self._last: Line | None = None  # where its last row stands

    def begin(self, region: Region) -> None:
        """The next row may be its first one."""
        self._region = region

    def take(self, line: str, where: Line) -> bool:
        """Whether the row belongs to it."""
        match = _FRAMED.match(line)
        if self._region is None or match is None:
            return False
        text, self._last = match["text"] or "", where
        if not _OWN.match(text):
            self._texts.feed(_KEY, f"{text}\n", self._region, where)
        return True

    def end(self) -> None:
        """No more rows come."""
        if self._last:
            self._texts.end(_KEY, self._last)
        self._region = self._last = None

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded; the text itself is with the other texts of the stream."""
        return {"region": _NAMES[self._region] if self._region else None, "last": self._last}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._region = REGIONS[state["region"]] if state["region"] else None
        self._last = Line(*state["last"]) if state["last"] else None
