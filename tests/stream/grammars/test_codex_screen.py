from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import Told, find, header, told
from stream.grammars.codex.screen import CodexScreen
from stream.grammars.table import GRAMMARS

SCREEN = header("codex", ("codex", "do it"), mode=("pty", "pty", "pty"), columns=100, rows=50)
QUESTION = "  Would you like to run the following command?\n\n  Reason: to clean up\n\n  $ rm -rf x\n\n"
OPTIONS = "\u203a 1. Yes, proceed (y)\n  2. No, and tell Codex what to do differently (esc)\n\n"


def read(text: str) -> list[Told]:
    return told(find(SCREEN, text.replace("\n", "\r\n")).events)


def events(text: str) -> Any:
    return find(SCREEN, text.replace("\n", "\r\n"), patterns=()).events


def test_a_codex_on_a_terminal_is_read_by_its_screen_and_exec_by_its_transcript() -> None:
    assert isinstance(GRAMMARS["codex"].make(SCREEN, "stdout"), CodexScreen)
    for command in (("codex", "exec", "x"), ("cat", "log")):
        recording = header("codex", command, mode=("pty", "pty", "pty"))
        assert not isinstance(GRAMMARS["codex"].make(recording, "stdout"), CodexScreen)


def test_the_banner_is_the_session() -> None:
    (session,) = events("│ >_ OpenAI Codex (v0.121.0)   │\n│                   │\n│ model:     gpt-5.5 medium   │\n\n")
    assert (session.matched_value, session.metadata) == ("gpt-5.5", {"version": "0.121.0", "model": "gpt-5.5"})


def test_what_git_says_of_a_push_is_an_event() -> None:
    rows = "• Ran git push origin main\n  └ To /home/dev/origin.git\n       3ff4b5c..eaacf8c  main -> main\n\n"
    call, push = events(rows)
    assert (call.event_type, push.event_type, push.matched_value) == ("tool_use", "git", "main -> main")
    assert push.metadata == {
        "action": "push", "branch": "main", "sha": "eaacf8c", "remote": "/home/dev/origin.git",
        "line_end": 3, "in": "tool_output",
    }  # fmt: skip


def test_a_question_is_asked_and_refused() -> None:
    asked, denied, call, state = events(
        QUESTION + OPTIONS + "✗ You canceled the request to run rm -rf x\n\n"
        "• Exited (status 1) rm -rf x\n  └ (no output)\n\n■ Conversation interrupted - tell the model\n"
    )
    assert (asked.matched_value, asked.metadata["phase"], asked.metadata["reason"]) == (
        "rm -rf x",
        "asked",
        "to clean up",
    )
    assert (asked.risk_level, len(asked.metadata["options"])) == ("high", 2)
    assert (denied.metadata["phase"], call.metadata["outcome"]) == ("denied", "cancelled")
    assert state.matched_value == "interrupted"


def test_a_command_that_exited_is_an_error_in_its_own_words() -> None:
    call, error = events(
        "• Exited (status 1) python3 a.py\n  └ return a / b\n    ZeroDivisionError: division by zero\n\n• Hm.\n"
    )
    assert (call.matched_value, call.metadata["exit_code"]) == ("python3 a.py", 1)
    assert (error.matched_value, error.metadata["kind"]) == ("division by zero", "ZeroDivisionError")


def test_a_change_counts_when_the_next_cell_has_come_without_a_failure() -> None:
    shown = "• Added a.txt (+2 -0)\n    1 +Error: no\n\n"
    assert read(shown + "✘ Failed to apply patch\n\n") == [
        ("tool_use", "apply_patch: a.txt", 4),
        ("error", "Failed to apply patch", 4),
    ]
    assert read(shown + "• Done.\n") == [("tool_use", "apply_patch: a.txt", 1), ("file_operation", "a.txt", 1)]
    assert read(shown + "■ Conversation interrupted - x\n") == [("state_change", "interrupted", 4)]


def test_what_was_typed_and_said_is_text() -> None:
    assert read("\u203a fix error: boom\n\n• I saw error: boom\n  warning: it is old\n") == []


def test_tokens_are_told_at_the_end() -> None:
    (metric,) = events("Token usage: total=14,211 input=13,004 (+ 9,856 cached) output=1,207 (reasoning 640)\n")
    assert metric.metadata == {
        "tokens": {
            "input_uncached": 13004, "cache_read": 9856, "output": 1207, "reasoning": 640, "total": 14211,
        },
        "scope": "thread",
    }  # fmt: skip


ROWS = [
    "• Ran make\n",
    "• Exited (status 2) make\n",
    "  └ error: e\n",
    "\n",
    "• Edited a (+1 -2)\n",
    "• Working (2s)\n",
]
ROWS += ["✘ Failed to apply patch\n", "  Destination: /w/a\n", "  $ rm x\n", "✗ You canceled the request to run make\n"]
ROWS += [">_ OpenAI Codex (v1.2)\n", " model: x\n", "■ Conversation interrupted\n", "• text\n", QUESTION, OPTIONS]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(ROWS), max_size=20), st.lists(st.integers(0, 600), max_size=6))
def test_rows_in_any_order_are_read_the_same_however_they_are_cut(rows: list[str], cuts: list[int]) -> None:
    text = "".join(rows)
    recording = header("codex", ("codex",), mode=("pipe", "pty", "pipe"), columns=200, rows=500)
    assert find(recording, text, cuts=cuts, resume=True) == find(recording, text)
