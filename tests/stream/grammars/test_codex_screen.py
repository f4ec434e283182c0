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
    assert [(e.matched_value, e.line_number) for e in events(named)] == [("gpt-5.5", 1)]
    assert [e.matched_value for e in events(named + named)] == ["gpt-5.5"]


def test_the_directory_stands_below_the_version_and_the_model_at_the_bottom() -> None:
    rows = "  >_ OpenAI Codex (v0.169.0)\n     /home/user/my project\n  permissions: YOLO mode\n\n\u203a x\n\n"
    footer = "  GPT-5.5 default · /home/user/my project\n"
    (session,) = events(rows + footer + "  ? for shortcuts\n" + footer)
    facts = {"version": "0.169.0", "cwd": "/home/user/my project", "model": "GPT-5.5"}
    assert (session.matched_value, session.line_number, session.metadata) == ("GPT-5.5", 1, facts)


def test_a_directory_that_was_not_painted_below_the_version_is_that_of_the_recording() -> None:
    rows = "  >_ OpenAI Codex (v0.169.0)\n\n  ? for shortcuts\n     /w\n\u203a x\n  GPT-5.5 medium · {}\n"
    (session,) = events(rows.format("/w"))
    assert session.metadata == {"version": "0.169.0", "cwd": "/w", "model": "GPT-5.5"}
    assert [event.metadata for event in events(rows.format("/other"))] == [{"version": "0.169.0"}]


@pytest.mark.parametrize("row", ["     /home/user/…/deep", "     what is new", ""])
def test_a_row_below_the_version_that_is_no_whole_path_is_no_directory(row: str) -> None:
    rows = f"  >_ OpenAI Codex (v0.169.0)\n{row}\n\n\u203a x\n\n  GPT-5.5 default · /home/user/p\n"
    assert [event.metadata for event in events(rows)] == [{"version": "0.169.0"}]


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


def test_what_is_being_looked_at_is_told_when_it_is_known_how_it_ended() -> None:
    rows = "• Exploring\n  └ List none\n    Read a.py\n\n"
    call, other = events(rows)
    assert {call.metadata["outcome"], other.metadata["outcome"]} == {"unknown"}
    rows += "• Explored · 1 nonzero exit\n  └ List none (exit 2)\n\n• Done.\n"
    assert read(rows) == [
        ("tool_use", "List: none", 2), ("error", "List: none exited 2", 2), ("tool_use", "Read: a.py", 3),
    ]  # fmt: skip
    assert [event.metadata["outcome"] for event in events(rows) if event.event_type == "tool_use"] == ["error", "ok"]


def test_a_look_that_failed_is_an_error_with_its_exit_code() -> None:
    call, error, other = events(
        "• Explored · 1 nonzero exit\n  └ List nowhere_at_all (exit 2)\n    Read b.py\n    + Show details\n\n"
    )
    assert (call.matched_value, call.metadata) == (
        "List: nowhere_at_all", {"tool": "List", "outcome": "error", "exit_code": 2},
    )  # fmt: skip
    assert (error.pattern, error.matched_value) == ("tool_failed", "List: nowhere_at_all exited 2")
    assert (error.metadata, other.metadata["outcome"]) == ({"tool": "List", "kind": "exit 2"}, "ok")
    (call,) = events("• Explored\n  └ Read notes (exit 2)\n\n")
    assert (call.matched_value, call.metadata["outcome"]) == ("Read: notes (exit 2)", "ok")


def test_a_command_that_is_wider_than_the_screen_is_whole() -> None:
    (call,) = events("• Ran git log --oneline |\n  │ head -20\n  └ 1a2b Error: old\n\n• Done.\n")
    assert (call.matched_value, call.metadata["outcome"]) == ("git log --oneline |\nhead -20", "ok")


def test_a_servers_tool_is_told_with_its_outcome() -> None:
    rows = '• Called docs.search({"q":"x"})\n  └ 3 hits\n\n• Called db.run({})\n  └ Error: no such table\n\n• Hm.\n'
    assert read(rows) == [
        ("tool_use", 'docs.search: {"q":"x"}', 1), ("tool_use", "db.run: {}", 4), ("error", "no such table", 5),
    ]  # fmt: skip


def test_of_a_command_that_still_runs_at_the_end_nobody_knows_what_came() -> None:
    (call,) = events("• Running make\n  └ cc a.c\n\n")
    assert (call.matched_value, call.metadata["outcome"]) == ("make", "unknown")
    (call,) = events("• Running make\n  └ cc a.c\n\n• Ran make\n  └ ok\n")
    assert call.metadata["outcome"] == "ok"


def test_a_message_that_begins_like_a_cell_is_no_command() -> None:
    rows = "• Ran all of them. Edited nothing.\n\n• Ran true\n  └ (no output)\n\n• Running it.\n\n"
    rows += "■ Conversation interrupted - use /feedback if something went wrong\n\n"
    assert read(rows) == [("tool_use", "true", 3), ("state_change", "interrupted", 8)]
    assert read("• Ran the tests and then\n  make\n\n• Ran out\n") == []


@pytest.mark.parametrize("head", ["Ran it, see:", "Running it, see:", "Explored it:", "Explored"])
def test_the_rest_of_a_message_that_begins_like_a_cell_is_its_text(head: str) -> None:
    found = find(SCREEN, f"• {head}\r\n  ```py\r\n  x = 1\r\n  ```\r\n  error: said\r\n")
    assert [block.context["in"] for block in found.blocks] == ["message"]
    assert [event.event_type for event in found.events] == ["code_block"]


def test_a_command_whose_output_was_painted_while_it_ran_has_ended() -> None:
    (call,) = events("• Running make all\n  │ && make test\n  └ one\n\n• Ran make all\n• Good.\n")
    assert (call.matched_value, call.metadata["outcome"]) == ("make all\n&& make test", "ok")


def test_what_the_user_is_asked_about_below_a_command_is_one() -> None:
    rows = "• Running rm -f a && git status\n  Environment: local\n\n  $ rm -f a && git status\n\n"
    assert read(rows) == [("permission", "rm -f a && git status", 4), ("tool_use", "rm -f a && git status", 1)]
    assert read("• Running this, I think:\n\n  $ rm -f a\n\n") == []


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


def test_each_of_several_files_is_an_operation_of_its_own() -> None:
    shown = "• Edited 3 files (+3 -12)\n  └ README.md → docs/README.md (+1 -1)\n    1 -# calc\n    1 +# small\n\n"
    shown += "  └ buggy.py (+2 -0)\n    7 +    if b == 0:\n\n  └ calc.c (+0 -11)\n     1 -#include <stdio.h>\n\n"
    call, *files = events(shown + "• Done.\n")
    assert (call.matched_value, call.metadata["outcome"]) == ("apply_patch: README.md, buggy.py, calc.c", "ok")
    assert [(file.matched_value, file.line_number, dict(file.metadata)) for file in files] == [
        ("README.md", 2, {"operation": "renamed", "to": "docs/README.md", "added": 1, "removed": 1}),
        ("buggy.py", 6, {"added": 2, "removed": 0}),  # new or not: the cell does not say
        ("calc.c", 9, {"added": 0, "removed": 11}),
    ]
    call, error = events(shown + "✘ Failed to apply patch\n\n")
    assert (call.metadata["outcome"], error.matched_value) == ("error", "Failed to apply patch")


def test_one_file_that_was_renamed_says_where_it_is_now() -> None:
    _, file = events("• Edited a.py → src/a.py (+1 -1)\n    1 -x\n    1 +y\n\n• Done.\n")
    assert (file.matched_value, file.metadata) == (
        "a.py", {"operation": "renamed", "to": "src/a.py", "added": 1, "removed": 1},
    )  # fmt: skip


@pytest.mark.parametrize("head", ["◦ I look first.", "• I look first.", "• Running the tests", "• Working"])
def test_what_codex_does_meanwhile_is_a_state_and_no_message(head: str) -> None:
    rows = f"• Edited a (+1 -0)\n    1 +x\n\n{head} (1m 3s • esc to interrupt) · 1 background terminal\n\n"
    rows += "✘ Failed to apply patch\n\n"
    assert [event.event_type for event in events(rows)] == ["state_change", "tool_use", "error"]


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
ROWS += ["• Edited 2 files (+1 -2)\n", "  └ a → b (+1 -2)\n", "• Explored · 1 nonzero exit\n", "  └ Read a (exit 1)\n"]
ROWS += ["    1 passed\n", "    ```\n", "  │ b\n", "• Ran a\n", "• I look (1s • esc to interrupt)\n", "     /w\n"]
ROWS += ["  └ Ran 3 tests in 0.001s\n", "    FAILED (failures=1)\n", "  GPT-5.5 default · /w\n", "• Explored\n"]
ROWS += [">_ OpenAI Codex (v1.2)\n", " model: x\n", "■ Conversation interrupted\n", "• text\n", QUESTION, OPTIONS]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(ROWS), max_size=30), st.lists(st.integers(0, 600), max_size=6))
def test_rows_in_any_order_are_read_the_same_however_they_are_cut(rows: list[str], cuts: list[int]) -> None:
    text = "".join(rows)
    recording = header("codex", ("codex",), mode=("pipe", "pty", "pipe"), columns=200, rows=500)
    assert find(recording, text, cuts=cuts, resume=True) == find(recording, text)
