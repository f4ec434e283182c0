"""Errors of the model's API, as litellm words and aider prints them: wrapped, and followed by what aider does. Pure."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from stream.decoders.account import retry
from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

_FAULT = lazy_regex(r"litellm\.(?P<kind>[A-Z]\w+)(?:: (?P<message>.*))?$", re.DOTALL)
_RETRY = lazy_regex(r"Retrying in (?P<seconds>[\d.]+) seconds")
# aider's own words about the error, behind the server's.
_ADVICE = lazy_regex(r"(?:The API (?:provider|server)|The (?:model|service|request) |Check your |You (?:may|need) )")
_MOST_LINES = 20


class Fault(NamedTuple):
    """One that is being read."""

    passage: Passage

    @classmethod
    def begin(cls, passage: Passage) -> "Fault":
        """With its first line."""
        return cls(passage)

    @classmethod
    def resumed(cls, row: Sequence[Any]) -> "Fault":
        """Of its JSON form."""
        return cls(Passage.resumed(row[0]))

    def take(self, line: str, where: Line) -> "Fault | None":
        """With one more line; None if that line is none of its own."""
        if not line or _RETRY.match(line) or prefix_of_fault(line) or self.passage.text.count("\n") >= _MOST_LINES:
            return None
        return Fault(self.passage.through(line, where))

    def tell(self, account: TextAccount, report: Report, *, again: str = "", where: Line | None = None) -> None:
        """An error, or a retry if the line behind it, `again`, says so."""
        match = _FAULT.match(self._words())
        if match is None:
            return
        kind, message = match["kind"], (match["message"] or match["kind"]).removeprefix(f"{match['kind']}: ")
        if where and _RETRY.match(again):
            value, metadata = retry(f"{kind}: {message}" if "RateLimit" not in kind else f"rate limit: {message}")
            account.tell("state_change", value, self.passage.through(again, where), report, metadata)
        else:
            account.problem("error", message, self.passage, report, {"kind": kind})

    def _words(self) -> str:
        """The message in one line, without aider's advice."""
        lines = self.passage.text.split("\n")
        told = next((n for n, line in enumerate(lines) if _ADVICE.match(line)), len(lines))
        return " ".join(line.strip() for line in lines[:told])


def prefix_of_fault(line: str) -> bool:
    """Whether a line begins one."""
    return _FAULT.match(line) is not None
