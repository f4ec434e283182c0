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
        for example in pattern.examples:
            line = example.line.encode()
            if problem := _problem(example, together.match(pattern, line), _winner(together, pattern, line)):
                yield Broken(pattern, example.line, problem)
        for counterexample in pattern.counterexamples:
            if together.match(pattern, counterexample.encode()):
                yield Broken(pattern, counterexample, "a counterexample, and it matches")


def _winner(extractor: Extractor, pattern: Pattern, line: bytes) -> Match | None:
    """What is told of the pattern's type where all of them are in force."""
    matches = extractor.look(line).matches
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
