"""aider's text, all on stdout: a banner, the model's words up to `Tokens: …`, then what was done with them.

Between the banner and the tokens stands the message, edit blocks included; behind them file names, `Applied edit to`,
`Commit`, questions, and the output of commands that were run. Its history file has the same behind `> `, and messages
without.
"""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.grammars.aider.faults import Fault, prefix_of_fault
from stream.grammars.aider.questions import QUESTION, Questions
from stream.grammars.aider.tokens import Tokens
from stream.grammars.grammar import AgentText
from stream.grammars.parts import Parts
from stream.grammars.shapes import Shape, Shapes, shape_of
from stream.lines_before import LinesBefore
from stream.recording import RecordingHeader
from stream.regions import HEADER, MESSAGE, PLAIN, Region
from stream.report import Report
from stream.text_block import Where

_REACH = 1 << 12  # bytes to look back for what a question is about
_MARKS = "|".join(
    (
        r"^Aider v\d",
        r"^(?:Main m|M)odel: ",
        r"^(?:Repo-map|Tokens): ",
        r"^Added .* to the chat\.",
        r"^Applied edit to ",
        r"^Commit [0-9a-f]{7,40} ",
        r"^litellm\.\w+",
        r"^Retrying in [\d.]+ seconds",
        r"^The LLM did not conform to the edit format",
        r"^# \d+ SEARCH/REPLACE blocks? failed to match",
        r"^Only \d+ reflections allowed",
        r"^Model \S+ has hit a token limit",
        r"^\^C again to exit",
        r"\(Y\)es/\(N\)o",
        r": file not found error",
        r"^(?:# aider chat started at |> |#### )",
    )
)
_SHAPES = Shapes.of(
    ("version", r"Aider v(?P<version>\d[\w.]*)$"),
    ("model", r"(?:Main m|M)odel: (?P<model>\S+)(?: with .*)?$"),
    ("banner", r"Repo-map: "),
    ("added", r"Added .* to the chat\.?$"),
    ("tokens", r"Tokens: (?P<tokens>\S.* received\..*)$"),
    ("applied", r"Applied edit to (?P<path>\S.*)$"),
    ("commit", r"Commit (?P<sha>[0-9a-f]{7,40}) (?P<message>\S.*)$"),
    ("unmatched", r"# (?P<message>\d+ SEARCH/REPLACE blocks? failed to match!?)$"),
    ("malformed", r"(?P<message>The LLM did not conform to the edit format\.?)$"),
    ("stopped", r"(?P<message>Only \d+ reflections allowed, stopping\.)$"),
    ("stopped", r"(?P<message>Model \S+ has hit a token limit!?.*)$"),
    ("missing", r"(?P<message>\S.*: file not found error)$"),
    ("interrupted", r"\^C again to exit"),
    ("question", QUESTION),
)


_HISTORY = "# aider chat started at "
_QUOTE = "> "


class AiderText:
    """Of one stream. The message is text; behind the tokens anything may have happened."""

    awaits_opening = False

    def __init__(self, header: RecordingHeader, stream: str) -> None:
        self.before = LinesBefore(_REACH)
        self._account = TextAccount("aider_text")
        self._tokens = Tokens(self._account)
        self._questions = Questions(self._account)
        self._parts = Parts(account=self._account, tokens=self._tokens, questions=self._questions)
        self._fault: Fault | None = None
        self._malformed: Passage | None = None
        self._place = "banner"  # or "message", or "work"
        self._version = ""
        self._own = 0  # number of the last line of its own
        self._quoted = False  # its history: its own lines are quotes

    @property
    def region(self) -> Region:
        if self._fault or self._tokens.is_open:
            return HEADER
        return MESSAGE if self._place == "message" else PLAIN

    @property
    def hungry(self) -> bool:
        return self._fault is not None or self._tokens.is_open

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        line = line.rstrip()
        if line.startswith(_HISTORY):
            self._quoted = True
        if self._quoted and not line.startswith(_QUOTE):
            self._place = "message"
            return False
        own = self._read(line.removeprefix(_QUOTE) if self._quoted else line, where, report, fenced=fenced)
        if own:
            self._own = where().number
        return own

    def settle(self, report: Report) -> None:
        self._account.settle(report)

    def finish(self, at: int, report: Report) -> None:
        self._tokens.end(report)
        if self._fault:
            self._fault.tell(self._account, report)
        self._tell_malformed(report)

    def state(self) -> dict[str, Any]:
        return {
            "place": [self._place, self._version, self._own, self._quoted],
            "fault": self._fault,
            "malformed": self._malformed,
            **self._parts.state(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._parts.resume(state)
        self._place, self._version, self._own, self._quoted = state["place"]
        self._fault = Fault.resumed(state["fault"]) if state["fault"] else None
        self._malformed = Passage.resumed(state["malformed"]) if state["malformed"] else None

    def _read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        if self._tokens.is_open and self._tokens.take(line, where(), report):
            return True
        if self._fault and self._read_fault(self._fault, line, where, report):
            return True
        if not fenced and prefix_of_fault(line):
            self._look_back(where().number)
            self._fault = Fault.begin(Passage.of(line, where()))
            return True
        shape = shape_of(line, _SHAPES)
        if shape and (not fenced or shape.name == "tokens"):
            self._look_back(where().number)
            return self._follow(shape, Passage.of(line, where()), report)
        return False

    def _look_back(self, number: int) -> None:
        """At the lines since the last one of its own: the question in this one may be about them."""
        lines = list(islice(self.before.lines(), max(0, number - 1 - self._own)))
        lines = [line.removeprefix(_QUOTE) for line in lines] if self._quoted else lines
        self._questions.subjects(lines[::-1], at_work=self._place == "work")

    def _read_fault(self, fault: Fault, line: str, where: Where, report: Report) -> bool:
        self._fault = fault.take(line, where())
        if self._fault is None:
            fault.tell(self._account, report, again=line, where=where())
        return self._fault is not None or line.startswith("Retrying in ")

    def _follow(self, shape: Shape, passage: Passage, report: Report) -> bool:
        name, match = shape
        if name == "unmatched":
            self._malformed = None
            self._account.problem("error", match["message"].rstrip("!"), passage, report)
            return True
        self._tell_malformed(report)
        if name == "version":
            self._version = match["version"]
        elif name == "model":
            metadata = {"model": match["model"]} | ({"version": self._version} if self._version else {})
            self._account.tell("session", match["model"], passage, report, metadata)
        elif name in ("banner", "added"):
            self._place = "message"
        elif name == "tokens":
            self._tokens.begin(match["tokens"], passage, report)
            self._place = "work"
        else:
            self._tell(name, match, passage, report)
        return True

    def _tell(self, name: str, match: re.Match[str], passage: Passage, report: Report) -> None:
        if name == "applied":
            operation = self._questions.operation_of(match["path"])
            self._account.tell("file_operation", match["path"], passage, report, operation)
        elif name == "commit":
            metadata = {"action": "commit", "sha": match["sha"], "message": match["message"]}
            self._account.tell("git", passage.text, passage, report, metadata)
        elif name == "malformed":
            self._malformed = passage
            self._place = "message"  # what is told the model, and its next try
        elif name in ("stopped", "missing"):
            self._account.problem("error", match["message"], passage, report)
        elif name == "interrupted":
            self._account.tell("state_change", "interrupted", passage, report)
        elif name == "question":
            self._questions.ask(match, passage, report)

    def _tell_malformed(self, report: Report) -> None:
        if self._malformed:
            passage, self._malformed = self._malformed, None
            self._account.problem("error", passage.text, passage, report)


AIDER = AgentText(_MARKS, lambda header, stream, _texts: AiderText(header, stream))
