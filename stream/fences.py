"""Fenced code blocks as CommonMark has them (0.31.2, sections 4.5, 5.1 and 5.2), found while lines come. Pure.

A fence is opened by three or more backticks or tildes, in quotes (`> `) and list items (`- `, `1. `) too, and closed by
a line of at least as many of the same, by the end of the quote or item, or by `CodeFence.close`: an agent may forget
its closing fence, and must not hide the rest of a night by it. So a block also ends, marked as cut, at `MAX_BLOCK`
bytes or `MAX_HELD` findings. Where we differ from CommonMark, and why: docs/events.md.

Lines inside a block are code, not what happened: what patterns find there is held back, dropped when the fence
closes as it should, and released when it turns out that nobody closed it.
"""

from typing import Any, NamedTuple

from stream.ansi import without_controls
from stream.lazy_regex import lazy_regex
from stream.records import ExtractionEvent

MAX_BLOCK = 1 << 18  # bytes of content
MAX_HELD = 500  # findings inside one block: beyond that it is no code
_MAX_CONTAINERS = 20  # a quote in a quote in a list …
_TAB = 4  # columns

# For the expression that looks for lines of interest; also finds closing fences.
FENCE_LINE = r"^[ \t]*(?:>[ \t]*|[-*][ \t]+|\d{1,9}[.)][ \t]+)*(?:`{3,}|~{3,})"

_FENCE = lazy_regex(rb"(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*?)[ \t]*$")
_CLOSING = lazy_regex(rb"(`{3,}|~{3,})[ \t]*$")
_QUOTE = lazy_regex(rb" {0,3}>")
# No `+`: in a diff it begins a line that was added.
_ITEM = lazy_regex(rb"(?:[-*]|\d{1,9}[.)])(?=[ \t])")
_BLANKS = lazy_regex(rb"[ \t]*")
_QUOTED = -1  # in place of an item's width


class Opening(NamedTuple):
    """An opening fence: its indentation, its marks, its info string, and what it stands in, the outermost first.

    `containers` are widths of list items in columns, or `_QUOTED`.
    """

    indent: int
    marks: bytes
    info: str
    containers: tuple[int, ...] = ()


def may_be_fence(line: bytes) -> bool:
    """Whether it is worth looking closer."""
    return b"```" in line or b"~~~" in line


def parse_opening(line: bytes) -> Opening | None:
    """The fence that this line opens, if it does."""
    if not may_be_fence(line):
        return None
    containers: list[int] = []
    indent, rest = _indentation(line)
    while len(containers) < _MAX_CONTAINERS:
        if rest.startswith((b"```", b"~~~")):
            match = _FENCE.match(rest)
            return Opening(indent, match[1], match[2].decode(), tuple(containers)) if match else None
        if rest.startswith(b">"):
            containers += [indent, _QUOTED] if indent > 3 else [_QUOTED]
            indent, rest = _indentation(_without_blank(rest[1:], indent + 1))
        elif marker := _ITEM.match(rest):
            inner, behind = _indentation(rest[marker.end() :], indent + marker.end())
            if inner > _TAB:
                return None  # indented code
            containers.append(indent + marker.end() + inner)
            indent, rest = 0, behind
        else:
            return None
    return None


class CodeFence:
    """An open code fence and what has come since. `line_number` and `offset` are those of the opening line.

    `region` names what it stands in, empty if that is not known.
    """

    def __init__(self, opening: Opening, line_number: int, offset: int, region: str = "") -> None:
        self.opening = opening
        self.region = region
        self.line_number = line_number
        self.offset = offset
        self.lines = 0
        self.held: list[ExtractionEvent] = []
        self._parts: list[bytes] = []
        self._size = 0

    def is_closed_by(self, line: bytes) -> bool:
        """Whether this line is the closing fence."""
        inner = _inside(line, self.opening.containers)
        if inner is None:
            return False
        indent, rest = _indentation(inner)
        match = _CLOSING.match(rest)
        return match is not None and indent <= self.opening.indent + 3 and match[1].startswith(self.opening.marks)

    def holds(self, line: bytes) -> bool:
        """Whether this line still stands in the quote and the list item that the fence stands in."""
        return not self.opening.containers or _inside(line, self.opening.containers) is not None

    def fits(self, line: bytes) -> bool:
        """Whether this line, without its LF, still belongs to the block."""
        return self._size + len(line) < MAX_BLOCK and len(self.held) < MAX_HELD

    def take(self, text: bytes) -> int:
        """Adds whole lines while they fit and the fence holds them; returns how many bytes were taken."""
        taken = len(text)
        if self._size + taken > MAX_BLOCK:
            taken = text.rfind(b"\n", 0, MAX_BLOCK - self._size) + 1
        if self.opening.containers:
            taken = min(taken, self._held_part(text))
        if taken:
            self._parts.append(text[:taken])
            self._size += taken
            self.lines += text.count(b"\n", 0, taken)
        return taken

    def content(self) -> str:
        """The code, its lines without what the fence stands in, without its indentation, and without the last LF."""
        text = without_controls(b"".join(self._parts))
        opening = self.opening
        if opening.containers or opening.indent:
            lines = text.split(b"\n")
            text = b"\n".join(_dedented(_inside(line, opening.containers) or b"", opening.indent) for line in lines)
        return text.decode().removesuffix("\n")

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        opening = self.opening
        return {
            "opening": [opening.indent, opening.marks.decode(), opening.info, list(opening.containers)],
            "line_number": self.line_number,
            "offset": self.offset,
            "region": self.region,
            "held": [list(event) for event in self.held],
            "text": b"".join(self._parts).decode(),
        }

    @classmethod
    def resume(cls, state: dict[str, Any]) -> "CodeFence":
        """The fence that `state` was taken of."""
        indent, marks, info, containers = state["opening"]
        opening = Opening(indent, marks.encode(), info, tuple(containers))
        fence = cls(opening, state["line_number"], state["offset"], state["region"])
        fence.held = [ExtractionEvent(*row) for row in state["held"]]
        fence.take(state["text"].encode())
        return fence

    def _held_part(self, text: bytes) -> int:
        """Bytes of the lines that the fence holds."""
        end = 0
        for line in text.splitlines(keepends=True):
            if not self.holds(line.removesuffix(b"\n")):
                break
            end += len(line)
        return end


def _inside(line: bytes, containers: tuple[int, ...]) -> bytes | None:
    """What stands in the line within these containers; None if the line does not stand in them."""
    column = 0  # of the line's rest, for its tabs
    for container in containers:
        if container == _QUOTED:
            match = _QUOTE.match(line)
            if match is None:
                return None
            column += match.end()
            line, column = _without_blank(line[match.end() :], column), column + 1
        elif line.strip(b" \t"):
            if _indentation(line, column)[0] < container:
                return None
            line, column = _dedented(line, container, column), column + container
        else:
            line = b""
    return line


def _indentation(text: bytes, column: int = 0) -> tuple[int, bytes]:
    """Columns of blanks that the text begins with, which stands in this column, and what follows them."""
    match = _BLANKS.match(text)
    blanks = match[0] if match else b""
    end = column
    for blank in blanks:
        end += _TAB - end % _TAB if blank == 9 else 1
    return end - column, text[len(blanks) :]


def _dedented(line: bytes, columns: int, column: int = 0) -> bytes:
    """The line, which stands in `column`, without so many columns of blanks, as far as it has them.

    What is left of a tab are blanks.
    """
    end, reached, taken = column + columns, column, 0
    while taken < len(line) and reached < end and line[taken] in b" \t":
        reached += _TAB - reached % _TAB if line[taken] == 9 else 1
        taken += 1
    return b" " * (reached - end) + line[taken:]


def _without_blank(text: bytes, column: int) -> bytes:
    """What follows a quote's mark: one blank belongs to the mark."""
    return _dedented(text, 1, column) if text[:1] in (b" ", b"\t") else text
