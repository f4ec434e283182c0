from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent_text import find, find_in_capture, header, told
from stream.echoes import Echoes
from stream.records import ExtractionEvent

ANY = header("nightly")
EXEC = ("codex", "exec", "do it")
MESSAGE = "See:\n```py\nx\n```\nand again:\n```py\nx\n```\n"
TRANSCRIPT = "OpenAI Codex v0.169.0\n--------\nmodel: m\n--------\nuser\ndo it\ncodex\n```py\nx\n```\n"


def event(stream: str, value: str, event_type: str = "error", **metadata: Any) -> ExtractionEvent:
    return ExtractionEvent("a", "s", "t", event_type, "p", value, stream=stream, metadata=metadata)


def test_a_message_on_both_streams_is_one_whichever_comes_first() -> None:
    text = TRANSCRIPT + f"codex\n{MESSAGE}tokens used\n5\n"
    for stderr_first in (True, False):
        findings = find(header("codex", EXEC), MESSAGE, text, stderr_first=stderr_first)
        assert len(findings.blocks) == 3
        assert len(told(findings.events, "code_block")) == 3
        assert {block.content for block in findings.blocks} == {"x"}


def test_a_block_that_only_one_stream_has_is_kept_as_often_as_it_is_there() -> None:
    findings = find(ANY, MESSAGE + "```sh\nls\n```\n", MESSAGE)
    assert Counter(block.content for block in findings.blocks) == {"x": 2, "ls": 1}


def test_an_error_on_both_streams_is_one() -> None:
    assert told(find(ANY, "error: no\nerror: other\n", "error: no\n").events) == [
        ("error", "no", 1),
        ("error", "other", 2),
    ]


def test_the_same_words_about_another_place_are_another_error() -> None:
    echoes = Echoes()
    first, second = event("stdout", "unused", file="a.py", line=3), event("stderr", "unused", file="b.py", line=3)
    assert [echoes.is_echo(first), echoes.is_echo(second)] == [False, False]


def test_other_events_have_no_echoes() -> None:
    echoes = Echoes()
    both = [event(stream, "x", "tool_use") for stream in ("stdout", "stderr")]
    assert [echoes.is_echo(one) for one in both] == [False, False]


saying = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.sampled_from("abc")), max_size=30)


@given(saying, st.integers(0, 30))
def test_each_thing_counts_as_often_as_the_stream_that_says_it_more_often(
    said: list[tuple[str, str]], place: int
) -> None:
    echoes, kept = Echoes(), Counter[str]()
    for number, (stream, value) in enumerate(said):
        if number == place:
            state = echoes.state()
            echoes = Echoes()
            echoes.resume(state)
        kept[value] += not echoes.is_echo(event(stream, value))
    counts = {stream: Counter(value for by, value in said if by == stream) for stream in ("stdout", "stderr")}
    assert +kept == counts["stdout"] | counts["stderr"]


def test_what_is_remembered_is_bounded() -> None:
    echoes = Echoes()
    for number in range(2000):
        echoes.is_echo(event("stdout", str(number)))
    assert len(echoes.state()) == 300


def test_the_final_message_of_codex_is_read_once() -> None:
    one = find_in_capture("codex-markdown-pipe", "codex", EXEC)
    other = find_in_capture("codex-markdown-pipe", "codex", EXEC, stderr_first=False)
    assert len(one.blocks) == len(other.blocks) == 8
    assert sorted(block.digest for block in one.blocks) == sorted(block.digest for block in other.blocks)
