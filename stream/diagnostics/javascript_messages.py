"""What an error of JavaScript says: its kind, its message in one line, and the place that a build tool names in it.

Shapes: node's `assert`, babel, esbuild, rolldown and tsc, and jest where it cannot parse a file.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stream.diagnostics.diagnostic import Shape, known
from stream.records import NO_METADATA

_MAX_COMPARISON = 200  # characters of what an assertion compared
_BEHIND = ("at ", "\u276f ", "+ expected - actual", "- Expected")  # what a message is followed by
_KIND = Shape(
    r"(?P<kind>(?:[A-Za-z_$][\w$.:]*)?(?:Error|Exception)|[A-Za-z_$][\w$.:]*?Expectation\w*)"
    r"(?: \[\w+\])?:(?: (?P<message>.*))?$"
)
_BUILD = Shape(r"(?:\[[\w:.-]+\] )?(?:Transform|Build) failed with \d+ errors?:$")
_ESBUILD = Shape(r"(?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+): ERROR: (?P<message>\S.*)$")
_ROLLDOWN = Shape(r"\[(?P<kind>[A-Z_]+)\] (?P<message>\S.*)$")
_BOX = Shape(r"\s*\u256d\u2500\[ (?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+) \]$")
_BABEL = Shape(r"(?P<file>[^\s:]\S*\.\w+): (?P<message>\S.*) \((?P<line>\d+):(?P<column>\d+)\)$")
_TSC = Shape(r"(?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+) - error (?P<kind>TS\d+): (?P<message>\S.*)$")
_SCRIPT = Shape(r"(?P<file>/\S.*):(?P<line>\d+)$")
_UNPARSED = "Jest encountered an unexpected token"


class Said(NamedTuple):
    """A message of one line, and what it names: its kind, and the file, line and column, counted from 1, if any."""

    message: str
    kind: str | None = None
    place: Mapping[str, Any] = NO_METADATA


def thrown(line: str) -> tuple[str | None, str | None]:
    """The kind and the message of `TypeError: x is bad`; neither of another line."""
    match = _KIND.match(line)
    return (match["kind"], match["message"] or "") if match else (None, None)


def said(lines: Sequence[str]) -> Said:
    """What an error's lines say, from its first one to the frames of its stack, or beyond."""
    lines = [line.strip() for line in lines]
    if _UNPARSED in lines and "Details:" in lines:
        return _unparsed(lines[lines.index("Details:") + 1 :])
    if match := _TSC.match(lines[0]):  # of ts-jest
        return Said(match["message"], match["kind"], place_of(match))
    kind, message = thrown(lines[0])
    return said_of(kind, lines[0] if message is None else message, lines[1:])


def said_of(kind: str | None, message: str, lines: Sequence[str]) -> Said:
    """What an error of this kind says with the first line of its message, and those behind it."""
    if _BUILD.match(message):
        return _of_build([line.strip() for line in lines]) or Said(message, kind)
    if kind == "SyntaxError" and (match := _BABEL.match(message)):
        return Said(match["message"], kind, place_of(match, first_column=0))
    if kind == "AssertionError":
        message = with_comparison(message, lines)
    return Said(message or kind or "", kind)


def with_comparison(message: str, lines: Sequence[str]) -> str:
    """The message of an assertion in one line, with what was compared where it ends in a colon."""
    if not message.endswith(":"):
        return message
    words: list[str] = []
    for line in map(str.strip, lines):
        if line.startswith(_BEHIND):
            break
        if not line.startswith("+ actual - expected"):
            words += line.split()
    text = " ".join([message, *words])
    return text if len(text) <= _MAX_COMPARISON else text[: _MAX_COMPARISON - 1] + "…"


def box_place(line: str) -> dict[str, Any]:
    """The place in `╭─[ main.js:1:15 ]`, with which rolldown and oxc begin to show source; nothing of another line."""
    match = _BOX.match(line)
    return place_of(match) if match else {}


def place_of(match: Any, *, first_column: int = 1) -> dict[str, Any]:
    """File, line and column of a match, columns counted from 1; the tool counts from `first_column`."""
    groups = match.groupdict()
    column = groups.get("column")
    return known(
        file=groups["file"].removeprefix("file://"),
        line=int(groups["line"]) if groups.get("line") else None,
        column=int(column) + 1 - first_column if column else None,
    )


def _of_build(lines: Sequence[str]) -> Said | None:
    """The first of the errors that a build lists."""
    for index, line in enumerate(lines):
        if match := _ESBUILD.match(line):
            return Said(match["message"], None, place_of(match, first_column=0))
        if match := _ROLLDOWN.match(line):
            return Said(match["message"], match["kind"], box_place(lines[index + 1]) if lines[index + 1 :] else {})
    return None


def _unparsed(lines: Sequence[str]) -> Said:
    """What jest's transformer said, or node, which prints the file's name above the source."""
    start = next((i for i, line in enumerate(lines) if thrown(line)[0]), None)
    if start is None:
        return Said(_UNPARSED)
    found = said(lines[start:])
    script = next((match for line in lines[:start] if (match := _SCRIPT.match(line))), None)
    return found if found.place or script is None else found._replace(place=place_of(script))
