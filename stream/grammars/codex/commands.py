"""The commands of codex: `exec`, the command and its place, later its outcome. Pure.

    exec
    /bin/bash -lc 'make test' in /home/dev/project
     exited 2 in 270ms:

Before 0.100 the outcome stands on the command's line. A command may take several lines.
"""

from collections.abc import Mapping
from typing import Any

from stream.grammars.account import Passage
from stream.grammars.codex.outcomes import OUTCOME_WORDS, Outcome, parse_outcome
from stream.grammars.codex.side_by_side import MOST_OPEN, Running, SideBySide
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.shell.quotes import Quote, open_quote

_PLACED = lazy_regex(rf"(?P<command>.*) in (?P<cwd>/.*?|[A-Za-z]:[\\/].*?)(?: {OUTCOME_WORDS})?$")
_MOST_LINES = 400
_LONGEST = 1 << 15  # characters of a command: what is longer is not read as one


class Commands:
    """Those of one stream."""

    def __init__(self) -> None:
        self.open = SideBySide()
        self._passage: Passage | None = None
        self._text = ""
        self._quote: Quote = ""  # that is open behind `_text`

    @property
    def is_reading(self) -> bool:
        """Whether a command's own lines are coming."""
        return self._passage is not None

    @property
    def is_full(self) -> bool:
        """Whether those that are open must be given up before another one begins."""
        return len(self.open.running) >= MOST_OPEN

    def begin(self, passage: Passage) -> None:
        """At the line `exec`."""
        self._passage, self._text, self._quote = passage, "", ""

    def take(self, line: str, where: Line) -> Outcome | None:
        """One of the command's own lines. Its outcome, if that stands on it: `open.end_last` has the command then."""
        if self._passage is None:
            return None
        self._passage = passage = self._passage.through(line, where)
        first = not self._text
        before = "" if first else f"{self._text}\n"
        match = _PLACED.match(line)
        if match and _is_whole(match["command"], self._quote, first=first):
            self._passage = None
            self.open.begin(Running(before + match["command"], match["cwd"], passage))
            return parse_outcome(match) if match["outcome"] else None
        self._text = before + line
        too_long = len(self._text) > _LONGEST or self._text.count("\n") >= _MOST_LINES
        if too_long or (first and match is None and _is_whole(line)):
            self._passage = None  # a word alone that looked like the beginning of a command
        self._quote = open_quote(f"{line}\n", self._quote)
        return None

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self.open.state(), "passage": self._passage, "text": self._text}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self.open.resume(state["open"])
        self._passage = Passage.resumed(state["passage"]) if state["passage"] else None
        self._text = state["text"]
        self._quote = open_quote(f"{self._text}\n")


def _is_whole(text: str, quote: Quote = "", *, first: bool = True) -> bool:
    """Whether shell text, which goes on where `quote` is open, says something and closes all quotes."""
    return (not first or bool(text.strip())) and not open_quote(text, quote)
