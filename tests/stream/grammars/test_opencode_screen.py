"""What opencode's full-screen program shows."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import Told, find, header, told

SCREEN = header("opencode", ("opencode",), mode=("pty", "pty", "pty"), columns=100, rows=60)
MODEL = "     ▣  Build · Mock Model\n"
QUESTION = (
    "  ┃  △ Permission required\n  ┃    # Shell command\n  ┃  $ rm -rf build\n  ┃\n"
    "  ┃   Allow once   Allow always   Reject             ctrl+f fullscreen  ⇆ select\n"
)


def events(text: str) -> Any:
    return find(SCREEN, text.replace("\n", "\r\n"), patterns=()).events


def read(text: str) -> list[Told]:
    return told(find(SCREEN, text.replace("\n", "\r\n")).events)


def test_the_model_is_the_session_and_its_id_comes_at_the_end() -> None:
    first, last = events(MODEL + MODEL + "  Continue  opencode -s ses_1a2b\n")
    assert (first.matched_value, last.metadata["agent_session_id"]) == ("Mock Model", "ses_1a2b")


def test_a_question_is_asked_and_answered_by_what_became_of_it() -> None:
    asked, answered, call = events(MODEL + "     $ rm -rf build\n" + QUESTION + "  ┃  gone\n     Done.\n")[1:]
    assert (asked.matched_value, asked.risk_level) == ("rm -rf build", "high")
    assert asked.metadata["options"] == ["Allow once", "Allow always", "Reject"]
    assert (answered.metadata["phase"], call.metadata["outcome"]) == ("answered", "ok")


def test_a_command_that_was_rejected_is_denied() -> None:
    rows = "     $ rm -rf build\n" + QUESTION + "  ┃  Error: The user rejected permission to use this tool\n"
    _, denied, call = events(MODEL + rows)[1:]
    assert (denied.metadata["phase"], call.metadata["outcome"]) == ("denied", "denied")


def test_the_output_of_a_command_tells_whether_it_failed() -> None:
    shown = "  ┃  $ python3 a.py\n  ┃\n  ┃  Error: boom\n     I see.\n"
    assert read(MODEL + shown)[1:] == [("tool_use", "python3 a.py", 2), ("error", "boom", 2)]
    assert events(MODEL + shown.replace("Error: boom", "42"))[1].metadata["outcome"] == "ok"


def test_of_a_command_whose_output_is_cut_nobody_knows_how_it_ended() -> None:
    call = events(MODEL + "  ┃  $ make\n  ┃  cc a.c\n  ┃  …\n  ┃  Click to expand\n")[1]
    assert call.metadata["outcome"] == "unknown"


def test_a_file_counts_once_it_is_shown_to_be_changed() -> None:
    asked = (
        "     ← Edit a.py\n  ┃  △ Permission required\n  ┃    → Edit a.py\n  ┃   Allow once   Allow always   Reject\n"
    )
    waiting = events(MODEL + asked)
    assert [(e.event_type, e.metadata.get("outcome")) for e in waiting[1:]] == [
        ("permission", None), ("tool_use", "unknown"),
    ]  # fmt: skip
    done = told(events(MODEL + asked + MODEL + "  ┃  ← Edit a.py\n"), "tool_use", "file_operation")
    assert done == [("tool_use", "Edit: a.py", 2), ("file_operation", "a.py", 2)]


def test_the_cost_is_told_once_and_is_the_last_one() -> None:
    rows = MODEL + "  8.8K (7%) · $0.04  ctrl+p commands\n     Hm.\n  9.1K (7%) · $0.05  ctrl+p commands\n"
    found = find(SCREEN, rows.replace("\n", "\r\n"), patterns=())
    assert told(found.events, "metric") == [("metric", "9.1K (7%) · $0.05", 4)]
    assert [usage.cost_usd for usage in found.usages] == [0.05]


def test_words_of_the_model_are_text() -> None:
    assert read(MODEL + "     I saw error: boom\n\n     warning: it is old\n")[1:] == []


ROWS = [
    MODEL,
    QUESTION,
    "     $ make\n",
    "  ┃  $ make\n",
    "  ┃  error: x\n",
    "     ← Edit a\n",
    "  ┃  ← Edit a\n",
    "\n",
]
ROWS += [
    "     text\n",
    "     → Read a\n",
    "  8K · $0.01\n",
    "  Continue  opencode -s ses_1\n",
    "error: y\n",
    "  ┃  …\n",
]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(ROWS), max_size=20), st.lists(st.integers(0, 600), max_size=6))
def test_rows_in_any_order_are_read_the_same_however_they_are_cut(rows: list[str], cuts: list[int]) -> None:
    text = "".join(rows)
    recording = header("opencode", ("opencode",), mode=("pty", "pty", "pipe"), columns=200, rows=500)
    assert find(recording, text, cuts=cuts, resume=True) == find(recording, text)
