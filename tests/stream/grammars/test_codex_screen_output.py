"""What tools printed, in the frames of codex's screen."""

from typing import Any

from agent_text import Told, find, header, told
from stream.patterns import load_packs

SCREEN = header("codex", ("codex", "do it"), mode=("pty", "pty", "pty"), columns=100, rows=50)


def read(text: str) -> list[Told]:
    return told(find(SCREEN, text.replace("\n", "\r\n")).events)


def events(text: str) -> Any:
    return find(SCREEN, text.replace("\n", "\r\n"), patterns=()).events


def test_output_is_read_without_its_frame() -> None:
    rows = "• Ran python3 -m unittest -q test_calc 2>&1 | tail -3\n  └ Ran 3 tests in 0.001s\n\n"
    rows += "    FAILED (failures=1)\n\n• It still fails.\n"
    call, result = events(rows)
    assert (call.metadata["outcome"], result.event_type, result.line_number) == ("ok", "test_result", 2)
    assert (result.metadata["failed"], result.metadata["passed"], result.metadata["in"]) == (1, 2, "tool_output")
    rows = "• Exited (status 1) python3 -m pytest -q\n  └ F.      [100%]\n    … +12 lines (ctrl + t to view)\n"
    rows += "    FAILED test_p.py::test_bad - assert 1 == 2\n    1 failed, 1 passed in 0.02s\n\n• Hm.\n"
    found = find(SCREEN, rows.replace("\n", "\r\n"), patterns=load_packs("codex").patterns)
    (result,) = [event for event in found.events if event.event_type == "test_result"]
    assert (result.matched_value, result.line_number) == ("1 failed, 1 passed in 0.02s", 5)


def test_an_error_in_the_frame_is_the_error_of_the_command() -> None:
    rows = "• Exited (status 2) make\n  └ cc a.c\n    error: no rule\n\n  Worked for 1s • 17:43\n\n"
    assert read(rows) == [("tool_use", "make", 1), ("error", "no rule", 3)]
    first = "• Exited (status 2) make\n  └ error: no rule\n    cc a.c\n\n• Hm.\n"
    assert read(first + first) == [
        ("tool_use", "make", 1), ("error", "no rule", 2), ("tool_use", "make", 6), ("error", "no rule", 7),
    ]  # fmt: skip
    assert read(rows.replace("error: no rule", "• Ran x")) == [("tool_use", "make", 1), ("error", "make exited 2", 1)]


def test_rows_that_the_screen_hides_do_not_cut_what_stands_around_them() -> None:
    rows = "• Exited (status 1) python3 a.py\n  └ Traceback (most recent call last):\n"
    rows += '      File "a.py", line 2, in <module>\n    … +4 lines (ctrl + t to view transcript)\n'
    _, error = events(rows + "    ValueError: boom\n\n• Hm.\n")
    assert (error.pattern, error.matched_value, error.line_number) == ("python_traceback", "boom", 2)


def test_what_was_only_shown_did_not_happen() -> None:
    rows = "• Ran cat log\n  └ 3 passed\n    FAILED (failures=1)\n\n• Ran make\n  └ 3 passed\n\n"
    assert read(rows) == [("tool_use", "cat log", 1), ("tool_use", "make", 5), ("test_result", "3 passed", 6)]


def test_code_that_a_command_shows_is_a_block_without_the_frame() -> None:
    rows = "• Ran cat a.md\n  └ ```py\n    x = 1\n    ```\n\n• Done.\n"
    (block,) = find(SCREEN, rows.replace("\n", "\r\n")).blocks
    assert (block.content, block.line_start, block.line_end) == ("x = 1", 2, 4)


def test_what_git_says_of_a_push_is_an_event() -> None:
    rows = "• Ran git push origin main\n  └ To /home/dev/origin.git\n       3ff4b5c..eaacf8c  main -> main\n\n"
    call, push = events(rows)
    assert (call.event_type, push.event_type, push.matched_value) == ("tool_use", "git", "main -> main")
    assert push.metadata == {
        "action": "push", "branch": "main", "sha": "eaacf8c", "remote": "/home/dev/origin.git",
        "line_end": 3, "in": "tool_output",
    }  # fmt: skip


def test_a_command_that_exited_is_an_error_in_its_own_words() -> None:
    call, error = events(
        "• Exited (status 1) python3 a.py\n  └ return a / b\n    ZeroDivisionError: division by zero\n\n• Hm.\n"
    )
    assert (call.matched_value, call.metadata["exit_code"]) == ("python3 a.py", 1)
    assert (error.matched_value, error.metadata["kind"]) == ("division by zero", "ZeroDivisionError")
