from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_text import find, header
from stream.records import VERDICTS, ExtractionEvent
from stream.verdict import VerdictReader


def event(event_type: str, value: str = "x", pattern: str = "codex_exec", **metadata: Any) -> ExtractionEvent:
    return ExtractionEvent("a", "s", "t", event_type, pattern, value, stream="stdout", line_number=1, metadata=metadata)


DONE = event("tool_use", "make", outcome="ok")
FAILED = event("tool_use", "make", outcome="error")
DENIED = event("permission", "rm -rf x", phase="denied")
LOST = event("error", "stream disconnected")
LIMIT = event("error", "Maximum session turns exceeded")
LIMIT_KIND = event("error", "3 turns", kind="error_max_turns")
IN_OUTPUT = event("error", "no rule", **{"in": "tool_output"})
TOOL_FAILED = event("error", "make exited 2", "tool_failed")
RETRYING = event("state_change", "rate_limited")
INTERRUPTED = event("state_change", "interrupted")
SIGNALLED = event("state_change", "interrupted", "signal", signal="SIGINT")
TOKENS = event("metric", "9", tokens={"total": 9})
RED, GREEN = event("test_result", failed=2, passed=1), event("test_result", failed=0, passed=3)
TURN_DONE = event("metric", "9", "codex_json")._replace(line_number=2)
EDITED = event("file_operation", "a.py")


def verdict(*events: ExtractionEvent, kind: str | None = "codex", exit_code: int | None = 0, **ended: Any) -> str:
    reader = VerdictReader(kind)
    for one in events:
        reader.see(one)
    state = ended.get("state", "completed" if exit_code == 0 else "failed")
    return reader.decide(state, exit_code, ended.get("signal")).verdict


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((DONE,), "succeeded"),
        ((DONE, LOST), "failed"),
        ((LOST, DONE), "succeeded"),
        ((LOST, TURN_DONE), "succeeded"),
        ((TURN_DONE, LOST), "failed"),
        ((LOST, LOST._replace(event_type="metric", pattern="claude_json")), "failed"),
        ((FAILED, IN_OUTPUT), "succeeded"),
        ((FAILED, TOOL_FAILED), "succeeded"),
        ((DONE, LIMIT), "gave_up"),
        ((DONE, LIMIT_KIND), "gave_up"),
        ((DONE, RETRYING), "gave_up"),
        ((RETRYING, DONE), "succeeded"),
        ((RETRYING, LOST), "failed"),
        ((DONE, DENIED), "gave_up"),
        ((DENIED, TURN_DONE), "gave_up"),
        ((DENIED, EDITED), "succeeded"),
        ((RED,), "failed"),
        ((RED, GREEN), "succeeded"),
        ((DONE, INTERRUPTED), "interrupted"),
        ((INTERRUPTED, LOST), "interrupted"),
        ((INTERRUPTED, DONE, LOST), "failed"),
        ((SIGNALLED, LOST), "interrupted"),
        ((SIGNALLED, DONE), "succeeded"),
        ((TOKENS,), "succeeded"),
        ((LOST, TOKENS), "failed"),
        ((), "unknown"),
    ],
)
def test_the_last_word_of_an_agent_counts_more_than_its_exit_status(
    events: tuple[ExtractionEvent, ...], expected: str
) -> None:
    assert verdict(*events) == expected


def test_a_status_other_than_0_is_a_failure_and_a_signal_an_interruption() -> None:
    assert verdict(DONE, exit_code=1) == "failed"
    assert verdict(DONE, exit_code=137, state="killed", signal="SIGKILL") == "interrupted"
    assert verdict(DONE, exit_code=130) == "interrupted"
    assert verdict(DONE, exit_code=None, state="interrupted") == "interrupted"
    assert verdict(DONE, exit_code=144, kind="gemini") == "failed"
    assert verdict(DONE, exit_code=53, kind="gemini") == "gave_up"


def test_a_program_that_is_no_agent_is_judged_by_its_status_and_its_tests() -> None:
    assert verdict(kind=None) == "succeeded"
    assert verdict(LOST, kind=None) == "succeeded"
    assert verdict(RED, kind=None) == "failed"
    assert verdict(kind=None, exit_code=2) == "failed"


def test_a_reason_says_why() -> None:
    reader = VerdictReader("codex")
    reader.see(DENIED)
    assert reader.decide("completed", 0, None).reason == "refused: rm -rf x"
    reader.see(SIGNALLED)
    reader.see(INTERRUPTED)
    assert reader.decide("completed", 0, None).reason == "asked to end by SIGINT"
    reader.see(DONE)
    reader.see(INTERRUPTED)
    assert reader.decide("completed", 0, None).reason == "interrupted"
    assert reader.decide("killed", 130, "SIGINT").reason == "ended by SIGINT"


some_events = st.lists(st.sampled_from([DONE, FAILED, DENIED, LOST, LIMIT, RETRYING, SIGNALLED, RED, GREEN, EDITED]))


@given(some_events, some_events, st.sampled_from([None, "codex", "gemini"]), st.integers(0, 160))
def test_a_reader_that_is_resumed_says_the_same(
    before: list[ExtractionEvent], after: list[ExtractionEvent], kind: str | None, exit_code: int
) -> None:
    first, second = VerdictReader(kind), VerdictReader(kind)
    for one in before:
        first.see(one)
    second.resume(first.state())
    for one in after:
        first.see(one)
        second.see(one)
    told = first.decide("completed", exit_code, None)
    assert told == second.decide("completed", exit_code, None)
    assert told.verdict in VERDICTS


@pytest.mark.parametrize("exit_code", [0, 1])
def test_failed_tests_are_the_reason_whatever_the_exit_status(exit_code: int) -> None:
    reader = VerdictReader("codex")
    for event in (DONE, RED):
        reader.see(event)
    verdict, reason = reader.decide("completed" if exit_code == 0 else "failed", exit_code, None)
    assert verdict == "failed"
    assert reason.endswith("failed in the last test run")


def test_the_verdict_comes_with_the_end_of_the_recording() -> None:
    text = "OpenAI Codex v1\n--------\nmodel: m\n--------\nuser\nhi\nERROR: exceeded retry limit\n"
    assert find(header("codex", ("codex", "exec", "hi")), stderr=text).verdict == ("failed", "exceeded retry limit")
    assert find(header("nightly", ("make",))).verdict == ("succeeded", "exit status 0")
    named = find(header("codex", ("sh", "-c", "echo 'Error: x'")), "error: x\n")
    assert named.verdict == ("succeeded", "exit status 0")


def package(name: str, result: str, **more: Any) -> ExtractionEvent:
    return event("test_result", f"{result} {name}", "go_package", package=name, result=result, **more)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([package("a", "FAIL")], "a failed in the last test run"),
        ([package("a", "FAIL", failed=2)], "2 failed in the last test run"),
        ([package("a", "FAIL"), package("z", "ok")], "a failed in the last test run"),
        ([package("a", "FAIL"), package("b", "FAIL"), package("z", "ok")], "2 packages failed in the last test run"),
        ([package("a", "FAIL"), package("a", "ok")], "exit status 0"),
        ([package("a", "FAIL"), DONE, package("z", "ok")], "exit status 0"),
        ([package("a", "FAIL"), GREEN], "exit status 0"),
        ([package("z", "ok"), RED], "2 failed in the last test run"),
    ],
)
def test_a_run_of_several_packages_has_failed_if_one_of_them_has(results: list[ExtractionEvent], expected: str) -> None:
    reader = VerdictReader(None)
    for one in results:
        reader.see(one)
        again = VerdictReader(None)
        again.resume(reader.state())
        reader = again
    assert reader.decide("completed", 0, None).reason == expected
