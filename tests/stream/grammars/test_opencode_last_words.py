"""`Error: …` behind an empty row: opencode's own, which ends its run, or what a program printed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import find, header, told
from stream.patterns import load_packs

OPENCODE = header("opencode", ("opencode", "run", "do it"))
BEGUN = "\n> build · m\n\n$ {}\nhello\n\nError: it broke\n"
AGAIN = "\n$ true\n(no output)\n\n"


@pytest.mark.parametrize("behind", ["more\n" + AGAIN, AGAIN, "\nmore\n" + AGAIN, "\n", "x\n" * 60])
def test_an_error_that_is_not_the_last_word_of_the_run_is_the_commands(behind: str) -> None:
    events = find(OPENCODE, stderr=BEGUN.format("make") + behind).events
    assert [(e.line_number, e.metadata) for e in events if e.event_type == "error"] == [(7, {"in": "tool_output"})]
    assert [e.metadata["outcome"] for e in events if e.matched_value == "make"] == ["error"]


@pytest.mark.parametrize("behind", [AGAIN, "3 passed\n" + AGAIN, "\n"])
def test_an_error_in_what_a_command_shows_is_nobodys(behind: str) -> None:
    findings = find(OPENCODE, stderr=BEGUN.format("cat R") + behind)
    assert told(findings.events, "error", "test_result") == []
    assert findings.verdict
    assert findings.verdict.verdict == "succeeded"


@pytest.mark.parametrize("behind", ["", "of many\nrows\n", "\n> build · m\n\nError: it broke again\n"])
def test_an_error_that_ends_the_run_is_opencodes_own(behind: str) -> None:
    findings = find(OPENCODE, stderr=BEGUN.format("make") + behind)
    errors = [event for event in findings.events if event.event_type == "error"]
    assert (errors[0].matched_value, errors[0].line_number, errors[0].metadata.get("in")) == ("it broke", 7, None)
    assert [e.metadata["outcome"] for e in findings.events if e.matched_value == "make"] == ["ok"]
    assert findings.verdict
    assert findings.verdict.verdict == "failed"


def test_what_node_prints_of_an_error_that_nobody_caught_is_whole() -> None:
    shown = '/w/x.js:3\n  throw new Error("boom")\n  ^\n\nError: boom\n    at f (/w/x.js:3:4)\n\nNode.js v20.1.0\n'
    patterns = load_packs("opencode").patterns
    events = find(OPENCODE, stderr="\n$ node x.js\n" + shown + AGAIN, patterns=patterns).events
    (error,) = (event for event in events if event.event_type == "error")
    assert (error.matched_value, error.metadata["function"], error.metadata["in"]) == ("boom", "f", "tool_output")


PIECES = ["\n", "Error: a\n", "b\n", "$ make\n", "$ cat x\n", "> build · m\n", "  ^\n", "```\n", "{\n", "→ Read a\n"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.lists(st.integers(0, 300), max_size=6))
def test_last_words_are_the_same_however_they_are_cut(pieces: list[str], cuts: list[int]) -> None:
    text = "\n$ make\n" + "".join(pieces)
    assert find(OPENCODE, text, text, cuts=cuts, resume=True) == find(OPENCODE, text, text)
