"""What somebody types behind a question: the line comes once more, with the answer at its end. Pure.

That is so where the question stood at the end of the output, waiting, and the terminal echoes what is typed.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stream.lines import Line
from stream.records import ExtractionEvent
from stream.report import Report

_KEPT = 4096  # characters of a line with a question


class _Question(NamedTuple):
    line: str
    number: int
    pattern: str
    value: str | None
    metadata: Mapping[str, Any]


class TypedAnswers:
    """Of the last question that a pattern found, if the next line has not come yet."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._question: _Question | None = None

    @property
    def awaits(self) -> bool:
        """Whether the next line may be the question with its answer."""
        return self._question is not None

    def ask(self, event: ExtractionEvent, line: bytes) -> None:
        """Notes the question that this line asks."""
        metadata = {name: value for name, value in event.metadata.items() if name in ("kind", "in")}
        text = line.decode("utf-8", "replace").rstrip()
        if len(text) <= _KEPT:
            self._question = _Question(text, event.line_number or 0, event.pattern, event.matched_value, metadata)

    def read(self, line: bytes, where: Line) -> ExtractionEvent | None:
        """The answer, if the line behind the question is the same and something more."""
        question = self._question
        if question is None or where.number <= question.number:
            return None
        self._question = None
        text = line.decode("utf-8", "replace")
        answer = text.removeprefix(question.line).strip()
        if where.number != question.number + 1 or not text.startswith(question.line) or not answer:
            return None
        metadata = {**question.metadata, "phase": "answered", "answer": answer, "asked_line": question.number}
        return self._report.event(
            "permission", question.pattern, question.value, where, text=line, metadata=metadata, masked=True
        )

    def clear(self) -> None:
        """What comes answers nothing."""
        self._question = None

    def state(self) -> list[Any] | None:
        """JSON-serialisable and bounded."""
        return list(self._question) if self._question else None

    def resume(self, state: list[Any] | None) -> None:
        """Goes on where `state` was taken."""
        self._question = _Question(*state) if state else None
