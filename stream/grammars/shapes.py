"""The shapes of an agent's lines, as tables of names and regular expressions. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

Shapes = Sequence[tuple[str, str]]


class Shape(NamedTuple):
    """What a line may be, and what was read from it."""

    name: str
    match: re.Match[str]


def shape_of(line: str, shapes: Shapes) -> Shape | None:
    """The first shape that the line has from its beginning on."""
    for name, pattern in shapes:  # compiled when first used, and kept by `re`: other agents need none of them
        if match := re.match(pattern, line):
            return Shape(name, match)
    return None


def runs_with(command: Sequence[str], *words: str) -> bool:
    """Whether one of the words stands in the command, alone or as the value behind `=`."""
    return any(word in words or word.partition("=")[2] in words for word in command[1:])
