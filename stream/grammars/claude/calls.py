"""The tools on claude's screen: `⏺ Bash(make)` and, some rows below, `⎿` with what came of it. Pure.

The screen repaints: a call may come several times before its result, and is told once, with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

_RUNNING = lazy_regex(r"(?:Running|Waiting|Reading|Searching|Fetching|Initializing)…|Running in the background")
_CANCELLED = lazy_regex(r"Interrupted\b")
_REFUSED = lazy_regex(r"(?:User |Tool use )?(?:rejected|denied|declined)\b|No \(tell Claude|Permission\b.*\bdenied")
_FAILED = lazy_regex(r"(?:Error: )?Exit code (?P<code>\d+)$|Error(?:: (?P<message>.*))?$")
_ERROR_LINE = lazy_regex(
    r"\s*(?:(?:\w*(?:Error|Exception)|error|fatal|FAILED)\b(?:\[\w+\])?:|npm (?:ERR!|error)(?! code))"
    r" *(?P<message>\S.*)$"
)
_ADDED = lazy_regex(r"[Aa]dded (\d+) line|(\d+) addition")
_REMOVED = lazy_regex(r"[Rr]emoved (\d+) line|(\d+) removal")
_WROTE = lazy_regex(r"(?:Wrote|Created) (?:(\d+) lines? to )?")
_EDITS = frozenset({"Update", "Edit", "MultiEdit", "NotebookEdit"})
_MOST_ROWS = 20


class Asked(Protocol):
    """Who knows whether the user was asked about a call."""

    def decided(self, *, refused: bool, passage: Passage, report: Report) -> None: ...


class Call(NamedTuple):
    """`arguments` as they stand between the parentheses."""

    tool: str
    arguments: str
    passage: Passage

    @property
    def value(self) -> str:
        """The command, or the tool and what it is used on."""
        return self.arguments if self.tool == "Bash" else f"{self.tool}: {self.arguments}".removesuffix(": ")

    @classmethod
    def resumed(cls, row: Sequence[Any] | None) -> Self | None:
        """Of its JSON form."""
        return cls(row[0], row[1], Passage.resumed(row[2])) if row else None


class Calls:
    """Of one stream; at most one waits for its result."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self.open_call: Call | None = None
        self._is_reading = False  # the arguments go on in the next row

    def begin(self, tool: str, arguments: str, passage: Passage) -> None:
        """The row with its name; the arguments may go on below."""
        whole = arguments.endswith(")")
        self.open_call = Call(tool, arguments[:-1] if whole else arguments, passage)
        self._is_reading = not whole

    def take(self, line: str, where: Line) -> bool:
        """Whether the row goes on with the arguments."""
        call = self.open_call
        if call is None or not self._is_reading or not line.startswith("  ") or "⎿" in line:
            self._is_reading = False
            return False
        whole = line.endswith(")")
        text = line.strip()
        arguments = f"{call.arguments}\n{text[:-1] if whole else text}"
        self.open_call = Call(call.tool, arguments[:4096], call.passage.through(line, where))
        self._is_reading = not whole and call.passage.text.count("\n") < _MOST_ROWS
        return True

    def result(self, text: str, passage: Passage, report: Report, asked: Asked) -> str:
        """The row behind `⎿`. Where claude stands below it."""
        call = self.open_call
        if call is None or _RUNNING.match(text):
            return "rest"
        self.open_call = None
        whole = call.passage.through(passage.text, passage.where)
        cancelled, refused = bool(_CANCELLED.match(text)), bool(_REFUSED.match(text))
        if cancelled or refused:
            asked.decided(refused=True, passage=passage, report=report)
            metadata = {"tool": call.tool, "outcome": "denied" if refused else "cancelled"}
            self._account.tell("tool_use", call.value, whole, report, metadata)
            if cancelled:
                self._account.tell("state_change", "interrupted", passage, report)
            return "rest"
        asked.decided(refused=False, passage=passage, report=report)
        if failed := _FAILED.match(text):
            code = int(failed["code"]) if failed["code"] else None
            exit_code = {} if code is None else {"exit_code": code}
            outcome = {"tool": call.tool, "outcome": "error", **exit_code}
            self._account.call(call.value, whole, report, outcome, failed["message"] or "")
            return "failed"
        self._account.tell("tool_use", call.value, whole, report, {"tool": call.tool, "outcome": "ok"})
        self._tell_change(call, text, whole, report)
        return "output"

    def explain(self, line: str) -> None:
        """A row of the output of a call that failed: it may say why, in the tool's own words."""
        if match := _ERROR_LINE.match(line):
            self._account.explain(match["message"])

    def end(self, report: Report) -> None:
        """Something else begins."""
        self._account.output_ends(report)

    def finish(self, report: Report) -> None:
        """The stream has ended: nobody knows what became of the call."""
        if call := self.open_call:
            self._account.tell("tool_use", call.value, call.passage, report, {"tool": call.tool, "outcome": "unknown"})

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self.open_call, "reading": self._is_reading}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self.open_call, self._is_reading = Call.resumed(state["open"]), state["reading"]

    def _tell_change(self, call: Call, text: str, passage: Passage, report: Report) -> None:
        wrote = _WROTE.match(text)
        if call.tool in _EDITS:
            counts = {name: words.search(text) for name, words in (("added", _ADDED), ("removed", _REMOVED))}
            metadata: dict[str, Any] = {"operation": "modified"}
            if any(counts.values()):  # the one that is not named is none
                metadata |= {name: int(count[1] or count[2]) if count else 0 for name, count in counts.items()}
        elif call.tool == "Write" and wrote:
            metadata = {"operation": "created"} | ({"added": int(wrote[1]), "removed": 0} if wrote[1] else {})
        else:
            return
        self._account.tell("file_operation", call.arguments, passage, report, metadata)
