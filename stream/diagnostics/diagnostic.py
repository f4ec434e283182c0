"""What a diagnostic is: a small machine over the lines that follow its first one, and what it says of them.

It keeps nothing but those lines, so its state is the lines themselves.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from stream.records import NO_METADATA

MAX_LINES = 600  # of one diagnostic; what is longer is cut
MAX_BYTES = 1 << 16
MAX_FRAMES = 20  # of a stack, the innermost
MAX_CAUSES = 10


class Finding(NamedTuple):
    """What a diagnostic says: the fields of an event that are its own (docs/events.md).

    `first` and `last` are indexes into the lines that were taken: where it begins and ends. Lines behind the last
    finding are looked at afresh. A `consequence` counts only where its cause was not told (`consequences`).
    """

    event_type: str
    value: str
    metadata: Mapping[str, Any] = NO_METADATA
    first: int = 0
    last: int = -1
    consequence: bool = False


class Diagnostic(Protocol):
    """An open diagnostic. Lines come without their LF, escapes and control characters."""

    done: bool  # it ended with the last line that it took

    @property
    def ends_with_quiet(self) -> bool:
        """Whether it may be whole already, so that nobody need wait for more when nothing comes."""

    def take(self, line: str) -> bool:
        """Whether this line belongs to it, or may; one that does not ends it, and is looked at afresh."""

    def findings(self) -> Sequence[Finding]:
        """What it says, in the order of its lines; nothing if it was none after all: each line is looked at."""


class Need(NamedTuple):
    """What must stand in one of the next `lines` lines for there to be a diagnostic at all: `regex` finds it.

    It may find more. The lines have no control characters, and are searched all at once.
    """

    regex: re.Pattern[bytes]
    lines: int


class DiagnosticOpening(NamedTuple):
    """What begins with a line that `regex` (RE2, searched for in the line) finds; `name` is the event's pattern.

    `begin` gets that line, and returns None if it is none after all. Where what it `needs` does not follow, the lines
    need not be held to find out.
    """

    name: str
    regex: str
    begin: Callable[[str], Diagnostic | None]
    needs: Need | None = None


class LinesTaken:
    """What diagnostics have in common: `lines` taken so far, and `belongs`, which says whether one more does."""

    def __init__(self, line: str) -> None:
        self.lines = [line]
        self.done = False

    @property
    def ends_with_quiet(self) -> bool:
        return bool(self.findings())

    def take(self, line: str) -> bool:
        if not self.belongs(line):
            return False
        self.lines.append(line)
        return True

    def belongs(self, line: str) -> bool:
        """May set `done`, too."""
        raise NotImplementedError

    def findings(self) -> Sequence[Finding]:
        raise NotImplementedError


class Section(LinesTaken):
    """A part of a report that is whole when something else begins, and not before, however slowly it comes."""

    @property
    def ends_with_quiet(self) -> bool:
        return False


LONGEST_SHAPE = 4096  # characters; no number is longer than `int` takes, either


class Shape:
    """A regular expression, compiled when it is first needed: a run needs few of them, and its start none."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def match(self, line: str) -> re.Match[str] | None:
        """As `re.match`, of as much of a line as is looked at: the time of many expressions grows faster than it."""
        return self._compiled.match(line[:LONGEST_SHAPE])

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)


def known(**fields: Any) -> dict[str, Any]:
    """Metadata without what is not known."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}


def frame(file: str, line: str | int | None, function: str | None = None) -> dict[str, Any]:
    """One frame of a stack."""
    return known(file=file, line=int(line) if line else None, function=function)


def stack(frames: Sequence[Mapping[str, Any]], at: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Metadata of a stack, the innermost frame last: where it happened (`at`, else that frame), and its frames."""
    if not frames:
        return {}
    return {**(at or frames[-1]), "frames": list(frames[-MAX_FRAMES:])}
