"""How far a client of the live feed has come: in the rows, and in what each running agent has printed. Pure.

As the `id` of an event: `120.33.30.7` for rows alone, `120.33.30.7~12:4096,15:88` where output is followed: of session
12 (its row's id) 4096 bytes were told, of both its streams in the order of the recording.
"""

from collections.abc import Mapping
from typing import NamedTuple, Self

from data.changes import Cursor

MAX_SESSIONS = 100  # whose output an id tells of: those that began last


class LiveCursor(NamedTuple):
    """What has been told. `output` has the sessions whose end has not; None where output is not followed."""

    rows: Cursor
    output: Mapping[int, int] | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`."""
        rows, follows, output = text.partition("~")
        if not follows:
            return cls(Cursor.parse(rows))
        entries = [entry.split(":") for entry in output.split(",")] if output else []
        if len(entries) > MAX_SESSIONS or not all(len(entry) == 2 and all(map(_is_number, entry)) for entry in entries):
            raise ValueError(f"not a cursor of the live feed: {text!r}")
        return cls(Cursor.parse(rows), {int(session): int(told) for session, told in entries})

    def __str__(self) -> str:
        if self.output is None:
            return str(self.rows)
        return f"{self.rows}~" + ",".join(f"{session}:{self.output[session]}" for session in newest(self.output))


def newest(sessions: Mapping[int, int]) -> list[int]:
    """The sessions that an id has room for, in the order in which they began."""
    return sorted(sessions)[-MAX_SESSIONS:]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20
