"""How a session went: read from what happened and from how the process ended, because exit statuses lie. Pure.

Events are seen in their order; what counts is the last word. An agent that was refused, ran out of turns or lost its
model may end with 0; one that was stopped ends with anything.
"""

import re
from collections.abc import Mapping
from typing import Any

from stream.lazy_regex import lazy_regex
from stream.records import ExtractionEvent, Verdict

_LONGEST = 300  # characters of a reason
_MOST_PACKAGES = 100
_STOPPED = {130: "SIGINT", 137: "SIGKILL", 143: "SIGTERM"}  # exit statuses of shells for what a signal ended

# Limits at which agents stop, by their kinds and their words.
_LIMIT_KINDS = lazy_regex(
    r"error_max_\w+|max_turns|context_length_exceeded|FatalTurnLimited|MaxSessionTurns", re.IGNORECASE
)
_LIMIT_WORDS = lazy_regex(
    r"(?i)max(?:imum)?[ _]?(?:number of )?(?:session )?(?:turns|iterations|budget|steps)|turn limit"
    r"|only \d+ reflections allowed|loop detected|hit a token limit|context window|usage limit"
    r"|out of (?:credits|extra usage)"
    r"|credit balance|quota exceeded|retry limit.*\b429\b"
)
_EXIT_LIMITS = {("gemini", 53): "the turn limit"}


class VerdictReader:
    """Sees the events of a session, one after the other; bounded, whatever their number."""

    def __init__(self, kind: str | None) -> None:
        self._kind = kind
        self._error_at: list[Any] = []  # stream and line of the last error: one record may tell it and its usage
        self._error = ""  # the last error of the agent itself, while nothing has gone well since
        self._limit = ""
        self._refused = ""
        self._waiting = ""  # what it was doing last: `rate_limited`, `retrying`, `interrupted`
        self._asked = ""  # the signal that interrupted it, if it was one
        self._failed_tests = ""
        self._failed_packages: dict[str, str] = {}  # of a run that tests each package for itself; what failed in them
        self._tests_over = False  # a tool has been used since: the next test result begins another run
        self._has_acted = False  # something was done, or the agent reported the end of its work

    def see(self, event: ExtractionEvent) -> None:
        """The next event."""
        metadata = event.metadata
        if event.event_type == "state_change":
            self._waiting = event.matched_value if event.matched_value in _WAITING else ""
            if self._waiting != "interrupted" or "signal" in metadata:
                self._asked = metadata.get("signal", "")
        elif event.event_type == "error":
            self._see_error(event)
        elif event.event_type == "permission":
            if metadata.get("phase") == "denied":
                self._refused = event.matched_value or "what it asked for"
        elif event.event_type == "test_result":
            self._see_tests(metadata)
        elif event.event_type == "tool_use":
            self._see_tool(event)
        elif event.event_type in ("file_operation", "git"):
            self._goes_on()
        elif event.event_type == "metric":
            self._see_usage(event)

    def decide(self, state: str, exit_code: int | None, signal: str | None) -> Verdict:
        """The session has ended in this state."""
        stopped = signal or _STOPPED.get(exit_code or 0)
        if state == "interrupted":
            return _verdict("interrupted", "the recording has no end")
        if stopped or self._waiting == "interrupted":
            asked = f"asked to end by {self._asked}" if self._asked else "interrupted"
            return _verdict("interrupted", f"ended by {stopped}" if stopped else asked)
        if limit := self._limit or _EXIT_LIMITS.get((self._kind or "", exit_code or 0)):
            return _verdict("gave_up", f"stopped at a limit: {limit}")
        if self._waiting:
            return _verdict("gave_up", f"still {self._waiting.replace('_', ' ')} at the end")
        if self._kind and self._error:
            return _verdict("failed", self._error)
        if failed := self._last_failed():
            return _verdict("failed", f"{failed} failed in the last test run")  # whatever the status is: it says less
        if exit_code:
            return _verdict("failed", f"exit status {exit_code}")
        if self._refused:
            return _verdict("gave_up", f"refused: {self._refused}")
        if self._kind and not self._has_acted:
            return _verdict("unknown", "nothing shows what it did")
        return _verdict("succeeded", "exit status 0")

    def state(self) -> list[Any]:
        """JSON-serialisable."""
        said = [self._error, self._limit, self._refused, self._waiting, self._asked, self._failed_tests]
        tests = [self._failed_packages, self._tests_over]
        return [*(text[:_LONGEST] for text in said), self._has_acted, self._error_at, tests]

    def resume(self, state: list[Any]) -> None:
        """Goes on where `state` was taken."""
        self._error, self._limit, self._refused, self._waiting, self._asked, self._failed_tests, *others = state
        self._has_acted, self._error_at, (self._failed_packages, self._tests_over) = others

    def _see_error(self, event: ExtractionEvent) -> None:
        """An error of the agent itself; those that its tools met are for it to deal with."""
        value, metadata = event.matched_value or "", event.metadata
        if metadata.get("in") == "tool_output" or event.pattern == "tool_failed" or metadata.get("kind") == "mcp":
            return
        if self._waiting != "interrupted":  # one that is stopped has errors: that it could not do the rest
            self._waiting = ""
        self._error, self._error_at = value or "an error", [event.stream, event.line_number]
        if _LIMIT_KINDS.search(str(metadata.get("kind", ""))) or _LIMIT_WORDS.search(value):
            self._limit = value

    def _see_tests(self, metadata: Mapping[str, Any]) -> None:
        """The last run counts; a run of several packages has failed if one of them has."""
        failed, package = metadata.get("failed"), str(metadata.get("package", ""))[:_LONGEST]
        if self._tests_over or not package:
            self._failed_packages.clear()
        self._tests_over = False
        self._failed_packages.pop(package, None)
        if not package:
            self._failed_tests = str(failed or "")
        else:
            self._failed_tests = ""
            if (failed or metadata.get("result") == "FAIL") and len(self._failed_packages) < _MOST_PACKAGES:
                self._failed_packages[package] = str(failed or package)
        self._goes_on()

    def _last_failed(self) -> str:
        """What failed in the last test run; empty if nothing did."""
        packages = list(self._failed_packages.values())
        return f"{len(packages)} packages" if len(packages) > 1 else "".join(packages) or self._failed_tests

    def _see_usage(self, event: ExtractionEvent) -> None:
        """In an agent's JSON it comes when a turn is done; its text tells it at the end, however that came."""
        self._has_acted |= "tokens" in event.metadata
        if event.pattern.endswith("_json") and [event.stream, event.line_number] != self._error_at:
            self._goes_on(refused=False)

    def _see_tool(self, event: ExtractionEvent) -> None:
        self._tests_over = True
        outcome = event.metadata.get("outcome")
        if outcome == "denied":
            self._refused = event.matched_value or "a tool"
        elif outcome in ("ok", "error"):
            self._goes_on(refused=outcome == "ok")

    def _goes_on(self, *, refused: bool = True) -> None:
        """Something was done: what hindered the agent before is overcome, refusals if `refused`."""
        self._error = self._limit = self._waiting = self._asked = ""
        self._has_acted = True
        if refused:
            self._refused = ""


_WAITING = ("rate_limited", "retrying", "interrupted")


def _verdict(verdict: str, reason: str) -> Verdict:
    return Verdict(verdict, reason[:_LONGEST])
