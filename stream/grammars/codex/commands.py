"""The commands of codex: `exec`, the command and its place, later its outcome. Pure.

    exec
    /bin/bash -lc 'make test' in /home/dev/project
     exited 2 in 270ms:

Before 0.100 the outcome stands on the command's line. A command may take several lines. Commands that run side by side
are all begun before the first one ends; which one that is, nobody says: the first.
"""

import re
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from stream.grammars.account import Passage
from stream.lazy_regex import lazy_regex
from stream.lines import Line

_OUTCOME = (
    r"(?P<outcome>succeeded|exited -?\d+|declined|in progress|timed out)(?: in (?P<took>[\d.]+(?:ms|s)|\d+m ?\d+s))?:"
)
OUTCOME = lazy_regex(rf" {_OUTCOME}$")
_PLACED = lazy_regex(rf"(?P<command>.*) in (?P<cwd>/.*?|[A-Za-z]:[\\/].*?)(?: {_OUTCOME})?$", re.DOTALL)
_MOST_LINES = 400
_LONGEST = 1 << 15  # characters of a command: what is longer is not read as one
_MOST_OPEN = 50


class Outcome(NamedTuple):
    """What came of a command; `exit_code` and `duration_ms` are None where they were not told."""

    outcome: str
    exit_code: int | None
    duration_ms: int | None


class Running(NamedTuple):
    """A command that has begun."""

    command: str
    cwd: str
    passage: Passage


class Commands:
    """Those of one stream."""

    def __init__(self) -> None:
        self.running: list[Running] = []
        self._passage: Passage | None = None
        self._text = ""

    @property
    def is_reading(self) -> bool:
        """Whether a command's own lines are coming."""
        return self._passage is not None

    def begin(self, passage: Passage) -> None:
        """At the line `exec`."""
        self._passage, self._text = passage, ""

    def take(self, line: str, where: Line) -> Outcome | None:
        """One of the command's own lines. Its outcome, if that stands on it."""
        if self._passage is None:
            return None
        self._passage = passage = self._passage.through(line, where)
        first = not self._text
        self._text = line if first else f"{self._text}\n{line}"
        match = _PLACED.match(self._text) if " in " in line else None
        if match and _is_whole(match["command"]):
            self._passage = None
            self.running = [*self.running[1 - _MOST_OPEN :], Running(match["command"], match["cwd"], passage)]
            return parse_outcome(match) if match["outcome"] else None
        too_long = len(self._text) > _LONGEST or self._text.count("\n") >= _MOST_LINES
        if too_long or (first and match is None and _is_whole(line)):
            self._passage = None  # a word alone that looked like the beginning of a command
        return None

    def end(self, outcome: Passage) -> Running | None:
        """The command that the outcome in this line belongs to."""
        if not self.running:
            return None
        first = self.running.pop(0)
        if outcome.at == first.passage.at and first.passage.text.endswith(outcome.text):
            return first
        return first._replace(passage=first.passage.through(outcome.text, outcome.where))

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"running": self.running, "passage": self._passage, "text": self._text}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self.running = [Running(command, cwd, Passage.resumed(row)) for command, cwd, row in state["running"]]
        self._passage = Passage.resumed(state["passage"]) if state["passage"] else None
        self._text = state["text"]


def parse_outcome(match: re.Match[str]) -> Outcome:
    """Of a line that `OUTCOME` matches."""
    words, took = match["outcome"], match["took"]
    duration = milliseconds(took) if took else None
    if words == "succeeded":
        return Outcome("ok", 0, duration)
    if words.startswith("exited"):
        exit_code = int(words.split()[1])
        return Outcome("error" if exit_code else "ok", exit_code, duration)
    return Outcome({"declined": "denied", "timed out": "error"}.get(words, "unknown"), None, duration)


def milliseconds(text: str) -> int:
    """Of `270ms`, `1.20s` and `1m 05s`."""
    minutes, _, seconds = text.rpartition("m") if not text.endswith("ms") else ("", "", text)
    if seconds.endswith("ms"):
        return round(float(seconds[:-2]))
    return round(float(seconds.strip().rstrip("s")) * 1000) + int(minutes or 0) * 60_000


def _is_whole(text: str) -> bool:
    """Whether all quotes of shell text are closed."""
    try:
        return bool(shlex.split(text))
    except ValueError:
        return False
