"""Python's tracebacks: chained, with notes, of groups, of syntax errors; behind a prefix that all their lines have.

Shapes: the `traceback` module of Python 3.8 to 3.14, and the library loguru, which sets frames apart by blank lines.
"""

import re
from collections.abc import Iterable
from enum import Enum
from typing import Any, NamedTuple

from stream.diagnostics.diagnostic import MAX_CAUSES, DiagnosticOpening, Finding, LinesTaken, Shape, frame, known, stack

_PREFIX = r"[ \t]*(?:E {3}|[⎿│|] *|[\w.-]+ +\| |INTERNALERROR> )?[ \t]*"
_HEADER_END = "Traceback (most recent call last):"
_HEADER = Shape(rf"({_PREFIX})(\+ Exception Group )?Traceback \(most recent call last\):$")
_FRAME = Shape(r'\s*(?:> )?File "(?P<file>.+?)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_EXCEPTION = Shape(r"(?P<kind>(?:[A-Za-z_]\w*\.|<locals>\.)*[A-Za-z_]\w*)(?:: ?(?P<message>.*))?$")
CHAINED = Shape(
    r"(?:During handling of the above exception, another exception occurred"
    r"|The above exception was the direct cause of the following exception):$"
)
_GROUP_LINE = Shape(r"\s*[|+] ?(.*)$")
_GROUP_MEMBER = Shape(r"\s*\+-[+-]-+ (?:\d+|\.\.\.) -+$")
_GROUP_END = Shape(r"\s*\+-{30,}$")
_MAX_NOTES = 20  # lines behind an exception that are its own only if the chain goes on behind them


class Raised(NamedTuple):
    """One exception of a traceback and the frames that it came through, the innermost last."""

    kind: str
    message: str
    frames: tuple[dict[str, Any], ...]


class Box(Enum):
    """How a line stands to the box in which Python shows a group of exceptions."""

    NONE = "no group"
    OPEN = "in the box"
    CLOSED = "behind the box"

    def after(self, line: str) -> "Box":
        """What holds for this line. A box that was closed goes on only with the next exception of the group."""
        if self is Box.OPEN and _GROUP_END.match(line):
            return Box.CLOSED
        return Box.OPEN if self is Box.CLOSED and _GROUP_MEMBER.match(line) else self


class RaisedReader:
    """Reads the lines of a traceback, without their prefix.

    `chain` holds lists of exceptions, the last raised last: the exception itself, and those of its group.
    """

    def __init__(self) -> None:
        self.chain: list[list[Raised]] = []
        self.box = Box.NONE  # for the line that was read last
        self._frames: list[dict[str, Any]] = []
        self._expecting = False  # an exception may come

    def read(self, line: str) -> bool:
        """Whether this line names an exception."""
        self.box = self.box.after(line)
        if self.box is Box.OPEN:
            return self._read_member(line)
        if line.endswith(_HEADER_END) and (header := _HEADER.match(line)):
            self.box = Box.OPEN if header[2] else Box.NONE
            self._begin(new=True)
            return False
        return self.box is Box.NONE and self._read_raised(line)

    def _read_member(self, line: str) -> bool:
        """Of an exception in a group; each may have a traceback of its own."""
        match = _GROUP_LINE.match(line)
        if match is None:
            return False
        text = match[1]
        if text.startswith(("-", "+-")) or text.endswith("Traceback (most recent call last):"):
            self._begin(new=False)
            return False
        return self._read_raised(text)

    def _read_raised(self, text: str) -> bool:
        if (self._expecting or not self.chain) and (match := _FRAME.match(text)):
            self.chain = self.chain or [[]]
            self._frames.append(frame(match["file"], match["line"], match["function"]))
            self._expecting = True
        elif self._expecting and not text[:1].isspace() and (match := _EXCEPTION.match(text)):
            self.chain[-1].append(Raised(match["kind"], (match["message"] or "").strip(), tuple(self._frames)))
            self._frames, self._expecting = [], False
            return True
        return False

    def _begin(self, *, new: bool) -> None:
        if new or not self.chain:
            self.chain.append([])
        self._frames, self._expecting = [], True


def read_raised(lines: Iterable[str]) -> list[list[Raised]]:
    """The chain of exceptions in the lines of a traceback."""
    reader = RaisedReader()
    for line in lines:
        reader.read(line)
    return [raised for raised in reader.chain if raised]


def said(chain: list[list[Raised]]) -> tuple[str, dict[str, Any]]:
    """Value and metadata of an event for a chain of exceptions: the last one, the others as its causes."""
    main, *members = chain[-1]
    others = [*members, *(raised for group in reversed(chain[:-1]) for raised in group)]
    causes = [known(kind=other.kind, message=other.message) for other in others[:MAX_CAUSES]]
    at = next((frame for frame in reversed(main.frames) if not frame["file"].startswith("<frozen ")), None)
    return main.message or main.kind, known(kind=main.kind, **stack(main.frames, at), causes=causes)


class Traceback(LinesTaken):
    """From `Traceback (most recent call last):` to the last exception of the chain, which is known only behind it."""

    def __init__(self, line: str, prefix: str) -> None:
        super().__init__(line)
        self._prefix = prefix.replace("⎿", " ")
        self._texts = [line[len(prefix) :]]
        self._reader = RaisedReader()
        self._reader.read(self._texts[0])
        self._spaced = False  # blank lines stand between its frames
        self._open = True  # frames come, and then an exception
        self._chained = False  # a sentence says that another traceback comes
        self._certain = 0  # lines that belong to it, whatever comes
        self._notes = 0

    def belongs(self, line: str) -> bool:
        text = self._without_prefix(line)
        if text is None or not self._fits(text):
            return False
        self._texts.append(text)
        if self._reader.read(text):
            self._open, self._chained, self._notes = self._reader.box is Box.OPEN, False, 0
            self._certain = len(self._texts)
        if self._reader.box is Box.OPEN:
            self._certain = len(self._texts)
        elif self._open and self._reader.box is Box.CLOSED:
            self._open, self._certain = False, len(self._texts)
        return True

    @property
    def ends_with_quiet(self) -> bool:
        return not (self._open or self._chained)

    def findings(self) -> list[Finding]:
        chain = read_raised(self._texts[: self._certain])
        if not any(raised.frames for group in chain for raised in group):
            return []  # documentation that leaves the frames out
        value, metadata = said(chain)
        return [Finding("error", value, metadata, last=self._certain - 1)]

    def _without_prefix(self, line: str) -> str | None:
        if line.startswith(self._prefix):
            return line[len(self._prefix) :]
        return "" if line.rstrip() == self._prefix.rstrip() or not line.strip() else None

    def _fits(self, text: str) -> bool:
        box = self._reader.box.after(text)
        if box is Box.OPEN:
            return bool(_GROUP_LINE.match(text))
        header = _HEADER.match(text) if text.endswith(_HEADER_END) else None
        if self._open and not text and len(self._texts) == 1:
            self._spaced = True
        if self._open and self._spaced:
            return not text or text.startswith((" ", "> ")) or bool(_EXCEPTION.match(text))
        if self._chained or not self._texts[-1]:
            self._open = self._open or bool(header and self._chained)
            return bool(header and self._chained) or not text or self._announces(text)
        if box is Box.CLOSED:
            return not text or bool(_GROUP_END.match(text)) or self._announces(text)
        if self._open:
            return text[:1].isspace() or (len(self._texts) > 1 and bool(_EXCEPTION.match(text)))
        return self._may_be_message(text) or self._announces(text)

    def _may_be_message(self, text: str) -> bool:
        """More lines of the message, or notes: those that are indented, and those that something else may be."""
        self._notes += 1
        if text[:1].isspace() and text.strip() and self._certain == len(self._texts):
            self._certain += 1
        return self._notes <= _MAX_NOTES and not _HEADER.match(text) and not CHAINED.match(text)

    def _announces(self, text: str) -> bool:
        if CHAINED.match(text):
            self._chained = True
        return self._chained


class SyntaxErrorReport(LinesTaken):
    """`File "x.py", line 1`, the source, a caret, and the exception, without a `Traceback` above it."""

    def belongs(self, line: str) -> bool:
        indented = line[:1].isspace() and len(self.lines) < 5
        self.done = not indented and bool(re.match(r"(?:Sorry: )?\w*(?:Error|Warning): ", line))
        return indented or self.done

    def findings(self) -> list[Finding]:
        if not self.done:
            return []
        kind, _, message = self.lines[-1].removeprefix("Sorry: ").partition(": ")
        where = _FRAME.match(self.lines[0])
        return [Finding("error", message, known(kind=kind, **frame(where["file"], where["line"]) if where else {}))]


class BoxedTraceback(LinesTaken):
    """The traceback of the library rich: a box, and the exception under it."""

    def belongs(self, line: str) -> bool:
        if line.lstrip().startswith(("│", "╰")):
            return True
        self.done = self.lines[-1].lstrip().startswith("╰") and bool(_EXCEPTION.match(line))
        return self.done

    def findings(self) -> list[Finding]:
        match = _EXCEPTION.match(self.lines[-1]) if self.done else None
        if match is None:
            return []
        places = [re.match(r"\s*│ (\S+\.py):(\d+) in (\S+)", line) for line in self.lines]
        frames = [frame(place[1], place[2], place[3]) for place in places if place]
        return [Finding("error", match["message"] or match["kind"], known(kind=match["kind"], **stack(frames)))]


def begin_traceback(line: str) -> Traceback | None:
    """The traceback that this line begins."""
    match = _HEADER.match(line)
    if match is None:
        return None
    return Traceback(line, match[1].removesuffix("  ") if match[2] else match[1])  # a box stands a little to the right


OPENINGS = (
    DiagnosticOpening(
        "python_traceback", rf"^{_PREFIX}(?:\+ Exception Group )?Traceback \(most recent call last\):$", begin_traceback
    ),
    DiagnosticOpening("python_syntax_error", r'^ {2,8}File "[^"]+", line \d+$', SyntaxErrorReport),
    DiagnosticOpening("python_boxed_traceback", r"^ *╭─+ Traceback \(most recent call last\) ─+╮$", BoxedTraceback),
)
