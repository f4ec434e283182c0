"""The ids of a replay's events: enough to go on behind any of them, also on another server. Pure.

The events of a session are counted from 1. Those of a session that has ended have their number alone as their id. A
session that still runs is played in segments, each up to what there is by then; what lies in a segment never changes,
so its bounds are part of the ids. After a jump, what came before its aim comes at once, and its ids say so, too.

    17                       the 17th event
    17@5120.12.3             the same, of a first segment with these bounds
    57@5120.12.3.6000.14.3.40    of a segment from the former bounds to the latter, which begins behind the event 40
    17+12500000              the client has jumped to 12.5 s
    end                      the replay was stopped: there is no more

With keyframes it is enough to know the moment that a client has reached: one of that moment replaces what it has.

    t12500000                it stands at 12.5 s
"""

from typing import NamedTuple, Self

STOPPED = "end"


class Bounds(NamedTuple):
    """How far a session is played: bytes of the timing file, and the last ids of extractions and state changes."""

    timing: int = 0
    extraction: int = 0
    state_change: int = 0


class Segment(NamedTuple):
    """What lies between two bounds; `before` events came earlier."""

    end: Bounds
    start: Bounds = Bounds()
    before: int = 0


class EventId(NamedTuple):
    """An event's number, its segment unless the session had ended, and where (µs) the client has jumped to."""

    number: int
    segment: Segment | None = None
    begin: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`."""
        text, plus, begin = text.partition("+")
        number, at, bounds = text.partition("@")
        segment = _segment([_natural(value) for value in bounds.split(".")]) if at else None
        return cls(_natural(number), segment, _natural(begin) if plus else None)

    def __str__(self) -> str:
        text = str(self.number)
        if self.segment is not None:
            end, start, before = self.segment
            values = (*start, *end, before) if before or any(start) else end
            text += f"@{'.'.join(map(str, values))}"
        return text if self.begin is None else f"{text}+{self.begin}"


class MomentId(NamedTuple):
    """How far a client with keyframes has come: µs since the session's start."""

    at: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`."""
        if not text.startswith("t"):
            raise ValueError(f"not a moment: {text!r}")
        return cls(_natural(text[1:]))

    def __str__(self) -> str:
        return f"t{self.at}"


def _segment(values: list[int]) -> Segment:
    if len(values) == len(Bounds._fields):
        return Segment(Bounds(*values))
    if len(values) == 2 * len(Bounds._fields) + 1:
        return Segment(Bounds(*values[3:6]), Bounds(*values[:3]), values[6])
    raise ValueError(f"not the bounds of a replay: {values!r}")


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ValueError(f"not a number: {text!r}")
    return int(text)
