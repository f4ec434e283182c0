"""What a row about a session says."""

import pytest

from api.web.session_view import SessionView, concern_view, offset, session_address, session_view
from data.summaries import Concern
from stream.records import ExtractionEvent, Session
from stream.timestamps import format_timestamp

NOW = 1_795_305_600_000_000
SECOND = 1_000_000
ENDED = Session(
    "codex",
    "0123456789abcdef",
    started_at=format_timestamp(NOW - 3_600 * SECOND),
    ended_at=format_timestamp(NOW - 3_415 * SECOND),
    exit_code=0,
    state="completed",
    total_extraction_events=1,
    command=("codex", "exec", "fix it"),
    tokens_total=48_210,
    cost_usd=0.5,
)


def concern(session: Session, *reasons: str, risky: int = 0, permission: ExtractionEvent | None = None) -> SessionView:
    return concern_view(Concern(session, reasons, risky, permission), NOW, "the last line")


def test_a_row_is_text_throughout() -> None:
    view = session_view(ENDED, NOW, "bye")
    assert view._asdict() == {
        "id": "0123456789abcdef",
        "href": "/sessions/0123456789abcdef",
        "agent": "codex",
        "command": "exec 'fix it'",
        "state": "completed",
        "started_at": ENDED.started_at,
        "started": "1 h ago",
        "ended_at": ENDED.ended_at,
        "took": "3m 05s",
        "outcome": "",
        "reason": "",
        "verdict": "",
        "lines": "0",
        "events": "1",
        "all_events": "1 event",
        "tokens": "48k",
        "all_tokens": "48k tokens",
        "cost": "$0.50",
        "line": "bye",
        "why": "",
    }


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("/usr/bin/codex", "exec"), "exec"),
        (("codex",), ""),
        (("sh", "-c", "codex exec"), "sh -c 'codex exec'"),
        (("/bin/sh", "-c", "make test | tee log"), "make test | tee log"),
        ((), ""),
    ],
)
def test_the_agents_name_is_not_said_twice(words: tuple[str, ...], shown: str) -> None:
    assert session_view(ENDED._replace(command=words), NOW).command == shown


def test_what_nobody_told_is_an_empty_text() -> None:
    view = session_view(Session("codex", "x"), NOW)
    assert (view.state, view.started, view.took, view.tokens, view.cost, view.outcome) == ("",) * 6


def test_a_session_that_runs_has_taken_until_now() -> None:
    assert session_view(ENDED._replace(ended_at=None), NOW).took == "1h 00m"


@pytest.mark.parametrize(
    ("state", "status", "verdict", "words"),
    [
        ("completed", 0, "succeeded", ""),
        ("completed", 0, "gave_up", "gave up"),
        ("completed", 0, "failed", "failed"),
        ("completed", 0, "interrupted", "interrupted"),
        ("failed", 3, "failed", "exit 3"),
        ("failed", 1, "gave_up", "exit 1 · gave up"),
        ("killed", 137, "interrupted", "exit 137"),
    ],
)
def test_the_outcome_says_what_the_state_does_not(state: str, status: int, verdict: str, words: str) -> None:
    assert session_view(ENDED._replace(state=state, exit_code=status, verdict=verdict), NOW).outcome == words


def test_why_somebody_should_look_is_said_in_words() -> None:
    failed = ENDED._replace(state="failed", exit_code=3)
    assert concern(failed, "failed").why == "failed, exit 3"
    assert concern(failed, "failed", "risk", risky=1).why == "failed, exit 3 · 1 risky event"
    assert concern(ENDED, "gave_up").why == "gave up"
    assert concern(ENDED, "risk", risky=2).why == "2 risky events"
    assert concern(failed, "failed").line == "the last line"


def test_what_went_wrong_is_said_rather_than_what_was_printed_last() -> None:
    failed = ENDED._replace(verdict="failed", verdict_reason="1 failed in the last test run")
    assert concern(failed, "failed").line == "1 failed in the last test run"
    assert session_view(failed, NOW).reason == "1 failed in the last test run"
    by_status = ENDED._replace(state="failed", exit_code=2, verdict="failed", verdict_reason="exit status 2")
    assert session_view(by_status, NOW).reason == ""
    at = format_timestamp(NOW - 3_600 * SECOND + 7_500_000)
    error = ExtractionEvent("codex", ENDED.session_id, at, "error", "p", "no such host", "curl: (6) no such host")
    view = concern_view(Concern(by_status, ("failed",), 0, None), NOW, "the last line", error)
    assert (view.line, view.href) == ("no such host", "/sessions/0123456789abcdef?t=7.5")


def test_who_waits_shows_the_question_and_leads_to_it() -> None:
    asked = format_timestamp(NOW - 3_600 * SECOND + 83_250_000)
    question = ExtractionEvent("codex", ENDED.session_id, asked, "permission", "p", original_line="  Run rm -rf?  ")
    view = concern(ENDED._replace(ended_at=None, state="running"), "waiting", permission=question)
    assert (view.why, view.line) == ("waits for permission", "Run rm -rf?")
    assert view.href == "/sessions/0123456789abcdef?t=83.25"


def test_who_only_did_what_is_risky_shows_it_and_leads_to_it() -> None:
    at = format_timestamp(NOW - 3_600 * SECOND + 5_000_000)
    risk = ExtractionEvent("codex", ENDED.session_id, at, "tool_use", "p", "rm -rf ~", '{"type":"item.completed"}')
    view = concern_view(Concern(ENDED, ("risk",), 1, risk=risk), NOW, "the last line")
    assert (view.line, view.href) == ("rm -rf ~", "/sessions/0123456789abcdef?t=5")
    failed = ENDED._replace(state="failed", exit_code=3)
    assert concern_view(Concern(failed, ("failed", "risk"), 1, risk=risk), NOW, "the last line").line == "the last line"


@pytest.mark.parametrize(
    ("seconds", "ending"), [(None, ""), (0.0, "?t=0"), (10.0, "?t=10"), (83.2, "?t=83.2"), (0.004, "?t=0")]
)
def test_an_address_names_the_moment(seconds: float | None, ending: str) -> None:
    assert session_address("a/b", seconds) == f"/sessions/a%2Fb{ending}"


def test_a_moment_before_the_start_is_the_start() -> None:
    assert offset(format_timestamp(NOW), format_timestamp(NOW - SECOND)) == 0.0
    assert offset(None, format_timestamp(NOW)) is None
