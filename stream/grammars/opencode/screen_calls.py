"""The tools on opencode's screen, and the questions about them. Pure.

Tools that are called together are named one below the other, before it is shown what each of them did.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.decoders.account import Account
from stream.decoders.calls import Call, Outcome, ToolCalls
from stream.decoders.record import Record
from stream.embedded import EmbeddedTexts
from stream.grammars.screen_rows import row_state, rowed
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

_KINDS = {"bash": "command", "Edit": "edit", "Write": "edit", "Read": "read", "WebFetch": "network"}
_CHANGERS = frozenset({"Edit", "Write", "Patch", "Apply_patch", "ApplyPatch"})
_SUBJECT = lazy_regex(r"\s*(?:\$ (?P<command>\S.*)|[→←✱%◈⚙⚡] (?P<tool>[A-Z]\w*)(?: (?P<subject>\S.*))?)$")
_OPTIONS = lazy_regex(r"\s*(?P<options>Allow once +.*?)(?: {4,}|$)")
_REJECTED = lazy_regex(r".*\brejected permission\b")
_CUT = lazy_regex(r"\s*(?:…|Click to expand)$")
_MOST_ROWS = 300
_SHOWN_ROWS = 9  # of an output; opencode 1.18 hides the rest until it is clicked on
_MOST_CHOICES = 9
_MOST_CALLED = 50  # calls that may wait at a time; beyond that the oldest is given up


class _Shown(NamedTuple):
    """A tool that was called. `did`: it is shown what it did."""

    tool: str
    subject: str
    record: Record
    did: bool = False
    asked: int = 0  # line of the question about it
    rows: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        return self.subject if self.tool == "bash" else f"{self.tool}: {self.subject}".removesuffix(": ")

    def is_of(self, tool: str, subject: str) -> bool:
        """Whether a row that names these shows this call."""
        return (self.tool, self.subject) == (tool, subject)

    def state(self) -> list[Any]:
        """JSON-serialisable and bounded."""
        return [*self[:2], row_state(self.record), *self[3:]]

    @classmethod
    def resumed(cls, row: Sequence[Any]) -> Self:
        """Of its JSON form."""
        return cls(row[0], row[1], rowed(row[2]), row[3], row[4], tuple(row[5]))


class Calls:
    """Of one screen. Several may have been called; at most one is shown in full, and is open."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._calls = ToolCalls(account)
        self._open: _Shown | None = None
        self._called: list[_Shown] = []  # those of which nothing is shown yet but that they were called
        self._question: tuple[str, str, Record] | None = None  # tool and subject, as they become known

    def begin(self, tool: str, subject: str, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        """A tool is called; one that only reads is shown when it has."""
        if self._open and self._open.is_of(tool, subject):
            return
        self.leave(report, texts)
        called = self._take_called(tool, subject)
        self._open = called or _Shown(tool, subject, record, did=tool not in _CHANGERS and tool != "bash")

    def show(self, tool: str, subject: str, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        """Behind the bar: what the tool did follows."""
        self.begin(tool, subject, record, report, texts)
        if self._open:
            self._open = self._open._replace(did=True)

    def take(self, text: str, where: Line) -> None:
        """A row of what the open tool printed or changed."""
        if self._open and text.strip() and len(self._open.rows) < _MOST_ROWS:
            record = self._open.record._replace(line_end=where.number)
            did = self._open.did or self._open.tool == "bash"
            self._open = self._open._replace(rows=(*self._open.rows, text.removeprefix(" ")), record=record, did=did)

    def ask(self, record: Record, report: Report) -> None:
        """Somebody must permit it."""
        self._end_question([], report)
        self._question = ("", "", record)

    def take_question(self, text: str, report: Report) -> bool:
        """A row of the question. Whether it was the last one."""
        if self._question is None:
            return True
        tool, subject, record = self._question
        if options := _OPTIONS.match(text):
            self._end_question([word.strip() for word in options["options"].split("   ") if word.strip()], report)
            return True
        if not subject and (match := _SUBJECT.match(text)):
            tool = "bash" if match["command"] else match["tool"]
            self._question = (tool, match["command"] or match["subject"] or "", record)
        return False

    def end(self, report: Report, texts: EmbeddedTexts) -> None:
        """Another thing begins: what was called is over."""
        self.leave(report, texts)
        called, self._called = self._called, []
        for shown in sorted(called, key=lambda shown: shown.record.where.number):
            self._tell(shown, report, texts)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        question = self._question and [*self._question[:2], row_state(self._question[2])]
        called = [shown.state() for shown in self._called]
        return {"open": self._open and self._open.state(), "called": called, "question": question}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._open = _Shown.resumed(state["open"]) if state["open"] else None
        self._called = [_Shown.resumed(row) for row in state["called"]]
        if state["question"]:
            tool, subject, record = state["question"]
            self._question = (tool, subject, rowed(record))

    def leave(self, report: Report, texts: EmbeddedTexts) -> None:
        """Another call follows. The open one is told if it is known what it did; else it waits to be shown."""
        self._end_question([], report)
        shown, self._open = self._open, None
        if shown is None:
            return
        if not shown.did:
            self._called.append(shown)
            if len(self._called) <= _MOST_CALLED:
                return
            shown = self._called.pop(0)
        self._tell(shown, report, texts)

    def _take_called(self, tool: str, subject: str) -> _Shown | None:
        for place, shown in enumerate(self._called):
            if shown.is_of(tool, subject):
                return self._called.pop(place)
        return None

    def _end_question(self, options: Sequence[str], report: Report) -> None:
        if self._question is None:
            return
        (tool, subject, record), self._question = self._question, None
        metadata: dict[str, Any] = {"phase": "asked", "kind": _KINDS.get(tool, "tool")}
        metadata |= {"options": list(options[:_MOST_CHOICES])} if options else {}
        self._account.tell("permission", subject or tool or "Permission required", record, report, metadata)
        self._mark_asked(tool, subject, record.where.number)

    def _mark_asked(self, tool: str, subject: str, line: int) -> None:
        """The call that the question is about: what is shown next is of it."""
        called = self._take_called(tool, subject)
        if called is None:
            self._open = self._open and self._open._replace(asked=line)
            return
        called = called._replace(asked=line)
        if self._open is None or not self._open.did:
            self._open, called = called, self._open
        if called:
            self._called.append(called)

    def _tell(self, shown: _Shown, report: Report, texts: EmbeddedTexts) -> None:
        rejected = any(_REJECTED.match(row) for row in shown.rows)
        cut = len(shown.rows) >= _SHOWN_ROWS or any(_CUT.match(row) for row in shown.rows)
        is_command = shown.tool == "bash"
        call = Call("", shown.tool, shown.value, {"command": shown.subject} if is_command else {})
        if shown.asked and (rejected or shown.did):
            answer = {"phase": "denied"} if rejected else {"phase": "answered", "answer": "yes"}
            metadata = {**answer, "kind": _KINDS.get(shown.tool, "tool"), "asked_line": shown.asked}
            self._account.tell("permission", shown.subject, shown.record, report, metadata)
        outcome = "denied" if rejected else "ok" if shown.did else "unknown"
        output = "\n".join(row for row in shown.rows if not _CUT.match(row)) if is_command and not rejected else ""
        # Of a command whose output is cut nobody knows how it ended, unless what is shown names an error.
        outcome = "unknown" if is_command and cut and outcome == "ok" else outcome
        end = Outcome(outcome, output=output, trusted=not is_command)
        if self._calls.end(call, end, shown.record, report, texts).outcome == "ok" and shown.tool in _CHANGERS:
            operation = {"operation": "modified"} if shown.tool == "Edit" else {}  # a file may have been there before
            self._account.tell("file_operation", shown.subject, shown.record, report, operation)
