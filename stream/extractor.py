"""The pattern engine: all patterns in one pass and in linear time, by google-re2. Pure.

One combined expression finds the lines of interest in a whole block of lines; only those meet the set of single
patterns, and only a pattern that matched is run again for its groups. Newlines never match (`never_nl`), so that no
pattern reaches over its line, and no pattern, ours or a user's, can take more than linear time.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import re2

from stream.fences import FENCE_LINE
from stream.patterns import Pattern

_MEMORY = 64 << 20  # bytes for RE2's automata; too few make it fall back to a slower engine
_MAX_GROUP = 1 << 12  # characters kept of a group or a value


class Match(NamedTuple):
    """What a pattern found in a line. `value` is its group `value`, or all that it matched."""

    pattern: Pattern
    value: str
    metadata: dict[str, str]


class Extractor:
    """Patterns in force, by falling priority. Of each event type the first that matches a line counts."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = tuple(patterns)
        every = "|".join(f"(?:{regex})" for regex in (FENCE_LINE, *(pattern.regex for pattern in self._patterns)))
        self._interesting = re2.compile(f"(?m)^.*(?:{every}).*$", _options(never_capture=True))
        self._set = re2.Set.SearchSet(_options())
        self._single = []
        for pattern in self._patterns:
            self._set.Add(pattern.regex)
            self._single.append(re2.compile(pattern.regex, _options()))
        self._names = [sorted(single.groupindex) for single in self._single]
        if self._patterns:
            self._set.Compile()

    def lines_of_interest(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Start and end (without LF) of each line of valid UTF-8 `text` that has a match or may be a code fence."""
        for match in self._interesting.finditer(text):
            yield match.span()

    def matches(self, line: bytes) -> list[Match]:
        """What the patterns find in one line, at most one match for each event type."""
        found: dict[str, Match] = {}
        for index in sorted(self._set.Match(line) or ()) if self._patterns else ():
            pattern = self._patterns[index]
            if pattern.event_type not in found and (match := self._single[index].search(line)):
                groups = {name: _text(match[name]) for name in self._names[index] if match[name] is not None}
                value = groups.pop("value", None)
                found[pattern.event_type] = Match(pattern, _text(match[0]) if value is None else value, groups)
        return list(found.values())


def _options(*, never_capture: bool = False) -> re2.Options:
    options = re2.Options()
    options.never_nl = True
    options.log_errors = False
    options.max_mem = _MEMORY
    options.never_capture = never_capture
    return options


def _text(value: bytes) -> str:
    return value.decode("utf-8", "ignore")[:_MAX_GROUP]
