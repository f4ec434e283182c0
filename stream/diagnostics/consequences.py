"""Whether a failure only follows from one that was told already, and so is not told again. Pure.

A failure has many mouths: after the compiler make says `Error 1`, after its sections pytest lists the failed tests.
Events marked as consequences count only where nobody told what they follow from.
"""

from collections.abc import Mapping
from typing import Any

_REACH = 50  # lines behind a failure in which a consequence is one of it
_MAX_TESTS = 500  # names kept
_MAX_FAILURES = 50  # names told with a result


class FailuresTold:
    """The failures that one reader of lines has told of."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}  # event type → the line of its last event
        self._tests: list[list[str]] = []  # whose failure was told since the last test result, and by which tool

    def tells(self, event_type: str, metadata: Mapping[str, Any], line: int, *, consequence: bool) -> bool:
        """Whether this says something new."""
        if event_type == "test_result":
            self._tests.clear()
            if metadata.get("failed"):
                self._last["error"] = line
        if event_type not in ("error", "warning"):
            return True
        test = metadata.get("test")
        new = not consequence or not (self._has_test(test) if test else self._is_near(event_type, line))
        self._last[event_type] = line
        if test and not consequence:
            self._tests = [*self._tests[1 - _MAX_TESTS :], [test, metadata.get("tool", "")]]
        return new

    def with_failures(self, event_type: str, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
        """The metadata, those of a test result with the names of the tests whose failures its runner told above it.

        To be asked for before the result is told.
        """
        if event_type != "test_result" or "failures" in metadata:
            return metadata
        names = list(dict.fromkeys(test for test, tool in self._tests if tool == metadata.get("framework")))
        fitting = 0 < len(names) <= metadata.get("failed", 0)
        return {**metadata, "failures": names[:_MAX_FAILURES]} if fitting else metadata

    def clear(self) -> None:
        """What comes next is of something else."""
        self._last.clear()
        self._tests.clear()

    def state(self) -> list[Any]:
        """JSON-serialisable."""
        return [dict(self._last), list(self._tests)]

    def resume(self, state: list[Any]) -> None:
        """Goes on where `state` was taken."""
        self._last, self._tests = dict(state[0]), list(state[1])

    def _has_test(self, test: str) -> bool:
        told = next((row for row in self._tests if row[0] == test), None)
        if told:
            self._tests.remove(told)
        return told is not None

    def _is_near(self, event_type: str, line: int) -> bool:
        return event_type in self._last and line - self._last[event_type] <= _REACH
