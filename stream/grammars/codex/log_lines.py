"""What codex's log lines and `ERROR:` lines say: refusals, patches that do not fit, retries, faults. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.decoders.account import retry
from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report
from stream.shell.programs import inner_command

_REFUSED = lazy_regex(r"`(?P<command>[^`]+)` (?:was )?rejected(?: by [^:]*)?: (?P<reason>.*?)[\"\\)}\s]*$", re.DOTALL)
_RETRY = lazy_regex(
    r"(?is)(?P<before>.*?)[;,.]?\s*\b(?:re-?connecting|retrying)\b\D*(?P<attempt>\d+)\s*/\s*(?P<of>\d+)"
    r"(?: in [\d.]+m?s)?[.… ]*(?:\((?P<why>.*)\))?$"
)
# A patch that was never applied: codex prints neither `apply patch` nor its outcome.
_UNFIT = "apply_patch verification failed"
_UNFIT_FILE = lazy_regex(
    r".* (?:in|update|delete|read|write|file|for) (?P<path>(?:/|[A-Za-z]:[\\/]).*?)(?::(?: .*)?)?$"
)
_PROBLEMS = {"ERROR": "error", "WARN": "warning"}
_MOST_LINES = 50
_LONGEST = 4096  # characters of a message


class _Entry(NamedTuple):
    """A line of the log, with those behind it that belong to it."""

    event_type: str
    target: str
    message: str
    cwd: str
    passage: Passage
    lines: int = 1

    @classmethod
    def resumed(cls, row: Sequence[Any] | None) -> Self | None:
        """Of its JSON form."""
        return cls(row[0], row[1], row[2], row[3], Passage.resumed(row[4]), row[5]) if row else None


class Log:
    """codex's own log. A message that ends with a colon goes on in the next lines, whatever stands in them."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._open: _Entry | None = None

    def read(self, match: re.Match[str], passage: Passage, cwd: str, report: Report) -> bool:
        """A line of it, taken apart into `level`, `target` and `message`. Whether it goes on."""
        message, event_type = match["message"].removeprefix("error="), _PROBLEMS.get(match["level"])
        if event_type == "error" and (refused := _REFUSED.search(message)):
            _tell_refusal(refused, passage, cwd, self._account, report)
        elif event_type:
            self._open = _Entry(event_type, match["target"], message, cwd, passage)
            if not message.endswith(":"):
                self.end(report)
        return self._open is not None

    def take(self, line: str, where: Line) -> bool:
        """Whether the line still belongs to the message."""
        entry = self._open
        if entry is None or entry.lines > _MOST_LINES:
            return False
        passage = entry.passage.through(line, where)
        self._open = entry._replace(
            message=f"{entry.message}\n{line}"[:_LONGEST], passage=passage, lines=entry.lines + 1
        )
        return True

    def end(self, report: Report) -> None:
        """The message is whole."""
        entry, self._open = self._open, None
        if entry is None:
            return
        message, passage = entry.message.rstrip(), entry.passage.without_blank_end()
        if entry.event_type == "error" and message.startswith(_UNFIT):
            file = _UNFIT_FILE.match(message.partition("\n")[0])
            value = f"apply_patch: {file['path']}" if file else "apply_patch"
            place = {"cwd": entry.cwd} if entry.cwd else {}
            metadata = {"tool": "apply_patch", "outcome": "error", **place}
            self._account.call_alone(value, passage, report, metadata, message)
        else:
            self._account.problem(entry.event_type, message, passage, report, {"kind": entry.target})

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._open = _Entry.resumed(state["open"])


def retry_of(message: str) -> tuple[str, dict[str, Any]] | None:
    """The `state_change` of a message that says which attempt follows."""
    match = _RETRY.match(message)
    if match is None:
        return None
    return retry(match["why"] or match["before"], attempt=int(match["attempt"]), of=int(match["of"]))


def _tell_refusal(refused: re.Match[str], passage: Passage, cwd: str, account: TextAccount, report: Report) -> None:
    command = inner_command(refused["command"].replace('\\"', '"').replace("\\\\", "\\"))
    place = {"cwd": cwd} if cwd else {}
    asked = {"phase": "denied", "kind": "command", "reason": refused["reason"], **place}
    account.tell("permission", command, passage, report, asked)  # alone: no use of a tool was ever shown
