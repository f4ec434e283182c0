"""gemini's text: the model's words on stdout, notices on stderr: tools that failed, attempts that are repeated, faults.

Which tools did what was asked for is not told. Where its JSON is read, whose records tell all this, the notices say
nothing; where JSON is asked for and none comes, they are told at the end.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from stream.decoders.account import http_kind, retry
from stream.grammars.account import Passage, TextAccount
from stream.grammars.gemini.command import gemini_words
from stream.grammars.shapes import Shape, Shapes, runs_with, shape_of
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.recording import RecordingHeader
from stream.regions import ANSWER, ANSWER_BEGINS, HEADER, PLAIN, Region
from stream.report import Report
from stream.text_block import Where

MARKS = (
    r"^(?:Error executing tool |Attempt \d+ failed|Error when talking to |An unexpected critical error occurred"
    r"|\[(?:WARNING|ERROR)\] |Loop detected|Reached max session turns|Maximum session turns|Invalid auth method"
    r"|Please set an Auth method)"
)
_SHAPES = Shapes.of(
    ("tool", r"Error executing tool (?P<tool>[\w.-]+): (?P<message>\S.*)$"),
    (
        "retry",
        r"Attempt (?P<attempt>\d+) failed(?: with status (?P<status>\d+))?\W+(?:.*?)[Rr]etrying\b(?P<reason>.*)$",
    ),
    ("fault", r"Error when talking to (?P<message>.*)$"),
    ("crash", r"(?P<message>An unexpected critical error occurred.*)$"),
    ("warning", r"\[WARNING\] (?P<message>\S.*)$"),
    ("error", r"\[ERROR\] (?P<message>\S.*)$"),
    ("error", r"(?P<message>(?:Loop detected|Reached max session turns|Maximum session turns)\b.*)$"),
    ("error", r"(?P<message>(?:Invalid auth method|Please set an Auth method)\b.*)$"),
)
# Behind a fault stand its stack and what the runtime knows of it.
_DETAIL = r"\s+at |\s+\S.*|[{}\]]"
_STARTING = (
    r"Warning: |YOLO mode|Ripgrep is not available|\[STARTUP\]|Loaded cached|Approval mode|Data collection"
    r"|Hook registry|MCP |\(node:|\(Use `node"
)
_REASON = lazy_regex(r'"message"\s*:\s*("(?:[^"\\]|\\.)*")')


_REGIONS = {"answer_begins": ANSWER_BEGINS, "answer": ANSWER}
_MOST_HELD = 50


class GeminiText:
    """Of one stream."""

    before = None
    awaits_opening = False

    def __init__(self, header: RecordingHeader, stream: str) -> None:
        self._account = TextAccount("gemini_text")
        words = gemini_words(header)
        self._promises_json = runs_with(words, "json", "stream-json")
        asked = runs_with(words, "-p", "--prompt") or header.mode[0] == "pipe"
        first = "starting" if header.mode[1] == "pty" else "answer_begins"
        answers = asked and not self._promises_json and stream == "stdout"
        self._place = first if answers else "notices"  # or "answer"
        self._in_detail = False
        self._held: list[tuple[str, Line]] = []  # notices that a record may tell as well

    @property
    def region(self) -> Region:
        return HEADER if self._in_detail else _REGIONS.get(self._place, PLAIN)

    @property
    def hungry(self) -> bool:
        return self._in_detail or self._place in ("starting", "answer_begins")

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        if _speaks_json(report):
            self._place, self._held = "notices", []
        if self._in_detail:
            if re.match(_DETAIL, line):
                return True
            self._in_detail = False
        shape = None if fenced else shape_of(line, _SHAPES)
        if shape is None:
            if self._place in ("starting", "answer_begins") and line.strip() and not re.match(_STARTING, line):
                self._place = "answer"
            return False
        if self._promises_json:
            self._held = [*self._held, (line, where())][-_MOST_HELD:]
        elif not _speaks_json(report):
            self._follow(shape, Passage.of(line, where()), report)
        self._in_detail = shape.name in ("retry", "fault")
        return True

    def settle(self, report: Report) -> None:
        self._account.settle(report)

    def finish(self, at: int, report: Report) -> None:
        """Where no record has told it, the notices do."""
        for line, where in () if _speaks_json(report) else self._held:
            if shape := shape_of(line, _SHAPES):
                self._follow(shape, Passage.of(line, where), report)
        self.settle(report)

    def state(self) -> dict[str, Any]:
        return {"place": [self._place, self._in_detail], "account": self._account.state(), "held": self._held}

    def resume(self, state: Mapping[str, Any]) -> None:
        self._place, self._in_detail = state["place"]
        self._account.resume(state["account"])
        self._held = [(line, Line(*where)) for line, where in state["held"]]

    def _follow(self, shape: Shape, passage: Passage, report: Report) -> None:
        name, match = shape
        if name == "tool":
            reason = match["message"].removeprefix("Error: ")
            self._account.call_alone(
                match["tool"], passage, report, {"tool": match["tool"], "outcome": "error"}, reason
            )
        elif name == "retry":
            reason = " ".join(filter(None, (match["status"], _message(match["reason"]))))
            value, metadata = retry(reason, attempt=int(match["attempt"]))
            self._account.tell("state_change", value, passage, report, metadata)
        elif name == "fault":
            message = _message(match["message"])
            status = re.search(r'"code"\s*:\s*(\d{3})\b', match["message"])
            kind = {"kind": f"HTTP {status[1]}"} if status else http_kind(message)
            self._account.problem("error", message, passage, report, kind)
        elif name == "crash":
            if not self._account.has_problem:  # else it is what came of it
                self._account.problem("error", match["message"], passage, report)
        else:
            self._account.problem(name, match["message"], passage, report)


def _speaks_json(report: Report) -> bool:
    return "gemini" in report.heard


def _message(text: str) -> str:
    """The server's own words among what was printed, else all of it."""
    found = _REASON.search(text)
    try:
        return str(json.loads(found[1])) if found else text.strip(" .:")
    except ValueError:
        return text.strip(" .:")
