"""What a pattern is: one row of a pack, with the lines that prove it."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class PatternError(ValueError):
    """A pack that cannot be used. The message names the file, the pattern, the field and what would be right."""

    def __init__(self, source: str, pattern: str, field: str, problem: str) -> None:
        where = ", ".join(part for part in (f"pattern {pattern!r}" if pattern else "", field) if part)
        super().__init__(f"{source}: {where}: {problem}" if where else f"{source}: {problem}")
        self.source = source
        self.pattern = pattern
        self.field = field


class Example(NamedTuple):
    """A line that the pattern must match. `value` and the keys of `metadata` are what it must find, if given."""

    line: str
    value: str | None = None
    metadata: Mapping[str, Any] = {}


class Pattern(NamedTuple):
    """One pattern. The regex is searched for in single lines, by RE2; `^` and `$` are the line's ends.

    The group `value` becomes the event's `matched_value` (without one, the whole match does), unless the pattern has a
    `value` of its own; the other named groups become its metadata.

    Of the patterns of one event type only the first that matches a line counts, the highest `priority` first.
    `metadata` is what every event of the pattern says, beside its groups. A `consequence` counts only where no other
    error stands shortly before it. `source` is the file that the pattern stands in.
    """

    name: str
    event_type: str
    regex: str
    risk_level: str | None = None
    auto_confirmable: bool = False
    priority: int = 0
    value: str | None = None
    metadata: Mapping[str, Any] = {}
    consequence: bool = False
    examples: tuple[Example, ...] = ()
    counterexamples: tuple[str, ...] = ()
    source: str = ""
