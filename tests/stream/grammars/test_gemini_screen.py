"""What gemini's full-screen program shows."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import Told, find, header, told

SCREEN = header("gemini", ("gemini", "-i", "do it"), mode=("pty", "pty", "pty"), columns=80, rows=60)
QUESTION = """╭──────────────────────────────────────╮
│ ? Shell  rm -rf build                │
│ ╭──────────────────────────────────╮ │
│ │ rm -rf build                     │ │
│ ╰──────────────────────────────────╯ │
│ Allow execution of [Shell]?          │
│                                      │
│ ● 1. Allow once                      │
│   2. No, suggest changes (esc)       │
╰──────────────────────────────────────╯
"""
FAILED = """╭──────────────────────────────────────╮
│ ✓  Shell python3 a.py                │
│                                      │
│ ... first 2 lines hidden ...         │
│     return a / b                     │
│            ~~^~~                     │
│ ZeroDivisionError: division by zero  │
╰──────────────────────────────────────╯
"""
STATS = """╭──────────────────────────────────────────────────────────────────────────╮
│  Session Stats                                                           │
│  Session ID:        df42018a                                             │
│  Model              Reqs  Input Tokens   Cache Reads Output Tokens       │
│  ─────────────────────────────────────────────────────────────────────── │
│  gemini-3-pro          7        95,562        31,852           273       │
│    ↳ main              7        95,562        31,852           273       │
╰──────────────────────────────────────────────────────────────────────────╯
"""


def events(text: str) -> Any:
    return find(SCREEN, text.replace("\n", "\r\n"), patterns=()).events


def read(text: str) -> list[Told]:
    return told(find(SCREEN, text.replace("\n", "\r\n")).events)


def test_the_banner_is_the_session() -> None:
    (session,) = events(" ▝▜▄     Gemini CLI v0.61.0\n")
    assert (session.matched_value, session.metadata) == ("gemini 0.61.0", {"version": "0.61.0"})


def test_a_question_is_asked_and_answered_by_what_became_of_it() -> None:
    asked, answered, call = events(QUESTION + "\n│ ✓  Shell rm -rf build   │\n╰──────╯\n")
    assert (asked.matched_value, asked.risk_level) == ("rm -rf build", "high")
    assert asked.metadata["options"] == ["Allow once", "No, suggest changes (esc)"]
    assert (answered.metadata["phase"], answered.metadata["asked_line"]) == ("answered", 2)
    assert (call.matched_value, call.metadata["outcome"]) == ("rm -rf build", "ok")


def test_a_command_that_was_not_allowed_is_denied_and_cancelled() -> None:
    _, denied, call, state = events(QUESTION + "│ -  Shell rm -rf build   │\n╰──────╯\n\nℹ Request cancelled.\n")  # noqa: RUF001
    assert (denied.metadata["phase"], call.metadata["outcome"]) == ("denied", "cancelled")
    assert state.matched_value == "interrupted"


def test_a_tick_is_no_success_where_the_output_names_an_error() -> None:
    assert read(FAILED.replace("ZeroDivisionError", "Error")) == [
        ("tool_use", "python3 a.py", 2), ("error", "division by zero", 2),
    ]  # fmt: skip
    call, *_ = find(SCREEN, FAILED.replace("ZeroDivisionError", "Error").replace("\n", "\r\n")).events
    assert call.metadata["outcome"] == "error"


def test_what_a_command_shows_is_no_error() -> None:
    assert read("│ ✓  Shell cat notes.md   │\n│ Error: as it was told   │\n╰──────╯\n") == [
        ("tool_use", "cat notes.md", 1)
    ]


def test_marks_in_the_output_of_a_tool_are_output() -> None:
    rows = "│ ✓  Shell make test   │\n│ ✓ 3 tests passed   │\n│ ✕ [API Error: x]   │\n│ > prompt   │\n╰──────╯\n"
    assert told(events(rows)) == [("tool_use", "make test", 1)]


def test_a_file_that_was_changed_has_the_path_that_was_asked_about() -> None:
    rows = "│ ? WriteFile  Writing to src/new.txt   │\n│ Apply this change?   │\n╰──────╯\n"
    rows += "  ✓  WriteFile  new.txt → Accepted (+2, -0)\n\n      1 hello\n      2 Error: no\n\n"
    rows += "  ✓  Edit  old.txt → Accepted (+2, -1)\n"
    assert told(events(rows), "file_operation") == [
        ("file_operation", "src/new.txt", 4), ("file_operation", "old.txt", 9),
    ]  # fmt: skip
    assert [e.metadata.get("operation") for e in events(rows)][-1] == "modified"


def test_a_tool_that_failed_says_why() -> None:
    call, error = events("  x  ReadFile  gone.py\n\n     File not found.\n\n✦ Hm.\n")
    assert (call.metadata["outcome"], error.matched_value) == ("error", "File not found.")


def test_a_message_and_what_was_typed_are_text() -> None:
    assert read("✦ I saw error: boom\n  ⚠ warning: it is old\n\n > fix error: boom\n") == []


def test_an_error_of_the_program_is_one() -> None:
    rows = " ⠋ Thinking... (esc to cancel, 0s)\n✕ [API Error: got status: 429]\n✕ [API Error: got status: 429]\n"
    assert told(events(rows), "error") == [("error", "API Error: got status: 429", 2)]


def test_the_tokens_of_a_run_count_once_though_they_are_shown_twice() -> None:
    found = find(
        SCREEN,
        (STATS + "\n" + STATS.replace("Session Stats", "Agent powering down. Goodbye!")).replace("\n", "\r\n"),
        patterns=(),
    )
    (metric,) = found.events
    assert metric.metadata["tokens"] == {"input_uncached": 63710, "cache_read": 31852, "output": 273, "total": 95835}
    assert [(usage.thread, usage.model, usage.total) for usage in found.usages] == [("df42018a", "gemini-3-pro", 95835)]


def test_before_its_screen_a_gemini_that_cannot_start_prints_text() -> None:
    assert told(events("[ERROR] Invalid auth method selected.\n")) == [("error", "Invalid auth method selected.", 1)]


ROWS = [QUESTION, FAILED, STATS, "✦ text\n", " > typed\n", "  ✓  Edit  a.txt → Accepted (+1, -1)\n", "\n", "error: x\n"]
ROWS += ["│ -  Shell rm -rf build │\n", "│ out   │\n", " ⠋ Thinking... (esc to cancel, 0s)\n", "╰──────╯\n"]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(ROWS), max_size=20), st.lists(st.integers(0, 2000), max_size=6))
def test_rows_in_any_order_are_read_the_same_however_they_are_cut(rows: list[str], cuts: list[int]) -> None:
    text = "".join(rows)
    recording = header("gemini", ("gemini",), mode=("pty", "pty", "pipe"), columns=200, rows=500)
    assert find(recording, text, cuts=cuts, resume=True) == find(recording, text)
