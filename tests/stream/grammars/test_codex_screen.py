from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import Told, find, header, told

SCREEN = header("codex", ("codex", "do it"), mode=("pty", "pty", "pty"), columns=100, rows=50)
QUESTION = "  Would you like to run the following command?\n\n  Reason: to clean up\n\n  $ rm -rf x\n\n"
OPTIONS = "\u203a 1. Yes, proceed (y)\n  2. No, and tell Codex what to do differently (esc)\n\n"


def read(text: str) -> list[Told]:
    return told(find(SCREEN, text.replace("\n", "\r\n")).events)


def events(text: str) -> Any:
    return find(SCREEN, text.replace("\n", "\r\n"), patterns=()).events


def test_exec_in_a_terminal_has_no_cells() -> None:
    recording = header("codex", ("codex", "exec", "x"), mode=("pty", "pty", "pty"), columns=100, rows=50)
    assert told(find(recording, "• Ran make\r\n").events) == []


@pytest.mark.parametrize("shown", [" >_ OpenAI Codex (v1.2)\r\n", QUESTION.replace("\n", "\r\n"), "• Ran make\r\n"])
def test_behind_another_programs_name_the_screen_is_known_by_what_it_shows(shown: str) -> None:
    recording = header("codex", ("./agent.sh",), mode=("pty", "pty", "pty"), columns=100, rows=50)
    text = shown + "• Ran git status\r\n  └ clean\r\n"
    assert ("tool_use", "git status") in [(e.event_type, e.matched_value) for e in find(recording, text).events]
    assert find(recording, text, cuts=range(0, len(text), 7), resume=True) == find(recording, text)


def test_behind_another_programs_name_exec_is_known_by_its_header() -> None:
    recording = header("codex", ("./agent.sh",), mode=("pty", "pty", "pty"), columns=100, rows=50)
    text = "error: no such file\nOpenAI Codex v0.9 (research preview)\n--------\nmodel: x\n--------\nuser\nhi\n"
    text = (text + "codex\n• Ran a test\ntokens used\n7\n").replace("\n", "\r\n")
    assert told(find(recording, text).events) == [
        ("error", "no such file", 1), ("session", "x", 2), ("metric", "7", 11),
    ]  # fmt: skip


def test_the_banner_is_the_session() -> None:
    (session,) = events("│ >_ OpenAI Codex (v0.121.0)   │\n│                   │\n│ model:     gpt-5.5 medium   │\n\n")
    assert (session.matched_value, session.metadata) == ("gpt-5.5", {"version": "0.121.0", "model": "gpt-5.5"})


def test_the_banner_waits_for_a_model_that_is_loading() -> None:
    rows = "│ >_ OpenAI Codex (v0.169.0)   │\n│ model:     loading   /model to change   │\n╰────╯\n\n"
    assert [e.matched_value for e in events(rows)] == ["codex 0.169.0"]
    named = rows + "│ model:     gpt-5.5 high   /model to change │\n\n"
    assert [e.matched_value for e in events(named)] == ["codex 0.169.0", "gpt-5.5"]
    assert [e.matched_value for e in events(named + named)] == ["codex 0.169.0", "gpt-5.5"]


def test_status_tells_more_of_the_session_and_the_ledger_knows_its_thread() -> None:
    rows = ">_ OpenAI Codex (v0.169.0)\n\n  Model:   GPT-5.5 (reasoning medium)\n  Model provider:  mock\n"
    rows += "  Directory:  /home/dev/my project\n  Session:  01a2-77\n\n\u203a x\n"
    rows += "Token usage: total=9 input=7 output=2\n"
    found = find(SCREEN, rows.replace("\n", "\r\n"), patterns=())
    assert found.events[0].metadata == {
        "version": "0.169.0", "model": "GPT-5.5", "provider": "mock", "cwd": "/home/dev/my project",
        "agent_session_id": "01a2-77",
    }  # fmt: skip
    assert [(usage.thread, usage.model) for usage in found.usages] == [("01a2-77", "GPT-5.5")]


def test_what_was_looked_at_is_told_once_though_the_cell_grows() -> None:
    rows = "• Exploring\n  └ Read a.py\n\n• Explored\n  └ Read a.py\n    Search boom in src\n    + Show details\n\n"
    assert read(rows) == [("tool_use", "Read: a.py", 2), ("tool_use", "Search: boom in src", 6)]


def test_a_command_that_is_wider_than_the_screen_is_whole() -> None:
    (call,) = events("• Ran git log --oneline |\n  │ head -20\n  └ 1a2b Error: old\n\n• Done.\n")
    assert (call.matched_value, call.metadata["outcome"]) == ("git log --oneline |\nhead -20", "ok")


def test_a_servers_tool_is_told_with_its_outcome() -> None:
    rows = '• Called docs.search({"q":"x"})\n  └ 3 hits\n\n• Called db.run({})\n  └ Error: no such table\n\n• Hm.\n'
    assert read(rows) == [
        ("tool_use", 'docs.search: {"q":"x"}', 1), ("tool_use", "db.run: {}", 4), ("error", "no such table", 5),
    ]  # fmt: skip


def test_of_a_command_that_still_runs_at_the_end_nobody_knows_what_came() -> None:
    (call,) = events("• Running make\n\n")
    assert (call.matched_value, call.metadata["outcome"]) == ("make", "unknown")
    (call,) = events("• Running make\n\n• Ran make\n  └ ok\n")
    assert call.metadata["outcome"] == "ok"


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
ROWS += ["• Exploring\n", "    Read a\n", "  │ more\n", "• Called a.b({})\n", "• Running make\n"]
ROWS += [">_ OpenAI Codex (v1.2)\n", " model: x\n", "■ Conversation interrupted\n", "• text\n", QUESTION, OPTIONS]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(ROWS), max_size=20), st.lists(st.integers(0, 600), max_size=6))
def test_rows_in_any_order_are_read_the_same_however_they_are_cut(rows: list[str], cuts: list[int]) -> None:
    text = "".join(rows)
    recording = header("codex", ("codex",), mode=("pipe", "pty", "pipe"), columns=200, rows=500)
    assert find(recording, text, cuts=cuts, resume=True) == find(recording, text)
