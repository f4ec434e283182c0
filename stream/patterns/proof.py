"""Whether patterns keep their promises: examples match, with what they say; counterexamples do not."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stream.extractor import Extractor, Match
from stream.patterns import Example, Pattern


class Broken(NamedTuple):
    """One promise that does not hold."""

    pattern: Pattern
    line: str
    problem: str


def broken_promises(patterns: Sequence[Pattern]) -> Iterator[Broken]:
    """Of these patterns, in force together, the first to be tried first."""
    together = Extractor(patterns)
    for pattern in patterns:
        alone = Extractor([pattern])
        for example in pattern.examples:
            if problem := _problem(
                example, _match(alone, pattern, example.line), _match(together, pattern, example.line)
            ):
                yield Broken(pattern, example.line, problem)
        for line in pattern.counterexamples:
            if _match(alone, pattern, line):
                yield Broken(pattern, line, "a counterexample, and it matches")


def _match(extractor: Extractor, pattern: Pattern, line: str) -> Match | None:
    matches = extractor.look(line.encode()).matches
    return next((match for match in matches if match.pattern.event_type == pattern.event_type), None)


def _problem(example: Example, match: Match | None, winner: Match | None) -> str | None:
    if match is None or winner is None:
        return "an example, and it does not match"
    if example.value not in (None, match.value):
        return f"the value is {match.value!r}, and should be {example.value!r}"
    for key, wanted in example.metadata.items():
        if match.metadata.get(key) != wanted:
            return f"the metadata has {key} = {match.metadata.get(key)!r}, and should have {wanted!r}"
    if winner.pattern.name != match.pattern.name:
        return f"the pattern {winner.pattern.name!r} ({winner.pattern.source}) takes the line before it"
    return None
