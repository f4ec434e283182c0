"""What gemini's full-screen program shows."""

from typing import Any

import pytest
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


def footer(model: str, name: str = "/model") -> str:
    return f" workspace (/directory)      branch     {name:>20}\n /home/user/project          main       {model:>20}\n"


def test_the_model_below_its_name_at_the_bottom_is_that_of_the_session() -> None:
    (session,) = events(footer("gemini-2.5-pro") + " ▝▜▄     Gemini CLI v0.61.0\n")
    assert session.matched_value == "gemini-2.5-pro"
    assert session.metadata == {"model": "gemini-2.5-pro", "version": "0.61.0"}


@pytest.mark.parametrize("rows", [footer("auto"), footer("gemini-2.5-pro", "quota"), footer("gemini-2.5-pro ~")])
def test_what_does_not_surely_stand_there_as_a_model_is_none(rows: str) -> None:
    (session,) = events(rows + " ▝▜▄     Gemini CLI v0.61.0\n")
    assert session.metadata == {"version": "0.61.0"}


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


def calls(text: str) -> list[tuple[str, str]]:
    found = find(SCREEN, text.replace("\n", "\r\n")).events
    return [(str(event.matched_value), event.metadata["outcome"]) for event in found if event.event_type == "tool_use"]


def test_output_that_came_before_the_end_of_its_command_was_shown_is_read_with_it() -> None:
    rows = "╭──────╮\n│ ⊶  Shell python3 buggy.py   │\n│       │\n╰──────╯\n"
    rows += "│ ... first 2 lines hidden (Ctrl+O to show) ...   │\n│     return a / b   │\n│            ~~^~~   │\n"
    rows += "│ Error: division by zero   │\n"
    rows += "✦ It still fails.\n\n  │ table │ error: x │\n│ ✓  Shell python3 buggy.py   │\n ? for shortcuts\n"
    assert read(rows) == [("tool_use", "python3 buggy.py", 12), ("error", "division by zero", 12)]
    assert calls(rows) == [("python3 buggy.py", "error")]


def test_rows_directly_above_the_end_of_one_of_several_commands_are_of_the_one_before_it() -> None:
    rows = "│ ⊶  Shell make a   │\n│ ⊶  Shell make b   │\n ⠋ Thinking... (esc to cancel, 0s)\n"
    rows += "│ error: a broke   │\n│ ✓  Shell make b   │\n│ done   │\n│ ✓  Shell make a   │\n"
    assert calls(rows) == [("make b", "ok"), ("make a", "error")]


def test_where_nobody_knows_whose_output_it_is_it_is_told_once_and_no_command_is_a_success() -> None:
    rows = "│ ⊶  Shell make a   │\n│ ⊶  Shell make b   │\n ⠋ Thinking... (esc to cancel, 0s)\n│ error: it broke   │\n"
    rows += " ⠙ Thinking... (esc to cancel, 1s)\n│ ✓  Shell make b   │\n ⠙ Thinking... (esc to cancel, 2s)\n"
    told_late = rows + "│ ✓  Shell make a   │\n"
    assert calls(told_late) == [("make b", "unknown"), ("make a", "unknown")]
    assert [e.matched_value for e in find(SCREEN, told_late).events if e.event_type == "error"] == ["it broke"]
    assert calls(rows + "│ ⊶  Shell make c   │\n│ ✓  Shell make a   │\n│ ✓  Shell make c   │\n") == [
        ("make b", "unknown"), ("make a", "unknown"), ("make c", "ok"),
    ]  # fmt: skip


def test_a_command_has_ended_when_another_thing_came_and_one_more_began() -> None:
    rows = "│ ⊶  Shell make a   │\n ⠋ Thinking... (esc to cancel, 0s)\n│ ⊶  Shell make b   │\n"
    rows += "│ ✓  Shell make a   │\n│ error: b broke   │\n│ ✓  Shell make b   │\n"
    assert calls(rows) == [("make a", "ok"), ("make b", "error")]


def test_a_box_that_was_left_has_nothing_more_to_say_of_its_command() -> None:
    rows = "│ ⊶  Shell make a   │\n│ ⊶  Shell make b   │\n ⠋ Thinking... (esc to cancel, 0s)\n│ ✓  Shell make a   │\n"
    assert calls(f"{rows} YOLO Ctrl+Y\n│ error: b broke   │\n│ ✓  Shell make b   │\n") == [
        ("make a", "ok"),
        ("make b", "error"),
    ]


def test_a_command_that_waits_for_its_turn_has_printed_nothing() -> None:
    rows = "│ ⊶  Shell make a   │\n│ o  Shell make b   │\n ⠋ Thinking... (esc to cancel, 0s)\n│ error: a broke   │\n"
    rows += "│ ⊶  Shell make b   │\n│ done   │\n ⠋ Thinking... (esc to cancel, 1s)\n│ ✓  Shell make a   │\n"
    assert calls(rows + "│ ✓  Shell make b   │\n") == [("make a", "error"), ("make b", "ok")]


def test_a_mark_that_turns_is_no_other_command_and_the_top_of_a_box_is() -> None:
    begun = "╭──────╮\n│ ⊶  Shell make   │\n ⠋ Thinking... (esc to cancel, 0s)\n│ error: it broke   │\n"
    assert calls(begun + "│ ⊷  Shell make   │\n ⠋ Thinking...\n│ ⊶  Shell make   │\n│ ✓  Shell make   │\n") == [
        ("make", "error")
    ]
    again = begun + begun.replace("error: it broke", "done") + "│ ✓  Shell make   │\n│ ✓  Shell make   │\n"
    assert calls(again) == [("make", "error"), ("make", "ok")]


def test_output_that_is_painted_again_with_the_end_of_its_command_counts_once() -> None:
    rows = "│ ⊶  Shell make   │\n│ error: one   │\n│ x   │\n│ ✓  Shell make   │\n│ error: one   │\n│ x   │\n│ y   │\n"
    assert [event.matched_value for event in find(SCREEN, rows).events] == ["make", "one"]


def test_commands_that_were_running_when_nothing_more_came_have_an_unknown_end() -> None:
    rows = "│ ⊶  Shell make a   │\n│ ⊶  Shell make b   │\n│ ✓  Shell make c   │\n"
    assert calls(rows) == [("make c", "ok"), ("make a", "unknown"), ("make b", "unknown")]


def test_a_spinner_that_was_painted_before_does_not_end_an_interruption() -> None:
    spinner = " ⠋ Thinking... (esc to cancel, 4s)\n"
    rows = f"{spinner}ℹ Request cancelled.\n\n{spinner}│ -  Shell make   │\n >   Type your message\n{spinner}"  # noqa: RUF001
    states = [event.matched_value for event in events(rows) if event.event_type == "state_change"]
    assert states == ["thinking", "interrupted"]
    for new in (" > go on\n", "✦ Well.\n", "│ ⊶  Shell ls   │\n"):
        states = [event.matched_value for event in events(rows + new + spinner) if event.event_type == "state_change"]
        assert states == ["thinking", "interrupted", "thinking"]


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


@pytest.mark.parametrize(
    ("row", "below", "operation"),
    [
        ("(+2, -0)", "      1 - one\n      2   two\n", "created"),
        ("(+2, -0)", "      1 - one\n      2 + two\n", None),
        ("(+1, -0)", "      1   one\n      2 + two\n", "modified"),
        ("(+1, -16)", "", "modified"),
        ("(+2, -0)", "", None),
        ("(+0, -0)", "       No changes detected.\n", None),
    ],
)
def test_a_file_is_new_where_it_is_shown_to_be(row: str, below: str, operation: str | None) -> None:
    *_, changed = events(f"  ✓  WriteFile  a.md → Accepted {row}\n\n{below}")
    assert changed.metadata.get("operation") == operation


def test_a_tool_that_failed_says_why() -> None:
    call, error = events("  x  ReadFile  gone.py\n\n     File not found.\n\n YOLO Ctrl+Y\n✦ Hm.\n")
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
ROWS += ["│ ⊶  Shell a │\n", "│ o  Shell b │\n", "│ ✓  Shell a │\n", "│ error: y │\n", "ℹ Request cancelled.\n"]  # noqa: RUF001
ROWS += [" workspace (/directory)  /model\n", "│ ✓  Shell b │\n", " Gemini CLI v1\n", " /w           gemini-3\n"]
ROWS += ["│ -  Shell rm -rf build │\n", "│ out   │\n", " ⠋ Thinking... (esc to cancel, 0s)\n", "╰──────╯\n"]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(ROWS), max_size=20), st.lists(st.integers(0, 2000), max_size=6))
def test_rows_in_any_order_are_read_the_same_however_they_are_cut(rows: list[str], cuts: list[int]) -> None:
    text = "".join(rows)
    recording = header("gemini", ("gemini",), mode=("pty", "pty", "pipe"), columns=200, rows=500)
    assert find(recording, text, cuts=cuts, resume=True) == find(recording, text)
