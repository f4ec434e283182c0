"""What a grammar tells of its stream: events, each problem once, and the failure of calls whose output names none.

Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.lines import Line
from stream.records import NO_METADATA
from stream.report import Report

_LONGEST = 4096  # characters of a value


class Passage(NamedTuple):
    """Lines of the stream: where the first one stands, their text, and when the last one came (µs)."""

    where: Line
    text: str
    at: int

    @classmethod
    def of(cls, line: str, where: Line) -> Self:
        """A line alone."""
        return cls(where, line, where.at)

    @classmethod
    def resumed(cls, row: Sequence[Any]) -> Self:
        """Of its JSON form."""
        where, text, at = row
        return cls(Line(*where), text, at)

    def through(self, line: str, where: Line) -> Self:
        """The passage with one more line."""
        return self._replace(text=f"{self.text}\n{line}"[:_LONGEST], at=where.at)


class _Failure(NamedTuple):
    """A call that failed: what is told if its output names no error beyond those before."""

    message: str
    metadata: dict[str, Any]
    passage: Passage
    is_explained: bool
    errors_before: int | None = None  # None until what stood before it has been told

    @classmethod
    def resumed(cls, row: Sequence[Any] | None) -> Self | None:
        """Of its JSON form."""
        if row is None:
            return None
        message, metadata, passage, *others = row
        return cls(message, metadata, Passage.resumed(passage), *others)


class TextAccount:
    """The events of one stream's text; `pattern` names the grammar."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._problem = ""  # the error or warning that was told last, while nothing else was
        self._open: _Failure | None = None  # a call that failed, and whose output is coming
        self._ended: _Failure | None = None  # one whose output has ended, but may hold what is not told yet

    def tell(
        self,
        event_type: str,
        value: str,
        passage: Passage,
        report: Report,
        metadata: Mapping[str, Any] = NO_METADATA,
        *,
        pattern: str = "",
    ) -> None:
        """Puts an event into the report."""
        self._problem = ""
        lines = passage.text.count("\n")
        extra = {"line_end": passage.where.number + lines} if lines else {}
        report.events.append(
            report.event(
                event_type,
                pattern or self.pattern,
                value[:_LONGEST],
                passage.where,
                text=passage.text.encode(),
                at=passage.at,
                metadata={**metadata, **extra},
            )
        )

    def problem(
        self,
        event_type: str,
        message: str,
        passage: Passage,
        report: Report,
        metadata: Mapping[str, Any] = NO_METADATA,
    ) -> None:
        """Tells an error or a warning; one that is repeated before anything else is told is the same one."""
        message = message.strip()[:_LONGEST]
        if message and message != self._problem:
            self.tell(event_type, message, passage, report, metadata)
            self._problem = message

    @property
    def has_problem(self) -> bool:
        """Whether the last thing that was told is an error or a warning."""
        return bool(self._problem)

    def call(self, value: str, passage: Passage, report: Report, metadata: Mapping[str, Any], error: str = "") -> None:
        """A use of a tool whose outcome is known, and whose output follows.

        If it failed and its output turns out to name no error, `error`, or its exit status, is told as one.
        """
        self.tell("tool_use", value, passage, report, metadata)
        if metadata["outcome"] == "error":
            self._open = _failure(value, passage, metadata, error)

    def call_alone(
        self, value: str, passage: Passage, report: Report, metadata: Mapping[str, Any], error: str = ""
    ) -> None:
        """A use of a tool whose outcome is known, and of whose output nothing is shown."""
        self.tell("tool_use", value, passage, report, metadata)
        if metadata["outcome"] == "error":
            self._tell_failure(_failure(value, passage, metadata, error), report)

    def fails(self, message: str, passage: Passage, metadata: Mapping[str, Any]) -> None:
        """Output follows of a call that failed; which one it was is not known yet, or never.

        If it turns out to name no error, `message` is told as one.
        """
        self._open = _Failure(message, dict(metadata), passage, True)

    def explain(self, message: str, *, kind: str = "") -> None:
        """A line of the last call's output says, in the tool's own words, why it failed; the first one counts."""
        if self._open and not self._open.is_explained:
            metadata = {**self._open.metadata, "kind": kind} if kind else self._open.metadata
            self._open = self._open._replace(message=message.strip()[:_LONGEST], metadata=metadata, is_explained=True)

    def output_ends(self, report: Report) -> None:
        """The line that is being read is no longer part of the last call's output."""
        if self._open:
            self._ended, self._open = self._open, None

    def settle(self, report: Report) -> None:
        """What stood open in the output has been told."""
        failure, self._ended = self._ended, None
        if self._open and self._open.errors_before is None:
            self._open = self._open._replace(errors_before=report.errors_in_output)
        if failure and failure.errors_before in (None, report.errors_in_output):
            self._tell_failure(failure, report)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"problem": self._problem, "open": self._open, "ended": self._ended}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._problem = state["problem"]
        self._open, self._ended = map(_Failure.resumed, (state["open"], state["ended"]))

    def _tell_failure(self, failure: _Failure, report: Report) -> None:
        self.tell("error", failure.message, failure.passage, report, failure.metadata, pattern="tool_failed")


def _failure(value: str, passage: Passage, metadata: Mapping[str, Any], error: str) -> _Failure:
    exit_code = metadata.get("exit_code")
    message = error or (f"{value} exited {exit_code}" if exit_code else f"{value} failed")
    kind = {"kind": f"exit {exit_code}"} if exit_code else {}
    return _Failure(message, {"tool": metadata["tool"], **kind}, passage, bool(error))
