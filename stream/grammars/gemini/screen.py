"""gemini's full-screen program: boxes and marks. `? Shell  make` asks, `✓  Shell make` did, `✦` speaks.

What a tool printed stands in its box, the end of it alone if it is long. A tick says that the tool ran: whether the
command failed, its output tells.
"""

import re
from collections.abc import Mapping
from typing import Any

from stream.decoders.account import Account, http_kind
from stream.decoders.fields import known
from stream.decoders.record import Record
from stream.embedded import EmbeddedTexts
from stream.grammars.gemini.screen_calls import Box, Calls
from stream.grammars.gemini.screen_footer import Footer, is_footer
from stream.grammars.gemini.screen_questions import Questions
from stream.grammars.gemini.screen_stats import Stats
from stream.grammars.parts import Parts
from stream.grammars.screen_rows import is_border, record_of, unframed
from stream.grammars.shapes import Shape, Shapes, shape_of
from stream.regions import HEADER, MESSAGE, PLAIN, PROMPT, Region
from stream.report import Report
from stream.text_block import Where

SCREEN_MARKS = (
    r"^\s*(?:[│╭╰✦✓✔✗✘✕ℹ⚠]|[x?o⊷⊶\-] {1,2}\w|> |workspace \(/directory\) |\S.*\(esc to cancel)"  # noqa: RUF001
    r"|Gemini CLI v\d"
)
_TOOL = r"(?P<tool>[A-Z]\w*|[\w.-]+ \([\w.-]+ MCP Server\))"
_SHAPES = Shapes.of(
    ("banner", r".*Gemini CLI v(?P<version>\d[\w.-]*)"),
    ("question", rf"\s*[?] {{1,2}}{_TOOL}(?: {{1,2}}(?P<rest>\S.*))?$"),
    ("call", rf"\s*(?P<mark>[✓✔✗✘x⊷⊶o\-]) {{2}}{_TOOL}(?: {{1,2}}(?P<rest>\S.*))?$"),
    ("message", r"\s*✦ "),
    ("stats", r"\s*(?:Session Stats|Agent powering down\b.*|Interaction Summary)$"),
    ("thinking", r"\s*[\u2800-\u28ff] .*\(esc to cancel"),
    ("cancelled", r"\s*ℹ +Request cancell?ed"),  # noqa: RUF001
    ("note", r"\s*ℹ "),  # noqa: RUF001
    ("error", r"\s*✕ +(?P<message>\S.*)$"),
    ("warning", r"\s*⚠ +(?:Warning: )?(?P<message>\S.*)$"),
    ("typed", r" *> (?P<text>\S?)"),
)
_REGIONS = {"start": PLAIN, "message": MESSAGE, "typed": PROMPT}
_TOP = "╭"
_SIDE = "│"  # of a tool's box; a table in a message is indented
_CLOSED = ("message", "typed", "start")  # where rows are not of a box


_BEGINNINGS = frozenset({"banner", "question", "call", "message", "stats", "thinking"})


def begins_screen(line: str) -> bool:
    """Whether nobody but gemini's full-screen program is likely to print this row."""
    shape = shape_of(unframed(line).text, _SHAPES)
    return is_footer(line) or (shape is not None and shape.name in _BEGINNINGS)


class GeminiScreen:
    """Of one stream."""

    before = None
    awaits_opening = False

    def __init__(self, texts: EmbeddedTexts) -> None:
        self._texts = texts
        self._account = Account("gemini", "gemini_screen")
        self._questions = Questions(self._account)
        self._calls = Calls(self._account, self._questions)
        self._stats = Stats(self._account)
        self._footer = Footer()
        self._parts = Parts(
            account=self._account,
            questions=self._questions,
            calls=self._calls,
            stats=self._stats,
            footer=self._footer,
        )
        self._place = "start"  # or "message", "typed", "question", "call", "stats", "rest"
        self._doing = ""
        self._is_top = False  # whether the last row was the top of a box

    @property
    def region(self) -> Region:
        return _REGIONS.get(self._place, HEADER)

    @property
    def hungry(self) -> bool:
        return self._place in ("question", "call", "stats") or self._footer.hungry

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        row = unframed(line)
        self._footer.look(line.rstrip())
        first, self._is_top = self._is_top, line.startswith(_TOP)
        if is_border(row.text):
            return self._place not in ("message", "typed")
        shape = None if fenced else shape_of(row.text, _SHAPES)
        if shape and self._counts(shape, depth=row.depth):
            self._end(report)
            box = (Box.TOP if first else Box.WITHIN) if row.depth else Box.NONE
            return self._follow(shape, record_of(line, where()), report, box)
        if self._place == "call" and self._calls.is_left_by(row):
            self._end(report)
            self._place = "rest"
        if self._place == "question":
            self._questions.take(row, report)
        elif self._place == "stats":
            self._stats.take(row.text, where())
        elif (self._place == "call" or line.startswith(_SIDE)) and self._calls.take(row, where()):
            return True
        return self._place not in _CLOSED

    def settle(self, report: Report) -> None:
        """Nothing waits for what others tell."""

    def finish(self, at: int, report: Report) -> None:
        self._end(report)
        self._calls.finish(report, self._texts)

    def state(self) -> dict[str, Any]:
        return {
            "place": [self._place, self._doing, self._is_top],
            **self._parts.state(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._parts.resume(state)
        self._place, self._doing, self._is_top = state["place"]

    def _counts(self, shape: Shape, *, depth: int) -> bool:
        """Within a box only its own head, and the next one, are marks: whatever else a command prints is output."""
        if depth > 1:
            return False
        if depth == 1:
            return shape.name in ("question", "call", "stats")
        if self._place == "message":
            return shape.name not in ("warning", "error", "stats", "banner")
        return True

    def _end(self, report: Report) -> None:
        """Another thing begins."""
        self._questions.end(report)
        self._calls.end(report, self._texts)
        self._stats.end(report)

    def _follow(self, shape: Shape, record: Record, report: Report, box: Box) -> bool:
        name, match = shape
        if name != "call":
            self._calls.part()
        if self._is_new(shape):
            self._doing = ""
        self._place = name if name in ("message", "typed", "question", "call", "stats") else "rest"
        if name == "message":
            return False  # a fence may begin with the message
        if name == "banner":
            version, model = match["version"], self._footer.model
            metadata = known(model=model, version=version)
            self._account.tell("session", model or f"gemini {version}", record, report, metadata)
        elif name == "question":
            self._questions.begin(match["tool"], match["rest"] or "", record)
        elif name == "call":
            self._calls.begin(match["mark"], match["tool"], match["rest"] or "", record, box)
        elif name == "stats":
            self._stats.begin(record)
        else:
            self._tell(name, match, record, report)
        return True

    def _is_new(self, shape: Shape) -> bool:
        """Whether it ends the state before; one that was interrupted lasts until there is something new to do."""
        name, match = shape
        if name == "call":
            return self._doing != "interrupted" or not self._calls.is_end(match["mark"])
        return name == "message" or (self._doing == "interrupted" and (name == "question" or _has_text(shape)))

    def _tell(self, name: str, match: re.Match[str], record: Record, report: Report) -> None:
        if name in ("error", "warning"):
            message = match["message"].removeprefix("[").removesuffix("]")
            self._account.problem(name, message, record, report, http_kind(message))
        elif name in ("thinking", "cancelled"):
            value = "thinking" if name == "thinking" else "interrupted"
            if self._doing not in (value, "interrupted"):  # painted again and again, and once more when it is gone
                self._account.tell("state_change", value, record, report)
                self._doing = value


def _has_text(shape: Shape) -> bool:
    """Whether it is a prompt, and not the box for one, which says what may be typed."""
    return shape.name == "typed" and bool(shape.match["text"])
