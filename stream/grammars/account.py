"""What a grammar tells of its stream: events, each problem once, and the failure of calls whose output names none.

Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.lines import Line
from stream.records import NO_METADATA
from stream.report import MAX_STORED_LINE, Report

_LONGEST = 4096  # characters of a value


class Passage(NamedTuple):
    """Lines of the stream: where the first one stands, their text, and when the last one came (µs).

    Of long ones only the beginning is kept: `last` is the number of the last one, `size` the bytes of all.
    """

    where: Line
    text: str
    at: int
    last: int
    size: int

    @classmethod
    def of(cls, line: str, where: Line) -> Self:
        """A line alone."""
        return cls(where, line, where.at, where.number, len(line.encode()))

    @classmethod
    def resumed(cls, row: Sequence[Any]) -> Self:
        """Of its JSON form."""
        where, *others = row
        return cls(Line(*where), *others)

    def through(self, line: str, where: Line) -> Self:
        """The passage with one more line."""
        text, size = f"{self.text}\n{line}"[:_LONGEST], self.size + 1 + len(line.encode())
        return self._replace(text=text, at=where.at, last=where.number, size=size)

    def without_blank_end(self) -> Self:
        """The passage without the empty lines at its end, as far as its end is kept."""
        text = self.text.rstrip("\n")
        blank = len(self.text) - len(text) if self.size == len(self.text.encode()) else 0
        return self._replace(text=text, last=self.last - blank, size=self.size - blank)


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
        extra = {"line_end": passage.last} if passage.last > passage.where.number else {}
        extra |= {"line_cut": passage.size} if passage.size > MAX_STORED_LINE else {}
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
