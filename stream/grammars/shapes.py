"""The shapes of an agent's lines, as tables of names and regular expressions. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from stream.lazy_regex import lazy_regex

_LONGEST = 4096  # characters: the time of many expressions grows faster than the line


class Shape(NamedTuple):
    """What a line may be, and what was read from it."""

    name: str
    match: re.Match[str]


class Shapes(NamedTuple):
    """`rows` are names and expressions, the first that matches counts; `any` finds the lines that one of them matches.

    All of them are compiled when they are first used, those of `rows` by `re`: other agents need none of them.
    """

    rows: tuple[tuple[str, str], ...]
    any: re.Pattern[str]

    @classmethod
    def of(cls, *rows: tuple[str, str]) -> "Shapes":
        """From the table's rows."""
        every = "|".join(f"(?:{re.sub('[(][?]P<[a-z_]+>', '(?:', pattern)})" for _, pattern in rows)
        return cls(rows, lazy_regex(every))


def shape_of(line: str, shapes: Shapes) -> Shape | None:
    """The first shape that the line has from its beginning on; of a long one only that is looked at."""
    line = line[:_LONGEST]
    if shapes.any.match(line) is None:  # most lines have none: one look instead of twenty
        return None
    for name, pattern in shapes.rows:
        if match := re.match(pattern, line):
            return Shape(name, match)
    return None


def runs_with(command: Sequence[str], *words: str) -> bool:
    """Whether one of the words stands in the command, alone or as the value behind `=`."""
    return any(word in words or word.partition("=")[2] in words for word in command[1:])
