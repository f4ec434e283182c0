"""The rows of codex's full-screen program, as far as its marks tell: cells that begin with a bullet, and questions.

A change of a file is shown before it is asked about, and stays on the screen when it fails: it counts when the next
cell has come without a word of failure.
"""

import re
from collections.abc import Mapping
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.grammars.codex.screen_banner import BANNER, MODEL, Banner
from stream.grammars.codex.screen_cells import Cells
from stream.grammars.codex.screen_questions import QUESTION, Questions
from stream.grammars.parts import Parts
from stream.grammars.shapes import Shape, Shapes, shape_of
from stream.regions import DIFF, FAILED_OUTPUT, HEADER, MESSAGE, OUTPUT, PLAIN, PROMPT, Region
from stream.report import Report
from stream.text_block import Where
from stream.token_counts import Tokens, parse_count

SCREEN_MARKS = (
    r"^(?:[│ ]*(?:>_ OpenAI Codex|[Mm]odel: )|[•■⚠\x{203a}] |[✔✓✗✘] (?:You |Failed to apply)"
    r"|Token usage: |\s+Destination: |  \$ )"
    r"|Would you like to (?:run the|make the|grant)"
)
_NUMBER = r"[\d.,\u00a0\u202f']+"
_USAGE = (
    rf"Token usage: (?P<all>total=(?P<total>{_NUMBER}) input=(?P<input>{_NUMBER})"
    rf"(?: \(\+ (?P<cached>{_NUMBER}) cached\))? output=(?P<output>{_NUMBER})"
    rf"(?: \(reasoning (?P<reasoning>{_NUMBER})\))?)"
)
_SHAPES = Shapes.of(
    ("banner", BANNER),
    ("model", MODEL),
    ("question", QUESTION),
    ("destination", r"\s+Destination: (?P<path>\S.*)$"),
    ("asked", r"  \$ (?P<command>\S.*)$"),
    ("running", r"• Running (?P<command>\S.*)$"),
    ("explored", r"• Explor(?:ed|ing)$"),
    ("called", r"• Called (?P<tool>[\w-]+\.[\w-]+)\((?P<arguments>.*)\)$"),
    ("ran", r"• (?:Ran|Exited \(status (?P<code>-?\d+)\)) (?P<command>\S.*)$"),
    (
        "edited",
        r"• (?P<verb>Edited|Added|Deleted) (?P<path>\S.*?) \(\+(?P<added>\d+) -(?P<removed>\d+)\)$",
    ),
    ("unapplied", r"[✘✗] (?P<message>Failed to apply patch.*)$"),
    ("refused", r"[✗✘] You (?:cancell?ed the request|did not approve codex) to run (?P<command>\S.*?)(?: this time)?$"),
    ("approved", r"[✔✓] You approved codex to (?:always )?run (?P<command>\S.*?)(?: (?:this|every) time\b.*)?$"),
    ("interrupted", r"■ Conversation interrupted"),
    ("error", r"■ (?P<message>\S.*)$"),
    ("warning", r"⚠ (?P<message>\S.*)$"),
    ("usage", _USAGE),
    ("compacted", r"• Context compacted"),
    ("working", r"• (?:Working|Thinking) \("),
    ("text", r"• \S"),
    ("typed", r"\u203a (?!\d\. )"),
)  # fmt: skip
_CELLS = {"running": "rest", "explored": "explored", "called": "command", "ran": "command", "edited": "diff"}
_REGIONS = {
    "start": PLAIN, "banner": HEADER, "command": HEADER, "explored": HEADER, "message": MESSAGE, "typed": PROMPT,
    "output": OUTPUT, "failed": FAILED_OUTPUT, "diff": DIFF, "question": HEADER, "rest": HEADER, "after": PLAIN,
}  # fmt: skip


_BEGINNINGS = frozenset({"banner", "question", "ran", "refused", "approved", "usage"})


def begins_screen(line: str) -> bool:
    """Whether nobody but codex's full-screen program is likely to print this row."""
    shape = shape_of(line, _SHAPES)
    return shape is not None and shape.name in _BEGINNINGS


class CodexScreen:
    """Of one stream."""

    before = None

    def __init__(self) -> None:
        self._account = TextAccount("codex_screen")
        self._cells = Cells(self._account)
        self._questions = Questions(self._account)
        self._place = "start"
        self._banner = Banner(self._account)
        self._parts = Parts(account=self._account, cells=self._cells, questions=self._questions, banner=self._banner)
        self._last_state = ""  # while nothing else has happened

    @property
    def region(self) -> Region:
        return _REGIONS[self._place]

    @property
    def hungry(self) -> bool:
        return self._place in ("banner", "question", "failed", "command", "explored")

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        line = line.rstrip()
        shape = None if fenced else shape_of(line, _SHAPES)
        if self._place == "banner":
            if (shape is None or shape.name == "model") and self._banner.take(line):
                return True
            self._banner.end(report)
            self._place = "rest"
        if self._place == "question" and self._questions.take(line):
            return True
        if self._place == "command":
            if self._cells.take(line, where()):
                return True
            self._place = self._cells.tell_command(line, report)
        if self._place == "failed":
            self._cells.explain(line)
        if self._place == "explored" and self._cells.look(line, where, report):
            return True
        if shape is None or (shape.name in ("destination", "asked") and self._place in ("output", "failed", "message")):
            return False
        return self._follow(shape, Passage.of(line, where()), report)

    def settle(self, report: Report) -> None:
        self._account.settle(report)

    def finish(self, at: int, report: Report) -> None:
        self._banner.end(report)
        if self._place == "command":
            self._cells.tell_command("", report)
        self._account.output_ends(report)
        self._cells.end(report, asked=self._questions.is_open)
        self._questions.end(report)
        self.settle(report)
        self._cells.finish(report)

    def state(self) -> dict[str, Any]:
        return {
            "place": [self._place, self._last_state],
            **self._parts.state(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._parts.resume(state)
        self._place, self._last_state = state["place"]

    def _follow(self, shape: Shape, passage: Passage, report: Report) -> bool:
        name, match = shape
        if name == "model":
            return self._place == "rest" and self._banner.name(match["model"], passage, report)
        self._account.output_ends(report)
        if name in ("question", "destination", "asked"):
            self._questions.end(report)
            self._questions.begin(shape, passage)
            self._place = "question"
            return True
        self._questions.end(report)
        if name not in ("unapplied", "interrupted", "working", "typed", "banner"):
            self._cells.end(report)
        if name in _CELLS:
            self._last_state = ""
            self._begin_cell(name, match, passage)
        elif name == "text":
            self._place, self._last_state = "message", ""
            return False
        else:
            self._tell(name, match, passage, report)
        return True

    def _begin_cell(self, name: str, match: re.Match[str], passage: Passage) -> None:
        self._place = _CELLS[name]
        if name != "explored":
            self._cells.look_elsewhere()
        if name == "running":
            self._cells.begin(match["command"], passage)
        elif name == "ran":
            self._cells.run(match["command"], match["code"], passage)
        elif name == "called":
            self._cells.call(match["tool"], match["arguments"], passage)
        elif name == "edited":
            self._cells.edit(match, passage)

    def _tell(self, name: str, match: re.Match[str], passage: Passage, report: Report) -> None:
        self._place = {"typed": "typed", "usage": "after"}.get(name, "rest")
        if name == "banner":
            self._banner.begin(match["version"], passage)
            self._place = "banner"
        elif name in ("refused", "approved"):
            self._questions.decide(match["command"], refused=name == "refused", passage=passage, report=report)
            if name == "refused":
                self._cells.refuse(match["command"], passage, report)
        elif name == "unapplied":
            self._cells.fail(match["message"], passage, report)
        elif name in ("error", "warning"):
            self._account.problem(name, match["message"], passage, report)
        elif name == "usage":
            self._count(match, passage, report)
        elif name in ("interrupted", "compacted", "working"):
            self._tell_state(name, passage, report)

    def _tell_state(self, name: str, passage: Passage, report: Report) -> None:
        """Once: it stays on the screen, and is painted again."""
        if name == "interrupted":
            self._cells.drop()
        if name != self._last_state:
            self._account.tell("state_change", name, passage, report)
        self._last_state = name

    def _count(self, match: re.Match[str], passage: Passage, report: Report) -> None:
        names = {"input": "input_uncached", "cached": "cache_read", "output": "output", "reasoning": "reasoning"}
        counts = {field: parse_count(match[name] or "") for name, field in {**names, "total": "total"}.items()}
        tokens = Tokens(**{field: count.value for field, count in counts.items() if count})
        self._account.tell("metric", match["all"], passage, report, {"tokens": tokens.told(), "scope": "thread"})
        report.usage(
            tokens,
            passage.where,
            key=f"total {tokens.total}",
            scope="thread",
            source="codex token usage",
            thread=self._banner.told("agent_session_id"),
            model=self._banner.told("model"),
        )
