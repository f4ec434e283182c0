from typing import Any

import pytest

from agent_text import Told, find, header, told

SCREEN = header("claude", ("claude",))
PRINT = header("claude", ("claude", "-p", "hi"))


def read(text: str, recording: Any = SCREEN) -> list[Told]:
    return told(find(recording, text).events)


def test_the_banner_is_the_session() -> None:
    (session,) = find(SCREEN, " ▐▛███▜▌   Claude Code v2.1.94\n▝▜█████▛▘  Opus 4.5 · Claude Max\n").events
    assert (session.matched_value, session.metadata) == ("Opus 4.5", {"version": "2.1.94", "model": "Opus 4.5"})
    assert read(" * Welcome to Claude Code v1.0.3\n\n") == [("session", "claude 1.0.3", 1)]


@pytest.mark.parametrize("bullet", ["⏺", "●"])
def test_a_tool_is_told_with_its_result_once_however_often_it_is_painted(bullet: str) -> None:
    text = f"{bullet} Bash(make)\n  ⎿  Running…\n\n{bullet} Bash(make)\n  ⎿  done\n     error: shown\n"
    assert read(text) == [("tool_use", "make", 4)]


def test_a_command_that_failed_is_one_error_in_its_own_words() -> None:
    text = "⏺ Bash(make)\n  ⎿  Error: Exit code 2\n     cc x.c\n     fatal: no rule\n\n⏺ I see: error: prose\n"
    events = find(SCREEN, text, patterns=()).events
    assert told(events) == [("tool_use", "make", 1), ("error", "no rule", 1)]
    assert (events[0].metadata["outcome"], events[0].metadata["exit_code"]) == ("error", 2)
    assert events[1].pattern == "tool_failed"


def test_arguments_may_take_several_rows() -> None:
    assert read("⏺ Bash(echo one &&\n      echo two)\n  ⎿  one\n") == [("tool_use", "echo one &&\necho two", 1)]


@pytest.mark.parametrize(
    ("tool", "result", "expected"),
    [
        ("Update", "Added 1 line, removed 2 lines", {"operation": "modified", "added": 1, "removed": 2}),
        ("Update", "Updated a.py with 3 additions", {"operation": "modified", "added": 3, "removed": 0}),
        ("Edit", "Done", {"operation": "modified"}),
        ("Write", "Wrote 3 lines to a.py", {"operation": "created", "added": 3, "removed": 0}),
    ],
)
def test_files_change_when_the_result_says_so(tool: str, result: str, expected: dict[str, Any]) -> None:
    events = find(SCREEN, f"⏺ {tool}(a.py)\n  ⎿  {result}\n").events
    assert told(events) == [("tool_use", f"{tool}: a.py", 1), ("file_operation", "a.py", 1)]
    assert {key: value for key, value in events[1].metadata.items() if key != "line_end"} == expected


QUESTION = "⏺ Bash(rm -rf x)\n\n────────────\n Do you want to proceed?\n \u276f 1. Yes\n   2. No\n\n"


def test_a_question_is_asked_once_about_the_tool_that_waits() -> None:
    (asked,) = [event for event in find(SCREEN, QUESTION + QUESTION).events if event.event_type == "permission"]
    assert (asked.matched_value, asked.risk_level) == ("rm -rf x", "high")
    assert (asked.metadata["kind"], asked.metadata["options"]) == ("command", ["Yes", "No"])


def test_what_is_refused_was_not_done() -> None:
    events = find(SCREEN, QUESTION + "⏺ Bash(rm -rf x)\n  ⎿  Interrupted · What should Claude do instead?\n").events
    assert [(e.event_type, e.metadata.get("phase") or e.metadata.get("outcome")) for e in events] == [
        ("permission", "asked"),
        ("permission", "denied"),
        ("tool_use", "cancelled"),
        ("state_change", None),
    ]


def test_trust_is_asked_about_a_folder() -> None:
    text = " Do you trust the files in this folder?\n\n /home/dev/x\n\n \u276f 1. Yes, proceed\n   2. No, exit\n\n"
    (asked,) = find(SCREEN, text).events
    assert (asked.matched_value, asked.metadata["kind"]) == ("/home/dev/x", "trust")


def test_what_the_spinner_says_is_one_state() -> None:
    text = "✢ Brewing… (esc to interrupt)\n✳ Brewing… (esc to interrupt)\n✶ Brewing… (thinking)\n⏺ Done\n"
    assert read(text) == [("state_change", "working", 1), ("state_change", "thinking", 3)]


def test_what_the_user_typed_and_messages_are_text() -> None:
    assert read("\u276f fix Error: boom\n  error: pasted\n⏺ Error: was that\n  warning: prose\n") == []


def test_an_answer_is_text_unless_all_of_it_is_a_fault() -> None:
    assert read("error: quoted\nAPI Error: quoted\n", PRINT) == []
    (error,) = find(PRINT, 'API Error: 529 {"error":{"message":"Overloaded"}}\n').events
    assert (error.matched_value, error.metadata) == ("Overloaded", {"kind": "HTTP 529"})


@pytest.mark.parametrize(
    "said",
    [
        "Invalid API key · Please run /login",
        "OAuth token has expired · Please run /login",
        "Not logged in · Please run /login",
        "Credit balance is too low",
        "Your organization does not have access to Claude.",
    ],
)
def test_what_is_said_in_place_of_an_answer_is_an_error(said: str) -> None:
    assert read(f"{said}\n", PRINT) == [("error", said, 1)]
    assert read(f"{said}\n", SCREEN) == [("error", said, 1)]
    assert read(f"It says:\n{said}\n", PRINT) == []


def test_code_that_a_failed_tool_shows_does_not_stand_for_its_error() -> None:
    text = "⏺ Bash(make)\n  ⎿  Error: bad\n     ```\n     error: quoted\n     ```\n\n⏺ I see\n"
    assert told(find(SCREEN, text).events, "error") == [Told("error", "bad", 1)]
    assert told(find(SCREEN, text.replace("     ```\n", "")).events, "error") == [Told("error", "quoted", 3)]


def test_behind_an_exception_it_is_known_at_once_that_code_begins() -> None:
    """Whether more of its message comes, or its stack, is only known many lines later."""
    text = "ValueError: no\n```\nNot logged in · Please run /login\n```\n" + "plain\n" * 40
    whole = find(SCREEN, text).events
    assert told(whole, "error") == []
    assert find(SCREEN, text, cuts=range(0, 80, 7)).events == whole


def test_limits_and_retries_are_states() -> None:
    text = "  ⎿  x\nAPI Error (Request timed out.) · Retrying in 5 seconds… (attempt 3/10)\n"
    text += "5-hour limit reached · resets 3pm\n✻ Conversation compacted\n"
    events = find(SCREEN, text).events
    assert told(events) == [
        ("state_change", "retrying", 2),
        ("state_change", "rate_limited", 3),
        ("state_change", "compacted", 4),
    ]
    assert (events[0].metadata["attempt"], events[1].metadata["until"]) == (3, "3pm")


def test_a_tool_without_a_result_is_unknown() -> None:
    (call,) = find(SCREEN, "⏺ Bash(sleep 9)\n").events
    assert call.metadata["outcome"] == "unknown"
