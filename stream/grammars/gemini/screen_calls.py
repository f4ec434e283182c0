"""The tools on gemini's screen: the row with mark and name, and what stands below it. Pure."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from stream.decoders.account import Account
from stream.decoders.calls import Call, Outcome, ToolCalls, exit_code_in
from stream.decoders.fields import known
from stream.decoders.record import Record
from stream.embedded import EmbeddedTexts
from stream.grammars.gemini.screen_questions import Questions
from stream.grammars.gemini.screen_running import CHANGERS, DONE, Running, Shown
from stream.grammars.screen_rows import Row
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.regions import FAILED_OUTPUT
from stream.report import Report

_OUTCOMES = {"✓": "ok", "✔": "ok", "✗": "error", "✘": "error", "x": "error", "-": "cancelled"}
_PLACE = lazy_regex(r" \[(?:current working directory|in) [^\]]*\].*$")
_HIDDEN = lazy_regex(r"\.\.\. (?:first|last) \d+ lines? hidden")
_NUMBERED = lazy_regex(r"\s*\d+(?: (?P<sign>\+)| |$)")
_INDENT = "   "  # of what stands below a call that has no box


class Box(Enum):
    """Where the row of a call stands: in no box, within one, at its top."""

    NONE = "none"
    WITHIN = "within"
    TOP = "top"


class Calls:
    """Of one screen; at most one is open."""

    def __init__(self, account: Account, questions: Questions) -> None:
        self._account = account
        self._questions = questions
        self._calls = ToolCalls(account)
        self._open: Shown | None = None
        self._opens_box = False
        self._running = Running()

    @staticmethod
    def is_end(mark: str) -> bool:
        """Whether the mark says that the tool has ended."""
        return mark in _OUTCOMES

    def begin(self, mark: str, tool: str, rest: str, record: Record, box: Box) -> None:
        """Its row."""
        self._opens_box = box is Box.TOP
        self._open = Shown(mark, tool, _PLACE.sub("", rest), record, boxed=box is not Box.NONE)

    def take(self, row: Row, where: Line) -> bool:
        """A row below it, or of one that was seen running. Whether it is one."""
        if not row.text.strip() or _HIDDEN.match(row.text):
            return False
        shown = self._open
        if shown is None or (row.depth and not shown.boxed):
            return bool(row.depth) and self._running.take(row.text)
        if row.depth or (not shown.boxed and row.text.startswith(_INDENT)):
            self._open = shown.below(row.text)._replace(record=shown.record._replace(line_end=where.number))
            return True
        return False

    def is_left_by(self, row: Row) -> bool:
        """Whether the row stands below the box of the one that is open: what comes in a box then may be another's."""
        return self._open is not None and self._open.boxed and row.depth == 0 and bool(row.text.strip())

    def part(self) -> None:
        """Something else than a call has come."""
        self._running.part()

    def end(self, report: Report, texts: EmbeddedTexts) -> None:
        """It is whole."""
        shown, self._open = self._open, None
        if shown is None:
            return
        if shown.mark not in _OUTCOMES:
            self._running.begin(shown, opens_box=self._opens_box)
            return
        shown, outcome = self._running.end(shown), _OUTCOMES[shown.mark]
        in_doubt = shown.doubted and shown.tool == "Shell" and not shown.rows
        self._tell(shown, "unknown" if in_doubt and outcome == "ok" else outcome, report, texts)
        self._tell_strays(shown.record, report, texts)

    def finish(self, report: Report, texts: EmbeddedTexts) -> None:
        """Nothing more is shown."""
        for shown in self._running.left:
            self._tell(shown, "unknown", report, texts)
            self._tell_strays(shown.record, report, texts)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open and [self._opens_box, self._open.state()], "running": self._running.state()}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        if state["open"]:
            self._opens_box, self._open = state["open"][0], Shown.resumed(state["open"][1])
        self._running.resume(state["running"])

    def _tell_strays(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        if rows := self._running.strays():
            texts.read("\n".join(rows), FAILED_OUTPUT, record.where)

    def _tell(self, shown: Shown, outcome: str, report: Report, texts: EmbeddedTexts) -> None:
        done = DONE.match(shown.rest)
        subject = self._questions.whole(shown.tool, shown.subject)
        command = shown.tool == "Shell"
        call = Call(
            "", shown.tool, subject if command else f"{shown.tool}: {subject}".removesuffix(": "),
            {"command": subject} if command else {},
        )  # fmt: skip
        self._questions.decide(shown.tool, subject, outcome, shown.record, report)
        output = "\n".join(row.removeprefix(" ") if not command else row for row in shown.rows)
        if outcome == "error" and not command:
            end = Outcome(outcome, error=output.strip())
        else:
            exit_code = exit_code_in(output) if command else None
            outcome = "error" if exit_code and outcome == "ok" else outcome
            trusted = not command or exit_code is not None
            end = Outcome(outcome, exit_code, output=output if command else "", trusted=trusted)
        told = self._calls.end(call, end, shown.record, report, texts)
        if told.outcome == "ok" and shown.tool in CHANGERS:
            counts = {name: int(done[name]) for name in ("added", "removed") if done and done[name]}
            metadata = known(operation=_operation(shown, counts), **counts)
            self._account.tell("file_operation", subject, shown.record, report, metadata)


def _operation(shown: Shown, counts: Mapping[str, int]) -> str | None:
    """A new file is shown as it is, any other by what was changed; None where that cannot be seen."""
    if shown.tool != "WriteFile" or counts.get("removed"):
        return "modified"
    signs = [match["sign"] for row in shown.rows if (match := _NUMBERED.match(row))]
    if signs and "+" not in signs:
        return "created"
    return "modified" if signs.count("+") == counts.get("added", 0) > 0 else None
