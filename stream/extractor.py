"""The pattern engine: all patterns in one pass and in linear time, by google-re2. Pure.

One combined expression finds the lines of interest in a whole block of lines; only those meet the set of single
patterns, and only a pattern that matched is run again for its groups. Newlines never match (`never_nl`), so that no
pattern reaches over its line, and no pattern, ours or a user's, can take more than linear time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import re2

from stream.ansi import without_controls
from stream.diagnostics import DiagnosticOpening, openings
from stream.fences import FENCE_LINE
from stream.patterns import Pattern
from stream.patterns.metadata import metadata_of
from stream.patterns.syntax import without_groups

_MEMORY = 64 << 20  # bytes for RE2's automata; too few make it fall back to a slower engine
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f]"  # what hides in a line is taken out before it is looked at
_REMEMBERED = 4096  # lines, after which what was seen in them is forgotten
_MAX_GROUP = 1 << 12  # characters kept of a group or a value


Plain = tuple[Any, ...]  # of texts, numbers, tuples and dicts: what `marshal` takes
NOTHING: Plain = ((), ())  # what `Extractor.as_plain` makes of a line in which nothing was seen


class Marks(NamedTuple):
    """Expressions, alternatives without groups, of lines that are of interest whatever patterns say.

    Those `behind_opening` mean nothing before a line that `opening` finds, which one of the others finds as well.
    """

    always: tuple[str, ...] = ()
    opening: str = ""
    behind_opening: str = ""


NO_MARKS = Marks()


class Match(NamedTuple):
    """What a pattern found in a line. `value` is its group `value`, or all that it matched."""

    pattern: Pattern
    value: str
    metadata: Mapping[str, Any]


class Seen(NamedTuple):
    """What one look at a line shows: what patterns find, at most one for each event type; what it may open."""

    matches: tuple[Match, ...]
    openings: tuple[DiagnosticOpening, ...]


class Extractor:
    """Patterns in force, by falling priority. Of each event type the first that matches a line counts.

    Lines that `marks` find are of interest, too.
    """

    def __init__(self, patterns: Iterable[Pattern], marks: Marks = NO_MARKS) -> None:
        self._given = patterns
        self._marks = marks
        self._single: dict[int, _Single] = {}
        self._seen: dict[bytes, Seen] = {}

    def lines_of_interest(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Start and end (without LF) of each line of valid UTF-8 `text` that may have a match or be a code fence."""
        for match in self._interesting.finditer(text):
            yield match.span()

    def lines_before_opening(self, text: bytes) -> list[tuple[int, int]] | None:
        """The same without what only marks behind the opening find; None if that stands in `text`, or is not known.

        The agent may begin to speak all the same: where it stands behind something else in its line.
        """
        if not self._marks.opening:
            return None
        spans = [match.span() for match in self._interesting_before_opening.finditer(text)]
        lines = without_controls(b"\n".join(text[start:end] for start, end in spans))
        return None if self._opening.search(lines) else spans

    def look(self, line: bytes) -> Seen:
        """What there is in one line, without control characters. It depends on nothing else, so it may be kept."""
        seen = self._seen.get(line)
        if seen is None:
            self.learn({line: (seen := self._look(line))})
        return seen

    def match(self, pattern: Pattern, line: bytes) -> Match | None:
        """What one of the patterns finds in a line, whatever others find there."""
        return self._match(self._indexes[pattern.name], line)

    def learn(self, seen: Mapping[bytes, Seen]) -> None:
        """What another extractor of the same patterns saw in these lines."""
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen |= seen

    def as_plain(self, seen: Seen) -> Plain:
        """`seen` in texts and numbers alone, for another process with the same patterns."""
        matches = tuple((self._indexes[match.pattern.name], match.value, match.metadata) for match in seen.matches)
        return matches, tuple(self._openings.index(opening) for opening in seen.openings)

    def from_plain(self, plain: Plain) -> Seen:
        """What `as_plain` was given."""
        matches, openings = plain
        found = (Match(self._patterns[index], value, metadata) for index, value, metadata in matches)
        return Seen(tuple(found), tuple(self._openings[index] for index in openings))

    def _look(self, line: bytes) -> Seen:
        indexes = sorted(self._set.Match(line) or ()) if self._regexes else ()
        count = len(self._patterns)
        found: dict[str, Match] = {}
        openings = []
        for index in indexes:
            if index >= count:
                openings.append(self._openings[index - count])
            elif (kind := self._patterns[index].event_type) not in found and (match := self._match(index, line)):
                found[kind] = match
        return Seen(tuple(found.values()), tuple(openings))

    # Everything is read and compiled when it is first needed: a run without output, or without an error, is stored
    # sooner.

    @cached_property
    def _patterns(self) -> Sequence[Pattern]:
        return tuple(self._given)

    @cached_property
    def _openings(self) -> Sequence[DiagnosticOpening]:
        return openings()

    @cached_property
    def _regexes(self) -> Sequence[str]:
        return (*(pattern.regex for pattern in self._patterns), *(opening.regex for opening in self._openings))

    @cached_property
    def _indexes(self) -> Mapping[str, int]:
        return {pattern.name: index for index, pattern in enumerate(self._patterns)}

    @cached_property
    def _interesting(self) -> Any:
        behind = [self._marks.behind_opening] if self._marks.opening else []
        return self._lines_with(*self._marks.always, *behind)

    @cached_property
    def _interesting_before_opening(self) -> Any:
        return self._lines_with(*self._marks.always)

    @cached_property
    def _opening(self) -> Any:
        return re2.compile(f"(?m)(?:{self._marks.opening})", _options())

    def _lines_with(self, *marks: str) -> Any:
        # With groups left in, even unused ones, RE2 answers each match by an engine that is ten times as slow.
        every = (FENCE_LINE, _CONTROL, *marks, *map(without_groups, self._regexes))
        return re2.compile(f"(?m)^.*(?:{'|'.join(f'(?:{regex})' for regex in every)}).*$", _options())

    @cached_property
    def _set(self) -> Any:
        patterns = re2.Set.SearchSet(_options())
        for regex in self._regexes:
            patterns.Add(regex)
        patterns.Compile()
        return patterns

    def _match(self, index: int, line: bytes) -> Match | None:
        if index not in self._single:
            regexp = re2.compile(self._patterns[index].regex, _options())
            self._single[index] = _Single(regexp, tuple(sorted(regexp.groupindex.items())))
        regexp, names = self._single[index]
        match = regexp.search(line)
        if not match:
            return None
        spans = {name: match.span(group) for name, group in names}
        groups = {name: _text(line, span) for name, span in spans.items() if span[0] >= 0}
        value = groups.pop("value", None)
        pattern = self._patterns[index]
        value = pattern.value or value
        metadata = {**pattern.metadata, **metadata_of(groups, pattern.event_type)}
        return Match(pattern, _text(line, match.span()) if value is None else value, metadata)


class _Single(NamedTuple):
    regexp: Any
    groups: tuple[tuple[str, int], ...]


def _options() -> re2.Options:
    options = re2.Options()
    options.never_nl = True
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


def _text(line: bytes, span: tuple[int, int]) -> str:
    return line[span[0] : span[1]].decode("utf-8", "ignore")[:_MAX_GROUP].rstrip()
