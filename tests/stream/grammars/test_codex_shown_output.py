"""What commands of `codex exec` show: files and logs, in which nothing happened, be they of codex itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import Told, find, header, told
from stream.patterns import load_packs
from stream.pipeline import Findings

EXEC = header("codex", ("codex", "exec", "do it"))
EARLIER, THREAD, LATER = (f"01a205b{n}-f179-7973-83cb-9486d9d9dacb" for n in (6, 7, 8))  # of 00:03, 01:08 and 02:14
RUN = "OpenAI Codex v0.169.0\n--------\nmodel: gpt-5.5\nsession id: {}\n--------\nuser\nhi\n"
OLD = "2026-11-23T00:03:25.5Z ERROR codex_core::tools::router: error=apply_patch verification failed: no x\n"
OURS = OLD.replace("T00:03", "T01:30")


def command(words: str, output: str, outcome: str = "succeeded") -> str:
    return f"exec\n/bin/bash -lc '{words}' in /w\n {outcome} in 3ms:\n{output}\n"


def found(text: str) -> Findings:
    return find(EXEC, stderr=RUN.format(THREAD) + text)


def body(text: str) -> list[Told]:
    """What is told behind the header, without the commands that went well; lines are counted from the first one."""
    lines = RUN.count("\n")
    events = [event for event in found(text).events[1:] if event.metadata.get("outcome") != "ok"]
    return [Told(*row[:2], (row.line or 0) - lines) for row in told(events)]


@pytest.mark.parametrize("words", ["tail -2 old.log", "make log"])
def test_an_output_that_begins_with_the_tokens_of_another_run_is_no_end(words: str) -> None:
    text = command(words, "tokens used\n12,345\n") + command("make", "error: x\n", "exited 2") + "codex\nDone.\n"
    findings = found(text + "tokens used\n77\n")
    assert told(findings.events, "error", "metric") == [("error", "x", 17), ("metric", "77", 22)]
    assert [usage.total for usage in findings.usages] == [77]


def test_a_run_may_end_behind_a_command_without_output() -> None:
    text = "exec\n/bin/bash -lc true in /w\n succeeded in 3ms:\ntokens used\n77\n"
    assert body(text) == [("metric", "77", 5)]
    both = found(text + RUN.format(LATER) + "codex\nHi.\ntokens used\n5\n")
    assert [(usage.thread, usage.total) for usage in both.usages] == [(THREAD, 77), (LATER, 5)]


def test_of_two_ends_behind_one_another_the_last_one_counts() -> None:
    assert body(command("tail -2 old.log", "tokens used\n12") + "tokens used\n77\n") == [("metric", "77", 7)]


def test_the_log_of_an_earlier_run_that_is_shown_is_none_of_this_one() -> None:
    log = RUN.format(EARLIER) + OLD + "codex\nDone.\ntokens used\n5\n"
    findings = found(
        command("make log", log) + command("make", "error: x\n", "exited 2") + "codex\nBye.\ntokens used\n9\n"
    )
    assert told(findings.events, "session", "error", "metric", "tool_use") == [
        ("session", "gpt-5.5", 1), ("tool_use", "make log", 8), ("tool_use", "make", 24), ("error", "x", 27),
        ("metric", "9", 32),
    ]  # fmt: skip
    assert [usage.thread for usage in findings.usages] == [THREAD]


@pytest.mark.parametrize("thread", [LATER, THREAD, "not-known"])
def test_a_run_behind_one_that_was_killed_is_another_session(thread: str) -> None:
    again = command("make", "a\n") + RUN.format(thread) + "codex\nHi.\ntokens used\n5\n"
    assert [row.value for row in body(again)] == ["gpt-5.5", "5"]
    assert [usage.thread for usage in found(again).usages] == [thread]


def test_a_line_of_its_own_log_counts_within_an_output() -> None:
    assert [row.event_type for row in body(command("make log", f"a\n{OURS}b\n"))] == ["tool_use", "error"]


@pytest.mark.parametrize("shown", ["3 failed, 2 passed in 0.1s\n", "[main abc1234] add x\n", "error: x\n"])
def test_what_a_command_was_to_show_did_not_happen(shown: str) -> None:
    assert body(command("cat NOTES.md", shown)) == []


def test_code_that_a_command_shows_is_code() -> None:
    assert len(found(command("cat NOTES.md", "```sh\nls\n```\n")).blocks) == 1


def test_what_a_command_that_only_shows_could_not_show_is_an_error() -> None:
    assert body(command("cat a", "error: no a\n", "exited 1"))[-1] == ("error", "no a", 4)


def test_beside_the_json_a_message_of_the_log_goes_on_in_the_next_line() -> None:
    recording = header("codex", ("codex", "exec", "--json", "do it"))
    text = OURS.replace("no x", "no lines in /w/a.py:") + "    this line\n" + OURS
    errors = [event for event in find(recording, stderr=text).events if event.event_type == "error"]
    assert [(event.matched_value or "").partition(": ")[2] for event in errors] == [
        "no lines in /w/a.py:\n    this line", "no x",
    ]  # fmt: skip


def test_a_long_command_tells_its_last_line_and_its_length() -> None:
    rows = "".join(f"x{number} = {number}  # {'-' * 20}\n" for number in range(300))
    (call,) = found(command(f"python3 - <<PY\n{rows}PY", "done\n")).events[1:]
    whole = f"exec\n/bin/bash -lc 'python3 - <<PY\n{rows}PY' in /w\n succeeded in 3ms:"
    assert call.metadata["line_end"] == RUN.count("\n") + 1 + whole.count("\n")
    assert call.metadata["line_cut"] == len(whole)
    assert call.original_line == whole[:4096]


PIECES = [
    "tokens used\n", "12\n", "\n", "codex\n", "a\n", OLD, OURS, RUN.format(EARLIER), RUN.format(LATER), "--------\n",
    command("cat a", "b\n"), command("make", "tokens used\n"), command("make", "error: x\n", "exited 1"), "exec\n",
]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=20), st.lists(st.integers(0, 900), max_size=6))
def test_runs_in_any_order_are_read_the_same_however_they_are_cut(pieces: list[str], cuts: list[int]) -> None:
    text = RUN.format(THREAD) + "".join(pieces)
    assert find(EXEC, stderr=text, cuts=cuts, resume=True) == find(EXEC, stderr=text)


@pytest.mark.parametrize("words", ["git branch -D old", "git log -1; git branch -d old"])
def test_a_branch_that_a_command_deletes_is_told(words: str) -> None:
    shown = command(words, "Deleted branch old (was abc1234).\n")
    events = find(EXEC, stderr=RUN.format(THREAD) + shown, patterns=load_packs("codex").patterns).events
    assert [event.matched_value for event in events if event.event_type == "git"] == ["old"]


SHOWN_LOG = command("cat old.log", RUN.format(EARLIER) + "\ncodex\nLook.\nexec\nls in /w\n succeeded in 3ms:\na\n\n")
SHOWN_LOG += "codex\nDone.\ntokens used\n5\n\n"


@pytest.mark.parametrize(
    "ending", ["codex\nBye.\ntokens used\n9\n", "exec\nmake in /w\n succeeded in 1s:\ntokens used\n9\n"]
)
def test_the_tokens_of_an_earlier_run_whose_messages_are_shown_are_none_of_this_one(ending: str) -> None:
    findings = found(SHOWN_LOG + ending)
    assert [(usage.thread, usage.total) for usage in findings.usages] == [(THREAD, 9)]
    assert [event.matched_value for event in findings.events if event.event_type == "metric"] == ["9"]


def test_behind_a_shown_log_each_run_has_its_own_tokens() -> None:
    first = SHOWN_LOG + "codex\nBye.\ntokens used\n9\n"
    usages = found(first + RUN.format(LATER) + "codex\nHi.\ntokens used\n7\n").usages
    assert [(usage.thread, usage.total) for usage in usages] == [(THREAD, 9), (LATER, 7)]
