"""Rows of screens that agents draw: what stands between the borders of boxes. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stream.decoders.record import Record
from stream.lazy_regex import lazy_regex
from stream.lines import Line

_LEFT = lazy_regex(r"\s*[│┃║] ?")
_RIGHT = lazy_regex(r"\s*[│┃║█]\s*$")
_BORDER = lazy_regex(r"\s*[╭╰╮╯┌└┐┘─━═╹╻▀▄▔▁_]{4,}[╭╰╮╯┌└┐┘─━═╹╻▀▄▔▁_\s]*$")
_MOST_BOXES = 3  # within each other


class Row(NamedTuple):
    """A row's text without the boxes that it stands in, and how many they are."""

    text: str
    depth: int


def unframed(line: str) -> Row:
    """The row without the sides of boxes."""
    depth = 0
    while depth < _MOST_BOXES and (side := _LEFT.match(line)):
        line = _RIGHT.sub("", line[side.end() :])
        depth += 1
    return Row(line.rstrip(), depth)


def is_border(text: str) -> bool:
    """Whether the row is the top or the bottom of a box, or a rule."""
    return _BORDER.match(text) is not None


def record_of(line: str, where: Line) -> Record:
    """A row, as what tells of records has it."""
    return Record({}, line.encode(), where, where.number)


def row_state(record: Record) -> list[Any]:
    """JSON-serialisable: what `rowed` takes."""
    return [record.text.decode(), record.where, record.line_end]


def rowed(state: Sequence[Any]) -> Record:
    """The row that `row_state` was given."""
    text, where, line_end = state
    return Record({}, text.encode(), Line(*where), line_end)
