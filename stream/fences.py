"""Fenced code blocks as CommonMark has them (0.31.2, section 4.5), found while lines come. Pure.

A fence is opened by three or more backticks or tildes, indented at most three blanks, and closed by a line of at
least as many of the same, or by `CodeFence.close`: an agent may forget its closing fence, and must not hide the rest
of a night by it. So a block also ends, marked as cut, at `MAX_BLOCK` bytes or `MAX_HELD` findings.

Lines inside a block are code, not what happened: what patterns find there is held back, dropped when the fence
closes as it should, and released when it turns out that nobody closed it.
"""

import re
from typing import Any, NamedTuple

from stream.ansi import without_controls
from stream.records import ExtractionEvent

MAX_BLOCK = 1 << 18  # bytes of content
MAX_HELD = 500  # findings inside one block: beyond that it is no code

# For the expression that looks for lines of interest; also finds closing fences.
FENCE_LINE = r"^ {0,3}(?:`{3,}|~{3,})"

_OPENING = re.compile(rb"( {0,3})(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*?)[ \t]*$")
_CLOSING = re.compile(rb" {0,3}(`{3,}|~{3,})[ \t]*$")


class Opening(NamedTuple):
    """An opening fence: its indentation, its marks, and its info string."""

    indent: int
    marks: bytes
    info: str

    @property
    def language(self) -> str:
        """The info string's first word, in lower case; empty when there is none."""
        return self.info.split()[0].lower() if self.info else ""


def parse_opening(line: bytes) -> Opening | None:
    """The fence that this line opens, if it does."""
    match = _OPENING.match(line) if line.lstrip(b" ").startswith((b"```", b"~~~")) else None
    return Opening(len(match[1]), match[2], match[3].decode()) if match else None


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
        match = _CLOSING.match(line)
        return match is not None and match[1].startswith(self.opening.marks)

    def fits(self, line: bytes) -> bool:
        """Whether this line, without its LF, still belongs to the block."""
        return self._size + len(line) < MAX_BLOCK and len(self.held) < MAX_HELD

    def take(self, text: bytes) -> int:
        """Adds whole lines while they fit; returns how many bytes were taken."""
        taken = len(text)
        if self._size + taken > MAX_BLOCK:
            taken = text.rfind(b"\n", 0, MAX_BLOCK - self._size) + 1
        if taken:
            self._parts.append(text[:taken])
            self._size += taken
            self.lines += text.count(b"\n", 0, taken)
        return taken

    def content(self) -> str:
        """The code, its lines without the opening fence's indentation and without the last LF."""
        text = without_controls(b"".join(self._parts)).decode()
        if self.opening.indent:
            text = re.sub(rf"(?m)^ {{1,{self.opening.indent}}}", "", text)
        return text.removesuffix("\n")

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {
            "opening": [self.opening.indent, self.opening.marks.decode(), self.opening.info],
            "line_number": self.line_number,
            "offset": self.offset,
            "region": self.region,
            "held": [list(event) for event in self.held],
            "text": b"".join(self._parts).decode(),
        }

    @classmethod
    def resume(cls, state: dict[str, Any]) -> "CodeFence":
        """The fence that `state` was taken of."""
        indent, marks, info = state["opening"]
        fence = cls(Opening(indent, marks.encode(), info), state["line_number"], state["offset"], state["region"])
        fence.held = [ExtractionEvent(*row) for row in state["held"]]
        fence.take(state["text"].encode())
        return fence
