"""What has been committed since: the values that travel from the database to whoever watches.

Every table counts its ids up and one writer at a time commits, so the highest ids that a reader has seen are a cursor
behind which nothing is ever inserted.
"""

from typing import NamedTuple, Self

from stream.records import ExtractionEvent, Session, StateChange


class Cursor(NamedTuple):
    """The highest ids that were seen. As text: `120.33.30.7`.

    `ended` is the id of the state change that ended a session: a client may have been told that change, and not yet
    that the session has ended.
    """

    extraction: int = 0
    state_change: int = 0
    ended: int = 0
    session: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`."""
        parts = text.split(".")
        if len(parts) != len(cls._fields) or not all(
            part.isascii() and part.isdigit() and len(part) < 20 for part in parts
        ):
            raise ValueError(f"not a cursor of changes: {text!r}")
        return cls(*map(int, parts))

    def __str__(self) -> str:
        return ".".join(map(str, self))

    def up_to(self, other: "Cursor") -> "Cursor":
        """At most as far as the other: a database that was made anew counts from 1 again."""
        return Cursor(*map(min, self, other))


class Wanted(NamedTuple):
    """Which changes; None does not filter. With `event_type`, extracted events of that type alone."""

    agent: str | None = None
    session: str | None = None
    event_type: str | None = None


class Change(NamedTuple):
    """One row. `name` is `session_start`, `extraction`, `state_change` or `session_end`; `cursor` stands behind it.

    `started_at` is the start of its session, None where the session is gone.
    """

    name: str
    row: ExtractionEvent | StateChange | Session
    agent: str | None
    started_at: str | None
    cursor: Cursor


class Offsets(NamedTuple):
    """How far a recording is stored: bytes of its files, and the time (µs) of the last record."""

    timing: int = 0
    stdout: int = 0
    stderr: int = 0
    clock: int = 0


class Reach(NamedTuple):
    """How far a session has come: whether it has ended, and its highest ids."""

    ended: bool
    extraction: int
    state_change: int


END = Cursor(*[(1 << 63) - 1] * len(Cursor._fields))  # behind all that will ever be
