"""Commands of codex that run at the same time: an outcome is told of the command that it surely belongs to."""

from typing import Any

from agent_text import find, header
from chunking import END
from stream.agent_reader import marks
from stream.extractor import Extractor
from stream.lines import Reads
from stream.pipeline import Pipeline
from stream.records import ExtractionEvent

EXEC = header("codex", ("codex", "exec", "do it"))
HEADER = "OpenAI Codex v0.169.0\n--------\nmodel: m\n--------\nuser\ndo it\n"


def read(text: str) -> tuple[ExtractionEvent, ...]:
    return find(EXEC, stderr=text).events


SIDE_BY_SIDE = "exec\nbash -lc one in /w\nexec\nbash -lc two in /w\n"


def uses(text: str, **options: Any) -> list[Any]:
    """Of each use of a tool: the command, its outcome, exit code and duration, as far as they are told."""
    names = ("outcome", "exit_code", "duration_ms")
    events = [event for event in read(HEADER + text, **options) if event.event_type == "tool_use"]
    return [(event.matched_value, *(event.metadata.get(name) for name in names)) for event in events]


def test_what_outcomes_of_commands_side_by_side_do_not_agree_in_is_not_told() -> None:
    text = SIDE_BY_SIDE + " exited 2 in 868ms:\nerror: x\n\n exited 3 in 1864ms:\nslow\n\ncodex\n"
    assert uses(text) == [("one", "error", None, None), ("two", "error", None, None)]
    text = SIDE_BY_SIDE + " succeeded in 1ms:\n\n exited 1 in 1ms:\nerror: x\n"
    assert uses(text) == [("one", "unknown", None, 1), ("two", "unknown", None, 1)]
    text = SIDE_BY_SIDE + " succeeded in 1ms:\n\n succeeded in 2ms:\n"
    assert uses(text) == [("one", "ok", 0, None), ("two", "ok", 0, None)]


def test_each_failure_of_commands_side_by_side_is_one_error() -> None:
    text = SIDE_BY_SIDE + " exited 2 in 868ms:\nerror: x\n\n exited 3 in 1864ms:\nslow\n\ncodex\n"
    errors = [event for event in read(HEADER + text) if event.event_type == "error"]
    assert [(error.matched_value, error.pattern) for error in errors] == [
        ("x", "error_word"), ("exited 3", "tool_failed"),
    ]  # fmt: skip


def test_a_command_that_began_behind_an_outcome_did_not_end_with_it() -> None:
    text = SIDE_BY_SIDE + " exited 1 in 5ms:\n\nexec\nbash -lc three in /w\n"
    text += " succeeded in 1ms:\n\n succeeded in 1ms:\n"
    assert uses(text)[2] == ("three", "ok", 0, 1)


def timed(*pieces: tuple[int, str]) -> list[Any]:
    """Like `uses`, of pieces that came at these seconds."""
    pipeline, offset = Pipeline(EXEC, Extractor((), marks(EXEC))), 0
    for at, piece in ((0, HEADER), *pieces):
        data = piece.encode()
        pipeline.feed(Reads("stderr", offset, data, ((offset + len(data), at * 1_000_000),)))
        offset += len(data)
    pipeline.record(END)
    events = [event for event in pipeline.take().events if event.event_type == "tool_use"]
    names = ("outcome", "exit_code", "duration_ms")
    return [(event.matched_value, *(event.metadata.get(name) for name in names)) for event in events]


def test_a_command_is_known_by_how_long_it_ran() -> None:
    server, make = (0, "exec\nbash -lc serve in /w\n"), (20, "exec\nbash -lc make in /w\n")
    assert timed(server, make, (21, " exited 2 in 870ms:\nno\n\n"), (22, "codex\n")) == [
        ("make", "error", 2, 870), ("serve", "unknown", None, None),
    ]  # fmt: skip
    assert timed(server, (2, make[1]), (3, " exited 2 in 2.00s:\nno\n\n"), (4, " succeeded in 3.00s:\n")) == [
        ("serve", "unknown", None, None), ("make", "unknown", None, None),
    ]  # fmt: skip


def test_what_is_left_of_commands_side_by_side_is_told_when_the_others_are_known() -> None:
    pieces = [(0, SIDE_BY_SIDE), (1, " exited 1 in 990ms:\n\n"), (9, "exec\nbash -lc three in /w\n")]
    pieces += [(20, " exited 1 in 19.90s:\n\n"), (30, " succeeded in 20.95s:\n\n")]
    assert timed(*pieces) == [("three", "ok", 0, 20_950), ("one", "error", 1, None), ("two", "error", 1, None)]


def test_an_outcome_on_a_commands_own_line_is_its_own() -> None:
    text = "exec\nbash -lc serve in /w\nexec\nbash -lc make in /w exited 2 in 1ms:\nerror: x\n"
    assert uses(text) == [("make", "error", 2, 1), ("serve", "unknown", None, None)]


def test_a_command_of_an_earlier_run_has_no_outcome_of_a_later_one() -> None:
    text = "exec\nbash -lc one in /w\n" + HEADER + "exec\nbash -lc two in /w\n exited 2 in 1ms:\n"
    assert uses(text) == [("one", "unknown", None, None), ("two", "error", 2, 1)]


def test_however_many_commands_never_end_each_is_told() -> None:
    text = "".join(f"exec\nbash -lc c{number} in /w\n" for number in range(120))
    assert uses(text) == [(f"c{number}", "unknown", None, None) for number in range(120)]
