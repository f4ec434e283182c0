"""claude's text: the rows of its screen, and what `claude -p` prints.

On the screen everything begins with a mark: `⏺ Bash(make)` a tool, `⎿` what came of it, `⏺ text` a message, an angle
what the user typed, a spinner's star what it is doing. Questions stand between rules.
"""

import re
from collections.abc import Mapping
from typing import Any

from stream.decoders.account import retry
from stream.grammars.account import Passage, TextAccount
from stream.grammars.claude.calls import Calls
from stream.grammars.claude.questions import QUESTION, Questions
from stream.grammars.grammar import AgentText
from stream.grammars.parts import Parts
from stream.grammars.shapes import Shape, Shapes, runs_with, shape_of
from stream.lazy_regex import lazy_regex
from stream.recording import RecordingHeader
from stream.regions import FAILED_OUTPUT, HEADER, MESSAGE, OUTPUT, PLAIN, PROMPT, Region
from stream.report import Report
from stream.text_block import Where

_BULLETS = "⏺●"
_STARS = "✢✳✶✻✽·"
_PROMPT = "\u276f"  # a heavy angle
_REFUSED = (  # what is said in place of an answer
    r"Reached max turns|Invalid API key|Credit balance|Execution error|Please run /login|Not logged in"
    r"|OAuth token (?:has expired|revoked)|Your organization (?:does not have|has been)"
    r"|This organization has been disabled"
)
_MARKS = (
    rf"^\s*(?:[{_BULLETS}{_PROMPT}⎿] ?|[{_STARS}] \S|─{{8,}}|⏵⏵ )|Claude Code v\d|^\s*Do you (?:want|trust)\b"
    r"|^(?:API Error|Claude (?:AI )?usage limit|You've hit your)|limit reached\b.*\breset"
    rf"|^(?:Error: )?(?:{_REFUSED})\b"
)
_LIMIT = (
    r"(?P<message>(?:Claude (?:AI )?usage limit reached|You've hit your .*limit|.*limit reached\b)"
    r".*?(?:\bresets? (?:at )?(?P<until>[^.·|]+))?)[.·|]*$"
)
_SHAPES = Shapes.of(
    ("banner", r".*Claude Code v(?P<version>\d[\w.]*)"),
    ("question", QUESTION),
    ("call", rf"[{_BULLETS}] (?P<tool>(?:[A-Z][A-Za-z]+|mcp__\w+|[\w-]+ - [\w-]+ \(MCP\)))\((?P<arguments>.*)$"),
    ("message", rf"[{_BULLETS}] \S"),
    ("result", r"\s*⎿ +(?P<text>\S.*)$"),
    ("fault", r"(?:API Error:? ?)(?P<message>.*)$"),
    ("limit", _LIMIT),
    ("error", rf"(?:Error: )?(?P<message>(?:{_REFUSED})\b.*)$"),
    ("compacted", rf"[{_STARS} ]*Conversation compacted"),
    ("spinner", rf"[{_STARS}] (?P<word>\S.*?)…(?P<rest>.*)$"),
    ("rest", rf"[{_STARS}] \S|─{{8,}}|⏵⏵ "),
    ("typed", rf"{_PROMPT} ?"),
)
_MODEL = lazy_regex(r"[^\w]*(?P<model>(?:Opus|Sonnet|Haiku|Claude)[\w .-]*?) ·")
_ATTEMPT = lazy_regex(r"(?i)attempt (\d+)\s*(?:/|of)\s*(\d+)")
_STATUS = lazy_regex(r"\(?(\d{3})\b")
_MESSAGE = lazy_regex(r'"message"\s*:\s*"((?:[^"\\]|\\.)*)"')
_REGIONS = {
    "start": PLAIN, "answer": MESSAGE, "banner": HEADER, "message": MESSAGE, "typed": PROMPT, "call": HEADER,
    "output": OUTPUT, "failed": FAILED_OUTPUT, "question": HEADER, "rest": HEADER,
}  # fmt: skip


class ClaudeText:
    """Of one stream."""

    before = None
    awaits_opening = False

    def __init__(self, header: RecordingHeader, stream: str) -> None:
        self._account = TextAccount("claude_text")
        self._calls = Calls(self._account)
        self._questions = Questions(self._account)
        self._parts = Parts(account=self._account, calls=self._calls, questions=self._questions)
        asked = runs_with(header.command, "-p", "--print") and not runs_with(header.command, "json", "stream-json")
        self._place = "answer" if asked and stream == "stdout" else "start"
        self._is_asked = self._place == "answer"
        self._banner: tuple[str, Passage] | None = None
        self._doing = ""
        self._lines = 0  # of an answer that were read

    @property
    def region(self) -> Region:
        return _REGIONS[self._place]

    @property
    def hungry(self) -> bool:
        return self._place in ("banner", "call", "question", "failed") or (self._is_asked and self._lines == 0)

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        line = line.rstrip()
        self._lines += 1
        if self._place == "banner":
            self._tell_banner(line, report)
        if self._place == "call" and self._calls.take(line, where()):
            return True
        if self._place == "question" and self._questions.take(line, report):
            return True
        if self._place == "failed":
            self._calls.explain(line)
        shape = shape_of(line, _SHAPES)
        if shape is None or not self._counts(shape, fenced=fenced):
            return False
        return self._follow(shape, Passage.of(line, where()), report)

    def settle(self, report: Report) -> None:
        self._account.settle(report)

    def finish(self, at: int, report: Report) -> None:
        if self._banner:
            self._tell_banner("", report)
        self._calls.end(report)
        self._questions.end(report)
        self.settle(report)
        self._calls.finish(report)

    def state(self) -> dict[str, Any]:
        return {
            "place": [self._place, self._doing, self._lines],
            "banner": self._banner,
            **self._parts.state(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._parts.resume(state)
        self._place, self._doing, self._lines = state["place"]
        if state["banner"]:
            self._banner = (state["banner"][0], Passage.resumed(state["banner"][1]))

    def _counts(self, shape: Shape, *, fenced: bool) -> bool:
        """An answer is text, but for a fault that is all of it; on the screen a mark ends whatever is open."""
        faults = ("fault", "limit", "error")
        if self._is_asked:
            return shape.name in faults and self._lines == 1
        if shape.name in ("fault", "limit", "error", "compacted"):
            return not fenced and self._place not in ("typed", "message")
        return True

    def _follow(self, shape: Shape, passage: Passage, report: Report) -> bool:
        name, match = shape
        if name == "result":
            self._place = self._calls.result(match["text"], passage, report, self._questions)
            return True
        self._calls.end(report)
        self._questions.end(report)
        if name == "banner":
            self._banner, self._place = (match["version"], passage), "banner"
        elif name == "question":
            self._questions.begin(line=passage.text.strip(), passage=passage, call=self._calls.open_call)
            self._place = "question"
        elif name == "call":
            self._calls.begin(match["tool"], match["arguments"], passage)
            self._place, self._doing = "call", ""
        elif name == "message":
            self._place, self._doing = "message", ""
            return False  # a fence may begin with the message
        elif name in ("fault", "limit", "error"):
            self._tell_problem(name, match, passage, report)
        elif name == "compacted":
            self._account.tell("state_change", "compacted", passage, report)
        else:
            self._place = "typed" if name == "typed" else "rest"
            self._tell_doing(shape, passage, report)
        return True

    def _tell_banner(self, line: str, report: Report) -> None:
        if self._banner is None:
            return
        (version, passage), self._banner, self._place = self._banner, None, "rest"
        match = _MODEL.match(line)
        metadata = {"version": version} | ({"model": match["model"]} if match else {})
        self._account.tell("session", match["model"] if match else f"claude {version}", passage, report, metadata)

    def _tell_doing(self, shape: Shape, passage: Passage, report: Report) -> None:
        """What the spinner says, once for as long as it says it."""
        if shape.name != "spinner":
            return
        doing = "thinking" if "thinking" in shape.match["rest"] else "working"
        if doing != self._doing:
            self._account.tell("state_change", doing, passage, report)
        self._doing = doing

    def _tell_problem(self, name: str, match: re.Match[str], passage: Passage, report: Report) -> None:
        message = match["message"].strip()
        if name == "limit":
            until = (match["until"] or "").strip()
            metadata = {"reason": message} | ({"until": until} if until else {})
            self._account.tell("state_change", "rate_limited", passage, report, metadata)
        elif name == "fault" and (again := _ATTEMPT.search(message)):
            value, metadata = retry(message, attempt=int(again[1]), of=int(again[2]))
            self._account.tell("state_change", value, passage, report, metadata)
        else:
            status, words = _STATUS.match(message), _MESSAGE.search(message)
            kind = {"kind": f"HTTP {status[1]}"} if status and name == "fault" else {}
            self._account.problem("error", words[1] if words else message or "API Error", passage, report, kind)


CLAUDE = AgentText(_MARKS, lambda header, stream, _texts: ClaudeText(header, stream))
