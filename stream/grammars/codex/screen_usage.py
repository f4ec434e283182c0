"""The tokens that codex's screen tells when it ends, for the thread that the row behind them names. Pure.

    Token usage: total=21,357 input=21,319 (+ 10,657 cached) output=38 (reasoning 48)
    To continue this session, run:
      codex resume 01a2…

They are the thread's running total: a thread that is resumed tells them again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.report import Report
from stream.token_counts import Tokens, parse_count

_NUMBER = r"[\d.,\u00a0\u202f']+"
USAGE = (
    rf"Token usage: (?P<all>total=(?P<total>{_NUMBER}) input=(?P<input>{_NUMBER})"
    rf"(?: \(\+ (?P<cached>{_NUMBER}) cached\))? output=(?P<output>{_NUMBER})"
    rf"(?: \(reasoning (?P<reasoning>{_NUMBER})\))?)"
)
_FIELDS = {"input": "input_uncached", "cached": "cache_read", "output": "output", "reasoning": "reasoning"}
_THREAD = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RESUMES = lazy_regex(rf".*\bcodex resume (?P<thread>{_THREAD})\b")
_ID = lazy_regex(rf"{_THREAD}$")
_MOST_ROWS = 4  # between the tokens and the thread


class ThreadUsage:
    """Of one screen."""

    def __init__(self, account: TextAccount, command: Sequence[str]) -> None:
        self._account = account
        self._resumed = _resumed_thread(command)
        self._open: tuple[Tokens, Passage, int] | None = None  # whose thread is not known yet, rows that may name it

    @property
    def awaits_thread(self) -> bool:
        """Whether the next rows may say whose tokens these were."""
        return self._open is not None

    def begin(self, match: re.Match[str], passage: Passage, report: Report) -> None:
        """A row that `USAGE` matches."""
        counts = {field: parse_count(match[name] or "") for name, field in {**_FIELDS, "total": "total"}.items()}
        tokens = Tokens(**{field: count.value for field, count in counts.items() if count})
        self._account.tell("metric", match["all"], passage, report, {"tokens": tokens.told(), "scope": "thread"})
        self._open = (tokens, passage, _MOST_ROWS)

    def take(self, line: str, known: str, model: str, report: Report) -> None:
        """A row behind it. `known` is the thread if no row names it."""
        if self._open is None:
            return
        tokens, passage, left = self._open
        match = _RESUMES.match(line)
        self._open = (tokens, passage, left - 1)
        if match or left == 1:
            self.end(match["thread"] if match else known, model, report)

    def end(self, thread: str, model: str, report: Report) -> None:
        """No row behind it names another thread than this one, empty if it is not known."""
        if self._open is None:
            return
        (tokens, passage, _), self._open = self._open, None
        report.usage(
            tokens,
            passage.where,
            key=f"total {tokens.total}",
            scope="thread",
            source="codex token usage",
            thread=thread or self._resumed,
            model=model,
        )

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        if state["open"]:
            tokens, passage, left = state["open"]
            self._open = (Tokens(*tokens), Passage.resumed(passage), left)


def _resumed_thread(command: Sequence[str]) -> str:
    """The thread that the command goes on with, if it names one: `codex resume ID`."""
    words = list(command)
    behind = words[words.index("resume") + 1 :] if "resume" in words else []
    return next((word for word in behind if _ID.match(word)), "")
