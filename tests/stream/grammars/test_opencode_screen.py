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


def sessions(text: str) -> list[tuple[str | None, dict[str, Any]]]:
    return [(e.matched_value, dict(e.metadata)) for e in events(text) if e.event_type == "session"]


def test_a_session_is_told_once_with_the_id_that_is_shown_at_its_end() -> None:
    end = "  Continue  opencode -s ses_1a2b\n"
    assert sessions(MODEL + MODEL + end + end) == [
        ("Mock Model", {"model": "Mock Model", "agent_session_id": "ses_1a2b"})
    ]
    assert sessions("  ┃  please do it\n" + end) == [("opencode", {"agent_session_id": "ses_1a2b"})]


def test_a_session_whose_id_is_not_shown_is_told_by_its_model_and_another_model_is_another() -> None:
    other = MODEL.replace("Mock", "Other")
    assert sessions(MODEL + other) == [
        ("Mock Model", {"model": "Mock Model"}),
        ("Other Model", {"model": "Other Model"}),
    ]


def test_a_turn_that_was_interrupted_is_a_state_that_is_told_once_whatever_is_painted_again() -> None:
    stopped = MODEL.replace("\n", " · interrupted\n")
    late = MODEL.replace("\n", " · 2.8s · interrupted\n")
    assert read(MODEL + "     $ make\n" + stopped + late) == [
        ("tool_use", "make", 2), ("state_change", "interrupted", 3), ("session", "Mock Model", 1),
    ]  # fmt: skip
    for between in ("     Again.\n", "     $ make\n"):
        assert told(events(stopped + between + stopped), "state_change") == [
            ("state_change", "interrupted", 1), ("state_change", "interrupted", 3),
        ]  # fmt: skip
    assert told(events(MODEL.replace("\n", " · 2.8s\n")), "state_change") == []


CALLED = "     Two at once.\n\n     $ ls none\n     $ echo hello\n     ← Edit a.py\n"
CALLED += "     ⠹ Read b.py\n     ~ Writing command…\n"


def test_calls_that_are_named_together_before_they_are_shown_are_one_use_each() -> None:
    shown = "  ┃\n  ┃  $ ls none\n  ┃\n  ┃  ls: cannot access none\n  ┃\n  ┃  $ echo hello\n  ┃\n  ┃  hello\n"
    found = events(MODEL + CALLED + shown + "  ┃\n  ┃  ← Edit a.py\n     → Read b.py\n     All done.\n")
    uses = [(e.matched_value, e.line_number, e.metadata["outcome"]) for e in found if e.event_type == "tool_use"]
    assert uses == [("ls none", 4, "ok"), ("echo hello", 5, "ok"), ("Edit: a.py", 6, "ok"), ("Read: b.py", 19, "ok")]


def test_what_was_named_but_never_shown_has_an_unknown_outcome_when_the_model_goes_on() -> None:
    again = "     $ ls none\n"
    found = events(MODEL + CALLED + again + "  ┃  $ echo hello\n  ┃\n  ┃  hello\n     All done.\n     $ ls none\n")
    uses = [(e.matched_value, e.line_number, e.metadata["outcome"]) for e in found if e.event_type == "tool_use"]
    assert uses == [
        ("echo hello", 5, "ok"), ("ls none", 4, "unknown"), ("Edit: a.py", 6, "unknown"), ("ls none", 14, "unknown"),
    ]  # fmt: skip


def test_what_a_command_shows_that_is_still_running_is_not_of_the_one_before() -> None:
    rows = "  ┃  $ ./hello\n  ┃\n  ┃  hello\n  ┃\n  ┃  ⠋ make; sleep 9\n  ┃\n  ┃  Error: boom\n"
    assert read(MODEL + rows) == [("tool_use", "./hello", 2), ("session", "Mock Model", 1)]


def test_a_question_is_about_the_call_that_it_names() -> None:
    rows = "     $ rm -rf build\n     $ ls\n" + QUESTION + "  ┃  gone\n  ┃\n  ┃  $ ls\n  ┃\n  ┃  a\n     Done.\n"
    found = [e for e in events(MODEL + rows) if e.event_type != "session"]
    assert [(e.event_type, e.matched_value, e.metadata.get("outcome", e.metadata.get("phase"))) for e in found] == [
        ("permission", "rm -rf build", "asked"), ("permission", "rm -rf build", "answered"),
        ("tool_use", "rm -rf build", "ok"), ("tool_use", "ls", "ok"),
    ]  # fmt: skip


def test_a_question_is_asked_and_answered_by_what_became_of_it() -> None:
    asked, answered, call = events(MODEL + "     $ rm -rf build\n" + QUESTION + "  ┃  gone\n     Done.\n")[:-1]
    assert (asked.matched_value, asked.risk_level) == ("rm -rf build", "high")
    assert asked.metadata["options"] == ["Allow once", "Allow always", "Reject"]
    assert (answered.metadata["phase"], call.metadata["outcome"]) == ("answered", "ok")


def test_a_command_that_was_rejected_is_denied() -> None:
    rows = "     $ rm -rf build\n" + QUESTION + "  ┃  Error: The user rejected permission to use this tool\n"
    _, denied, call = events(MODEL + rows)[:-1]
    assert (denied.metadata["phase"], call.metadata["outcome"]) == ("denied", "denied")


def test_the_output_of_a_command_tells_whether_it_failed() -> None:
    shown = "  ┃  $ python3 a.py\n  ┃\n  ┃  Error: boom\n     I see.\n"
    assert read(MODEL + shown)[:-1] == [("tool_use", "python3 a.py", 2), ("error", "boom", 2)]
    assert events(MODEL + shown.replace("Error: boom", "42"))[0].metadata["outcome"] == "ok"


def test_of_a_command_whose_output_is_cut_nobody_knows_how_it_ended() -> None:
    call = events(MODEL + "  ┃  $ make\n  ┃  cc a.c\n  ┃  …\n  ┃  Click to expand\n")[0]
    assert call.metadata["outcome"] == "unknown"


def test_a_file_counts_once_it_is_shown_to_be_changed() -> None:
    asked = (
        "     ← Edit a.py\n  ┃  △ Permission required\n  ┃    → Edit a.py\n  ┃   Allow once   Allow always   Reject\n"
    )
    waiting = events(MODEL + asked)
    assert [(e.event_type, e.metadata.get("outcome")) for e in waiting[:-1]] == [
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
    assert read(MODEL + "     I saw error: boom\n\n     warning: it is old\n")[:-1] == []


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
    MODEL.replace("\n", " · interrupted\n"),
    "     $ ls\n",
    "  ┃  $ ls\n",
    "  ┃  ⠋ make\n",
    "     ⠹ Read a\n",
]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(ROWS), max_size=20), st.lists(st.integers(0, 600), max_size=6))
def test_rows_in_any_order_are_read_the_same_however_they_are_cut(rows: list[str], cuts: list[int]) -> None:
    text = "".join(rows)
    recording = header("opencode", ("opencode",), mode=("pty", "pty", "pipe"), columns=200, rows=500)
    assert find(recording, text, cuts=cuts, resume=True) == find(recording, text)
