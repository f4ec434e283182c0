"""What codex's screen tells more than once: questions, that it works, the tokens of a thread that is resumed."""

from typing import Any

import pytest

from agent_text import Told, find, header, told

SCREEN = header("codex", ("codex", "do it"), mode=("pty", "pty", "pty"), columns=100, rows=50)
OPTIONS = "\u203a 1. Yes, proceed (y)\n  2. No, and tell Codex what to do differently (esc)\n\n"


def events(text: str) -> Any:
    return find(SCREEN, text.replace("\n", "\r\n"), patterns=()).events


def read(text: str) -> list[Told]:
    return told(events(text))


THREAD = "01a205c5-fd46-7501-9786-d3bb2f327f30"
TOTAL = "Token usage: total=9 input=7 output=2\n"


@pytest.mark.parametrize(
    ("command", "rows", "thread"),
    [
        (("codex",), f"To continue this session, run:\n  codex resume {THREAD}\n", THREAD),
        (("codex",), f"To continue this session, run codex resume {THREAD}\n", THREAD),
        (("codex", "resume", "--last"), f"To continue this session, run:\n  codex resume {THREAD}\n", THREAD),
        (("codex", "resume", THREAD, "go on"), "", THREAD),
        (("codex", "resume", THREAD), "a\nb\nc\nd\ncodex resume " + THREAD.replace("1", "2"), THREAD),
        (("codex", "resume", "--last"), "", ""),
        (("codex", "say resume"), "bye\n", ""),
    ],
)
def test_tokens_are_those_of_the_thread_that_can_be_resumed(command: tuple[str, ...], rows: str, thread: str) -> None:
    recording = header("codex", command, mode=("pty", "pty", "pty"), columns=100, rows=50)
    text = ("• Hello.\n" + TOTAL + rows).replace("\n", "\r\n")
    found = find(recording, text)
    assert [(usage.thread, usage.total) for usage in found.usages] == [(thread, 9)]
    assert find(recording, text, cuts=range(0, len(text), 9), resume=True) == found


STOPPED = "• Working (0s • esc to interrupt)\n■ Conversation interrupted - x\n"


def test_a_row_that_was_not_painted_over_yet_does_not_work_again() -> None:
    found = find(SCREEN, (STOPPED + "• I look at it (6s • esc to interrupt) · 1 more…\n").replace("\n", "\r\n"))
    assert told(found.events) == [("state_change", "working", 1), ("state_change", "interrupted", 2)]
    assert found.verdict
    assert found.verdict.verdict == "interrupted"


def test_codex_works_again_when_something_was_typed_behind_an_interruption() -> None:
    again = read(STOPPED + "\u203a go on\n• Working (0s • esc to interrupt)\n")
    assert again[-1] == ("state_change", "working", 4)


EDIT = "  Would you like to make the following edits?\n\n  Description: x\n  Destination: /w/a b.txt\n"
ADDED = "• Added a b.txt (+1 -0)\n    1 +x\n\n"


@pytest.mark.parametrize("ending", ["✘ Failed to apply patch\n", "• Ran true\n  └ (no output)\n", STOPPED])
def test_the_same_may_be_asked_again_when_it_is_known_what_became_of_it(ending: str) -> None:
    asked = [e for e in events(ADDED + EDIT + OPTIONS + ending + ADDED + EDIT) if e.event_type == "permission"]
    assert [event.matched_value for event in asked] == ["/w/a b.txt", "/w/a b.txt"]


def test_a_question_that_is_painted_again_is_asked_once() -> None:
    asked = [e for e in events(ADDED + EDIT + OPTIONS + EDIT + OPTIONS) if e.event_type == "permission"]
    assert [event.line_number for event in asked] == [4]


def test_the_row_that_says_that_codex_works_may_stand_within_a_question() -> None:
    rows = EDIT.replace("\n\n", "\n• Working (1s • esc to interrupt)\n")
    assert read(ADDED + rows + OPTIONS) == [("permission", "/w/a b.txt", 4)]


COMMAND = "  Would you like to run the following command?\n\n  $ npm test\n\n" + OPTIONS
YES = "✔ You approved codex to run npm test this time\n\n"


@pytest.mark.parametrize("between", ["", "• Working (3s • esc to interrupt)\n" + COMMAND, "• I look.\n" + COMMAND])
def test_an_answer_knows_its_question_though_a_change_was_applied_in_between(between: str) -> None:
    asked, answer = [e for e in events(ADDED + COMMAND + between + YES) if e.event_type == "permission"]
    assert (asked.line_number, answer.metadata["phase"]) == (4, "answered")
    assert answer.metadata["asked_line"] == 4


def test_a_change_that_fails_does_not_take_back_a_question_about_a_command() -> None:
    rows = ADDED + COMMAND + "✘ Failed to apply patch\n" + YES
    (answer,) = [event for event in events(rows) if event.metadata.get("phase") == "answered"]
    assert answer.metadata["asked_line"] == 4
