"""The tools on gemini's screen: the row with mark and name, and what stands below it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.decoders.account import Account
from stream.decoders.calls import Call, Outcome, ToolCalls, exit_code_in
from stream.decoders.record import Record
from stream.embedded import EmbeddedTexts
from stream.grammars.gemini.screen_questions import Questions
from stream.grammars.screen_rows import Row, row_state, rowed
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

_OUTCOMES = {"✓": "ok", "✔": "ok", "✗": "error", "✘": "error", "x": "error", "-": "cancelled"}
_PLACE = lazy_regex(r" \[(?:current working directory|in) [^\]]*\].*$")
_DONE = lazy_regex(r"(?P<path>\S.*?) → Accepted(?: \(\+(?P<added>\d+), -(?P<removed>\d+)\))?$")
_PATH = lazy_regex(r"(?:Writing to )?(?P<path>\S+?):?(?: .*)?$")
_HIDDEN = lazy_regex(r"\.\.\. (?:first|last) \d+ lines? hidden")
_CHANGERS = frozenset({"Edit", "WriteFile", "Replace"})
_MOST_ROWS = 300


class _Shown(NamedTuple):
    """A call, the rows below it."""

    mark: str
    tool: str
    rest: str
    record: Record
    rows: tuple[str, ...] = ()

    @classmethod
    def resumed(cls, row: Sequence[Any] | None) -> Self | None:
        """Of its JSON form."""
        return cls(row[0], row[1], row[2], rowed(row[3]), tuple(row[4])) if row else None


class Calls:
    """Of one screen; at most one is open."""

    def __init__(self, account: Account, questions: Questions) -> None:
        self._account = account
        self._questions = questions
        self._calls = ToolCalls(account)
        self._open: _Shown | None = None
        self._running: _Shown | None = None  # its outcome has not been shown

    def begin(self, mark: str, tool: str, rest: str, record: Record) -> None:
        """Its row."""
        self._open = _Shown(mark, tool, _PLACE.sub("", rest), record)

    def take(self, row: Row, where: Line) -> None:
        """A row below it."""
        if self._open and row.text.strip() and len(self._open.rows) < _MOST_ROWS and not _HIDDEN.match(row.text):
            record = self._open.record._replace(line_end=where.number)
            self._open = self._open._replace(rows=(*self._open.rows, row.text), record=record)

    def end(self, report: Report, texts: EmbeddedTexts) -> None:
        """It is whole."""
        shown, self._open = self._open, None
        if shown is None:
            return
        if shown.mark not in _OUTCOMES:
            self._running = shown
            return
        self._running = None
        self._tell(shown, _OUTCOMES[shown.mark], report, texts)

    def finish(self, report: Report, texts: EmbeddedTexts) -> None:
        """Nothing more is shown."""
        if self._running:
            self._tell(self._running, "unknown", report, texts)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        shown = {"open": self._open, "running": self._running}
        return {name: call and [*call[:3], row_state(call.record), call.rows] for name, call in shown.items()}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._open, self._running = _Shown.resumed(state["open"]), _Shown.resumed(state["running"])

    def _tell(self, shown: _Shown, outcome: str, report: Report, texts: EmbeddedTexts) -> None:
        done = _DONE.match(shown.rest)
        subject = self._questions.whole(shown.tool, done["path"] if done else _subject(shown))
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
        if told.outcome == "ok" and shown.tool in _CHANGERS:
            counts = {name: int(done[name]) for name in ("added", "removed") if done and done[name]}
            is_new = shown.tool == "WriteFile" and counts.get("removed") == 0
            metadata = {"operation": "created" if is_new else "modified", **counts}
            self._account.tell("file_operation", subject, shown.record, report, metadata)


def _subject(shown: _Shown) -> str:
    if shown.tool not in _CHANGERS:
        return shown.rest
    match = _PATH.match(shown.rest)
    return match["path"] if match else shown.rest
