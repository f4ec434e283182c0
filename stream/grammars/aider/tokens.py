"""aider's `Tokens: 12k sent, 1.2k cache write, 8.0k cache hit, 345 received. Cost: $0.01 message, $1.45 session.` Pure.

Counts from 1,000 on are rounded. The costs may stand on the next line, wrap, or be missing where no price is known.
"""

from collections.abc import Mapping
from typing import Any

from stream import token_counts
from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

_COUNT = lazy_regex(r"(\d[\d.,]*[kM]?) (sent|cache write|cache hit|received)\b")
_COST = lazy_regex(r"Cost: \$(\d[\d,]{0,15}(?:\.\d{1,30})?(?:e-?\d{1,2})?) message, \$([\d.,]+(?:e-?\d+)?) session")


class Tokens:
    """Of one stream."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._passage: Passage | None = None
        self._text = ""

    @property
    def is_open(self) -> bool:
        """Whether the next line may belong to it."""
        return self._passage is not None

    def begin(self, text: str, passage: Passage, report: Report) -> None:
        """Behind `Tokens: `."""
        self.end(report)
        self._passage, self._text = passage, text
        if _COST.search(text):
            self.end(report)

    def take(self, line: str, where: Line, report: Report) -> bool:
        """Whether the line goes on with it."""
        more = f"{self._text} {line}".strip()
        if self._passage and ("Cost:" in self._text or line.startswith("Cost: $")) and _COST.search(more):
            self._passage, self._text = self._passage.through(line, where), more
            self.end(report)
            return True
        self.end(report)
        return False

    def end(self, report: Report) -> None:
        """It is whole."""
        if self._passage is None:
            return
        passage, self._passage = self._passage, None
        counts = {name: token_counts.parse_count(number) for number, name in _COUNT.findall(self._text)}
        sent, received, written, hit = (counts.get(name) for name in ("sent", "received", "cache write", "cache hit"))
        cached = (written.value if written else 0) + (hit.value if hit else 0)
        tokens = token_counts.Tokens(
            input_uncached=None if sent is None else max(0, sent.value - cached),
            cache_read=hit.value if hit else None,
            cache_write=written.value if written else None,
            output=received.value if received else None,
        )
        cost = _COST.search(self._text)
        cost_usd = float(cost[1].replace(",", "")) if cost else None
        metadata: dict[str, Any] = {"tokens": tokens.told(), "scope": "message"}
        metadata |= {} if cost_usd is None else {"cost_usd": cost_usd}
        self._account.tell("metric", self._text, passage, report, metadata)
        key = f"session ${cost[2]} {self._text}" if cost else f"line {passage.where.number}"
        approximate = any(count.approximate for count in counts.values() if count)
        report.usage(
            tokens,
            passage.where,
            key=key,
            scope="message",
            source="aider Tokens",
            cost_usd=cost_usd,
            approximate=approximate,
        )

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"passage": self._passage, "text": self._text}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._passage = Passage.resumed(state["passage"]) if state["passage"] else None
        self._text = state["text"]
