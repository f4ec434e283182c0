"""What somebody types behind a question is its answer, and no other question."""

from typing import Any

import pytest

from agent_text import find, header
from stream.patterns import load_packs

PACKS = load_packs("test").patterns


def permissions(output: str, **options: Any) -> list[tuple[Any, ...]]:
    found = find(header("test"), output, patterns=PACKS, **options).events
    return [
        (event.matched_value, event.line_number, event.metadata["phase"], event.metadata.get("answer"))
        for event in found
        if event.event_type == "permission"
    ]


@pytest.mark.parametrize("resume", [False, True])
def test_the_question_with_something_behind_it_is_its_answer(resume: bool) -> None:
    output = (
        "Do you want to continue? [Y/n]\nDo you want to continue? [Y/n] y\nIs this ok? [y/N] \nIs this ok? [y/N] no\n"
    )
    assert permissions(output, cuts=range(0, len(output), 7), resume=resume) == [
        ("Do you want to continue?", 1, "asked", None),
        ("Do you want to continue?", 2, "answered", "y"),
        ("Is this ok? [y/N]", 3, "asked", None),
        ("Is this ok? [y/N]", 4, "answered", "no"),
    ]


@pytest.mark.parametrize("between", ["text\n", "\n", "Error: x\n"])
def test_another_line_in_between_is_no_answer_and_the_question_is_asked_again(between: str) -> None:
    asked = "Do you want to continue? [Y/n]"
    assert permissions(f"{asked}\n{between}{asked} y\n") == [
        ("Do you want to continue?", 1, "asked", None),
        ("Do you want to continue?", 3, "asked", None),
    ]


def test_the_same_question_twice_has_no_answer() -> None:
    assert {phase for _, _, phase, _ in permissions("Run this command?\nRun this command?\n")} == {"asked"}


def test_an_answer_belongs_to_its_question() -> None:
    output = "Run this command?\nRun this command? yes\n"
    _, answer = find(header("test"), output, patterns=PACKS).events
    assert answer.metadata["asked_line"] == 1
    assert answer.original_line == "Run this command? yes"
