from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import Told, find, find_in_capture, header, told
from stream.records import ExtractionEvent

EXEC = header("codex", ("codex", "exec", "do it"))
HEADER = """OpenAI Codex v0.169.0
--------
workdir: /home/dev/project
model: gpt-5.5
provider: openai
approval: never
sandbox: workspace-write [workdir, /tmp]
reasoning effort: none
session id: 01a2008a-9bc3-7d61-a5a9-ca97f4e76f29
--------
user
do it
"""


def read(text: str, recording: Any = EXEC, **options: Any) -> tuple[ExtractionEvent, ...]:
    return find(recording, stderr=text, **options).events


def body(text: str, **options: Any) -> list[Told]:
    """What follows the header; lines are counted from the first one behind it."""
    events = read(HEADER + text, **options)[1:]
    return [Told(e.event_type, e.matched_value, (e.line_number or 0) - HEADER.count("\n")) for e in events]


def exec_of(command: str, outcome: str, output: str = "") -> str:
    return f"exec\n/bin/bash -lc '{command}' in /home/dev/project\n {outcome}:\n{output}"


def test_the_header_is_one_session() -> None:
    (session,) = read(HEADER)
    assert told([session]) == [("session", "gpt-5.5", 1)]
    assert session.metadata == {
        "version": "0.169.0",
        "cwd": "/home/dev/project",
        "model": "gpt-5.5",
        "provider": "openai",
        "approval": "never",
        "sandbox": "workspace-write",
        "agent_session_id": "01a2008a-9bc3-7d61-a5a9-ca97f4e76f29",
        "line_end": 10,
    }


@pytest.mark.parametrize(
    ("words", "outcome", "exit_code", "duration"),
    [
        ("succeeded in 0ms", "ok", 0, 0),
        ("succeeded in 1.20s", "ok", 0, 1200),
        ("exited 2 in 1m 05s", "error", 2, 65_000),
        ("exited -1 in 270ms", "error", -1, 270),
        ("declined", "denied", None, None),
    ],
)
def test_a_command_is_told_with_its_outcome(
    words: str, outcome: str, exit_code: int | None, duration: int | None
) -> None:
    events = [event for event in read(HEADER + exec_of("make test", words)) if event.event_type == "tool_use"]
    assert told(events) == [("tool_use", "make test", 13)]
    expected = {"tool": "shell", "outcome": outcome, "cwd": "/home/dev/project", "line_end": 15}
    expected |= {} if exit_code is None else {"exit_code": exit_code}
    expected |= {} if duration is None else {"duration_ms": duration}
    assert events[0].metadata == expected


def test_older_versions_have_the_outcome_on_the_commands_line_and_no_blank_line_behind_the_output() -> None:
    text = "exec\nbash -lc 'make' in /w exited 2 in 1.2s:\nerror: no rule\ncodex\nerror: only prose\n"
    assert body(text) == [("tool_use", "make", 1), ("error", "no rule", 3)]


def test_a_command_may_take_several_lines() -> None:
    text = "exec\n/bin/bash -lc \"cat <<'EOF'\nin /tmp\nexec in /w\nEOF\" in /w\n succeeded in 0ms:\n"
    assert body(text) == [("tool_use", "cat <<'EOF'\nin /tmp\nexec in /w\nEOF", 1)]


def test_a_command_without_an_outcome_is_unknown() -> None:
    events = read(HEADER + "exec\nbash -lc 'sleep 9' in /w\n")
    assert [(event.matched_value, event.metadata["outcome"]) for event in events[1:]] == [("sleep 9", "unknown")]


def test_what_a_command_printed_that_succeeded_is_no_error() -> None:
    assert body(exec_of("grep error log", "succeeded in 1ms", "error: one\n\n")) == [("tool_use", "grep error log", 1)]


def test_a_command_that_failed_without_saying_why_is_one_error() -> None:
    events = read(HEADER + exec_of("make", "exited 2 in 1ms", "nothing to say\n\n") + "codex\nIt failed.\n")
    assert told(events[1:]) == [("tool_use", "make", 13), ("error", "make exited 2", 13)]
    assert (events[2].pattern, events[2].metadata["kind"]) == ("tool_failed", "exit 2")


def test_a_command_that_failed_and_says_why_is_no_further_error() -> None:
    text = exec_of("make", "exited 2 in 1ms", "error: no rule\n\n") + exec_of("ls", "exited 1 in 1ms", "error: none\n")
    assert body(text) == [
        ("tool_use", "make", 1),
        ("error", "no rule", 4),
        ("tool_use", "ls", 6),
        ("error", "none", 9),
    ]


@pytest.mark.parametrize("mark", ["codex", "exec", "user", "thinking", "tokens used"])
def test_output_that_looks_like_a_mark_is_output(mark: str) -> None:
    text = exec_of("ls", "exited 1 in 1ms", f"a\n{mark}\nerror: still output\n")
    assert ("error", "still output", 6) in body(text)


@pytest.mark.parametrize(
    "text",
    [
        "codex\nerror: in a message\nERROR: log\nwarning: w\n",
        "**Thinking**\n\nerror: in a thought\n",
        "codex\n```\nERROR: quoted\n```\n",
        "apply patch\npatch: completed\n/x\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,1 +1,2 @@\n a\n+error: added\n",
        "Plan update\n  → fix error: x\n",
    ],
)
def test_text_about_an_error_is_none(text: str) -> None:
    assert [entry for entry in body(text) if entry.event_type in ("error", "warning")] == []


def test_the_prompt_is_text_as_long_as_it_is() -> None:
    recording = header("codex", ("codex", "exec", "fix this:\nERROR: build broke\nexec\ncodex"))
    prompt = HEADER.replace("do it", "fix this:\nERROR: build broke\nexec\ncodex")
    assert told(read(prompt + "ERROR: real\nERROR: real\n", recording)[1:]) == [("error", "real", 16)]


def test_a_prompt_of_unknown_length_ends_at_what_only_codex_says() -> None:
    recording = header("codex", ("codex", "exec", "-"))
    text = (
        HEADER
        + "ERROR: pasted\nwarning: pasted\nwarning: Codex could not find bubblewrap\nERROR: Reconnecting... 2/5\n"
    )
    assert told(read(text, recording)[1:]) == [
        ("warning", "Codex could not find bubblewrap", 15),
        ("state_change", "retrying", 16),
    ]


def test_a_refused_command_is_denied_with_its_reason() -> None:
    line = (
        "2026-11-21T23:56:55.043481Z ERROR codex_core::tools::router: error=exec_command failed: CreateProcess "
        '{ message: "Rejected(\\"`/bin/bash -lc \'rm -rf x\'` rejected: not permitted. Ask first\\")" }\n'
    )
    (permission,) = read(HEADER + line)[1:]
    assert told([permission]) == [("permission", "rm -rf x", 13)]
    assert (permission.metadata["phase"], permission.metadata["reason"]) == ("denied", "not permitted. Ask first")
    assert permission.risk_level == "high"


def test_tools_of_servers_are_told_when_they_end() -> None:
    text = """mcp: docs starting
mcp: docs failed: handshake timed out
mcp: db/query started
mcp: db/query (failed)
no such table
tool web.get({"url":"https://x.example"})
web.get({"url":"https://x.example"}) success in 12ms:
{"error: none": 1}
"""
    assert body(text) == [
        ("error", "handshake timed out", 2),
        ("tool_use", "db.query", 3),
        ("error", "no such table", 3),
        ("tool_use", "web.get: https://x.example", 6),
    ]


def test_retries_are_no_errors_and_an_error_that_is_repeated_is_one() -> None:
    text = "ERROR: Reconnecting... 1/5\nERROR: stream error: 429 Too Many Requests; retrying 2/5 in 200ms…\n"
    text += "ERROR: unexpected status 401 Unauthorized: no\nERROR: unexpected status 401 Unauthorized: no\n"
    events = read(HEADER + text)[1:]
    assert told(events) == [
        ("state_change", "retrying", 13),
        ("state_change", "rate_limited", 14),
        ("error", "unexpected status 401 Unauthorized: no", 15),
    ]
    assert (events[1].metadata["attempt"], events[1].metadata["of"]) == (2, 5)


@pytest.mark.parametrize(
    ("printed", "total"), [("1,377", 1377), ("2,79,562", 279_562), ("14.926", 14926), ("980", 980)]
)
def test_tokens_stand_on_the_line_behind_their_mark(printed: str, total: int) -> None:
    (metric,) = read(HEADER + f"codex\nDone.\ntokens used\n{printed}\n")[1:]
    assert (metric.event_type, metric.matched_value) == ("metric", printed)
    assert metric.metadata == {"tokens": {"total": total}, "scope": "thread"}


def test_an_unclosed_fence_ends_with_the_message() -> None:
    findings = find(EXEC, stderr=HEADER + "codex\n```sh\nls\ntokens used\n5\n")
    assert [(block.content, block.context) for block in findings.blocks] == [
        ("ls", {"info": "sh", "cut": "end", "in": "message"})
    ]


def test_a_message_that_is_repeated_behind_the_transcript_is_read_once() -> None:
    message = "See:\n```py\nx\n```\nERROR: prose\n"
    recording = header("codex", ("sh", "-c", "codex exec 'do it' 2>&1"))
    findings = find(recording, stdout=HEADER + f"codex\n{message}tokens used\n5\n{message}error: of the next program\n")
    assert len(findings.blocks) == 1
    assert told(findings.events, "error") == [("error", "of the next program", 26)]


def test_the_answer_on_stdout_is_a_message() -> None:
    assert told(find(EXEC, stdout="error is gone.\nError: was the old text\n").events) == []
    assert told(find(EXEC, stdout="error: unexpected argument\n").events) == [("error", "unexpected argument", 1)]


def test_interruptions_and_compaction_are_states() -> None:
    assert body("context compacted\ntask interrupted\n") == [
        ("state_change", "compacted", 1),
        ("state_change", "interrupted", 2),
    ]


CAPTURED = ["codex-exec-pipe", "codex-exec-pty", "codex-markdown-pipe", "codex-cut-pipe", "codex-http500-pty"]


@pytest.mark.parametrize("name", CAPTURED)
@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 6000), max_size=12))
def test_a_capture_reads_the_same_however_it_is_cut_and_resumed(name: str, cuts: list[int]) -> None:
    whole = find_in_capture(name, "codex", EXEC.command)
    assert find_in_capture(name, "codex", EXEC.command, cuts=cuts, resume=True) == whole


PIECES = [
    "exec\n",
    "codex\n",
    "bash -lc 'x' in /w\n",
    " succeeded in 1ms:\n",
    " exited 1 in 1ms:\n",
    "error: e\n",
    "\n",
]
PIECES += ["apply patch\n", "patch: completed\n", "/w/a\n", "diff --git a/a b/a\n", "@@ -1 +1,2 @@\n", " c\n", "+d\n"]
PIECES += ["tokens used\n", "12\n", "```\n", "ERROR: Reconnecting... 1/2\n", "hook: x\n", "**h**\n", "--------\n"]
PIECES += ["2026-11-22T17:36:37Z ERROR a::b: error=apply_patch verification failed: Failed in /w/a:\n", "exec c\n"]
PIECES += [" exited 2 in 1ms:\n", "bash -lc 'y' in /w\n", "--- a/a\n", "diff --git a/a b/c\n", "/w/c\n"]
PIECES += ["mcp: a/b (failed)\n", "mcp: a/b started\n", "user\n", "OpenAI Codex v1\n", "file update\n", "M a\n"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.lists(st.integers(0, 400), max_size=8))
def test_lines_in_any_order_are_read_the_same_however_they_are_cut(lines: list[str], cuts: list[int]) -> None:
    text = HEADER + "".join(lines)
    assert read(text, cuts=cuts, resume=True) == read(text)
