"""How long an agent waited for its answers."""

from typing import Any

from stream.records import ExtractionEvent
from stream.timestamps import format_timestamp
from stream.waiting import Waiting

START = 1_795_305_600_000_000


def permission(phase: str, line: int, at: int, **metadata: Any) -> ExtractionEvent:
    metadata |= {"phase": phase}
    return ExtractionEvent(
        "aider", "s", format_timestamp(START + at), "permission", "p", "make", None, line, metadata, stream="stdout"
    )


def waited(*events: ExtractionEvent, resume: bool = False) -> list[int | None]:
    waiting, found = Waiting(), []
    for event in events:
        found.append(waiting.read(event).metadata.get("waited_ms"))
        if resume:
            state, waiting = waiting.state(), Waiting()
            waiting.resume(state)
    return found


ASKED = permission("asked", 3, 1_000_000)
ANSWERED = permission("answered", 9, 3_500_400, asked_line=3)


def test_an_answer_says_how_long_it_was_waited_for() -> None:
    assert waited(ASKED, ANSWERED) == [None, 2500]
    assert waited(ASKED, ANSWERED, resume=True) == [None, 2500]
    assert waited(ASKED, permission("denied", 9, 2_000_000, asked_line=3)) == [None, 1000]


def test_of_a_question_that_was_not_seen_before_its_answer_nobody_knows() -> None:
    assert waited(ANSWERED) == [None]
    assert waited(ASKED, ANSWERED._replace(stream="stderr")) == [None, None]
    assert waited(ASKED, permission("answered", 3, 3_000_000, asked_line=3)) == [None, None]
    assert waited(ASKED, permission("denied", 9, 3_000_000)) == [None, None]


def test_questions_that_nobody_answers_do_not_add_up() -> None:
    waiting = Waiting()
    for line in range(1_000):
        waiting.read(permission("asked", line, line))
    assert len(waiting.state()) < 100
    assert waiting.read(permission("answered", 2_000, 5_000_000, asked_line=999)).metadata["waited_ms"] == 4999
