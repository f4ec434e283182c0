"""Errors that take several lines: tracebacks, stacks, panics, compilers' diagnostics. Each is one event.

A diagnostic is a small machine over the lines that follow its first one. It keeps nothing but those lines, so its
state is the lines themselves. To add one: a module here, and its row in `OPENINGS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from stream.records import NO_METADATA

MAX_LINES = 400  # of one diagnostic; what is longer is cut
MAX_BYTES = 1 << 16


class Finding(NamedTuple):
    """What a diagnostic says: the fields of an event that are its own (docs/events.md)."""

    event_type: str
    value: str
    metadata: Mapping[str, Any] = NO_METADATA


class Diagnostic(Protocol):
    """An open diagnostic. Lines come without their LF, escapes and control characters."""

    def take(self, line: str) -> bool:
        """Whether this line belongs to it; one that does not ends it, and is looked at afresh."""

    @property
    def done(self) -> bool:
        """Whether it ended with the last line that it took."""

    def finding(self) -> Finding | None:
        """What it says; None if it was none after all: its lines are then looked at one by one."""


class DiagnosticOpening(NamedTuple):
    """What begins with a line that `regex` (RE2, searched for in the line) finds; `name` is the event's pattern.

    `begin` gets that line, and returns None if it is none after all.
    """

    name: str
    regex: str
    begin: Callable[[str], Diagnostic | None]


OPENINGS: tuple[DiagnosticOpening, ...] = ()
