"""What gemini, aider and opencode print for people; and that each grammar reads the same however it is cut."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import Told, find, find_in_capture, header, told

GEMINI = header("gemini", ("gemini", "-p", "hi"))
AIDER = header("aider", ("aider", "--message", "hi"))
OPENCODE = header("opencode", ("opencode", "run", "hi"))
OPENCODE_PTY = header("opencode", ("opencode", "run", "hi"), mode=("pty", "pty", "pty"), columns=100, rows=30)
BANNER = "Aider v0.86.2\nModel: openai/x with diff edit format\nRepo-map: using 1024 tokens\n\n"


def metadata(recording: Any, stdout: str = "", stderr: str = "") -> list[tuple[str, str | None, dict[str, Any]]]:
    events = find(recording, stdout, stderr, patterns=()).events
    return [(event.event_type, event.matched_value, dict(event.metadata)) for event in events]


# gemini


def test_the_answer_of_gemini_is_text() -> None:
    assert told(find(GEMINI, "error: nothing is one\n").events) == []


def test_a_tool_of_gemini_that_failed_says_why() -> None:
    text = "Error executing tool read_file: File not found.\nError executing tool x: Error: no\n"
    assert told(find(GEMINI, stderr=text).events) == [
        ("tool_use", "read_file", 1),
        ("error", "File not found.", 1),
        ("tool_use", "x", 2),
        ("error", "no", 2),
    ]


def test_where_gemini_prints_json_its_notices_say_nothing_new() -> None:
    recording = header("gemini", ("gemini", "-o", "stream-json", "-p", "hi"))
    notice, record = "Error executing tool read_file: File not found.\n", '{"session_id": "g", "error": {"type": "E"'
    for first in (False, True):
        found = find(recording, record + ', "message": "m"}}\n', notice, stderr_first=first)
        assert told(found.events, "tool_use", "error") == [("error", "m", 1)]


@pytest.mark.parametrize("mode", ["pipe", "pty"])
def test_where_gemini_was_to_print_json_and_does_not_its_notices_tell_why(mode: str) -> None:
    recording = header("gemini", ("gemini", "-o", "stream-json", "-p", "hi"), mode=(mode,) * 3, columns=80, rows=24)
    text = "YOLO mode is enabled.\nError when talking to X\n    at f (x.js:1:2)\nInvalid auth method selected.\n"
    streams: dict[str, Any] = {"stderr": text} if mode == "pipe" else {"stdout": text.replace("\n", "\r\n")}
    found = find(recording, **streams)
    assert told(found.events) == [("error", "X", 2), ("error", "Invalid auth method selected.", 4)]
    assert find(recording, **streams, cuts=[30, 60, 90], resume=True) == found


def test_an_attempt_that_is_repeated_is_one_state_whatever_stands_below() -> None:
    text = 'Attempt 2 failed with status 429. Retrying with backoff... _ApiError: {"error":{"message":"slow down"}}\n'
    text += "    at f (x.js:1:2)\n    at async g (y.js:3:4) {\n  status: 429\n}\nerror: real\n"
    (state, error) = metadata(GEMINI, stderr=text)[:1] + told(find(GEMINI, stderr=text).events)[1:]
    assert state == ("state_change", "rate_limited", {"reason": "429 slow down", "attempt": 2})
    assert error == ("error", "real", 6)


def test_a_fault_of_gemini_is_one_error_with_the_servers_words() -> None:
    text = (
        'Error when talking to Gemini API Full report: /x.json _ApiError: {"error":{"code":401,"message":"Bad key."}}\n'
    )
    text += "    at f (x.js:1:2) {\n  status: 401\n}\nAn unexpected critical error occurred:[object Object]\n"
    assert metadata(GEMINI, stderr=text) == [("error", "Bad key.", {"kind": "HTTP 401"})]


# aider


def test_a_session_of_aider_ends_with_its_tokens_edits_and_commits() -> None:
    text = BANNER + "error: in the message\n\nTokens: 12k sent, 1.2k cache write, 8.0k cache hit, 345 received.\n"
    text += "Cost: $0.0123 message, $1.45 session.\n\nnew.py\nCreate new file? (Y)es/(N)o [Yes]: y\n"
    text += "Applied edit to new.py\nApplied edit to old.py\nCommit 21f8e09 fix: it\n"
    found = metadata(AIDER, stdout=text)
    assert [(kind, value) for kind, value, _ in found] == [
        ("session", "openai/x"),
        ("metric", "12k sent, 1.2k cache write, 8.0k cache hit, 345 received. Cost: $0.0123 message, $1.45 session."),
        ("permission", "new.py"),
        ("permission", "new.py"),
        ("file_operation", "new.py"),
        ("file_operation", "old.py"),
        ("git", "Commit 21f8e09 fix: it"),
    ]
    tokens = {"input_uncached": 2800, "cache_read": 8000, "cache_write": 1200, "output": 345, "total": 12345}
    assert found[1][2] == {"tokens": tokens, "scope": "message", "cost_usd": 0.0123, "line_end": 8}
    assert (found[2][2]["phase"], found[2][2]["kind"], found[3][2]["answer"]) == ("asked", "edit", "y")
    assert (found[4][2], found[5][2]) == ({"operation": "created"}, {"operation": "modified"})


def test_a_cost_that_is_not_known_is_not_there() -> None:
    ((_, value, facts),) = metadata(AIDER, stdout="Tokens: 980 sent, 5 received.\nnext\n")
    assert (value, facts) == (
        "980 sent, 5 received.",
        {"tokens": {"input_uncached": 980, "output": 5, "total": 985}, "scope": "message"},
    )


def test_a_fault_that_is_tried_again_is_a_state_and_the_last_one_an_error() -> None:
    fault = (
        "litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit reached\nfor x.\nThe API provider has\n"
    )
    text = BANNER + fault + "Retrying in 0.2 seconds...\nlitellm.AuthenticationError: AuthenticationError: No\nkey.\n\n"
    assert told(find(AIDER, text).events)[1:] == [("state_change", "rate_limited", 5), ("error", "No key.", 9)]


def test_an_edit_that_does_not_match_is_one_error() -> None:
    text = "The LLM did not conform to the edit format.\nhttps://x\n\n"
    text += "# 1 SEARCH/REPLACE block failed to match!\n\nerror: x\n"
    assert told(find(AIDER, text).events) == [("error", "1 SEARCH/REPLACE block failed to match", 4)]
    alone = "The LLM did not conform to the edit format.\nTokens: 1 sent, 1 received.\n"
    assert told(find(AIDER, alone).events, "error") == [("error", "The LLM did not conform to the edit format.", 1)]


def test_aiders_history_has_its_own_lines_as_quotes() -> None:
    text = "\n# aider chat started at 2026-11-22 09:00:00\n\n> Aider v0.86.1  \n> Model: openai/x with diff format  \n"
    text += "\n#### fix error: boom\n\nI will. error: in the message\nApplied edit to no.py\n\n"
    text += "> Tokens: 2.4k sent, 104 received.  \n> new.py  \n> Create new file? (Y)es/(N)o [Yes]: y  \n"
    text += "> Applied edit to new.py  \n> Commit 21f8e09 fix: it  \n> /w/gone.py: file not found error  \n"
    assert told(find(AIDER, text).events) == [
        ("session", "openai/x", 5),
        ("metric", "2.4k sent, 104 received.", 12),
        ("permission", "new.py", 14),
        ("permission", "new.py", 14),
        ("file_operation", "new.py", 15),
        ("git", "Commit 21f8e09 fix: it", 16),
        ("error", "/w/gone.py: file not found error", 17),
    ]


# opencode


def test_what_opencode_did_begins_behind_an_empty_line() -> None:
    text = "\n> build · x\n\n$ make\nerror: no rule\n$ not a mark\n\n$ ls\na\n\n→ Read a.py\n\n"
    text += "← Edit a.py\nIndex: /w/a.py\n====================\n--- /w/a.py\n+++ /w/a.py\n@@ -1,1 +1,2 @@\n a\n+b\n\n"
    text += "← Write b.py\nWrote file successfully.\n\n"
    found = {(kind, value): facts for kind, value, facts in metadata(OPENCODE, stderr=text)}
    assert list(found) == [
        ("session", "x"),
        ("tool_use", "make"),
        ("tool_use", "ls"),
        ("tool_use", "Read: a.py"),
        ("tool_use", "Edit: a.py"),
        ("file_operation", "a.py"),
        ("tool_use", "Write: b.py"),
        ("file_operation", "b.py"),
    ]
    assert found["file_operation", "a.py"] == {"operation": "modified", "added": 1, "removed": 0}
    assert found["file_operation", "b.py"] == {}


def test_a_command_of_opencode_whose_output_names_an_error_failed() -> None:
    events = find(OPENCODE, stderr="\n$ make\nerror: no rule\n\n$ ls\na\n").events
    calls = [(e.matched_value, e.metadata["outcome"]) for e in events if e.event_type == "tool_use"]
    assert calls == [("make", "error"), ("ls", "ok")]


def test_a_tool_of_opencode_that_failed_or_was_refused() -> None:
    text = (
        "\n✗ Read a.py failed\nError: File not found: a.py\n\n! permission requested: bash (rm -rf x); auto-rejecting\n"
    )
    text += "✗ rm -rf x failed\nError: The user rejected permission.\n\nError: the end\n"
    found = [(kind, value, facts.get("outcome")) for kind, value, facts in metadata(OPENCODE, stderr=text)]
    assert found == [
        ("tool_use", "Read: a.py", "error"),
        ("error", "File not found: a.py", None),
        ("permission", "rm -rf x", None),
        ("tool_use", "rm -rf x", "denied"),
        ("error", "the end", None),
    ]


CAPTURES = [
    ("gemini-http429-pipe", "gemini", ("gemini", "-p", "x")),
    ("gemini-text-pty", "gemini", ("gemini", "-p", "x")),
    ("aider-message-pipe", "aider", ("aider",)),
    ("aider-http429-pipe", "aider", ("aider",)),
    ("opencode-run-pipe", "opencode", ("opencode", "run", "x")),
    ("opencode-ask-pty", "opencode", ("opencode", "run", "x")),
]


@pytest.mark.parametrize(("name", "agent", "command"), CAPTURES)
@settings(max_examples=6, deadline=None)
@given(cuts=st.lists(st.integers(0, 7000), max_size=10))
def test_a_capture_reads_the_same_however_it_is_cut_and_resumed(
    name: str, agent: str, command: tuple[str, ...], cuts: list[int]
) -> None:
    assert find_in_capture(name, agent, command, cuts=cuts, resume=True) == find_in_capture(name, agent, command)


LINES = {
    "gemini": ["Error executing tool a: b\n", "Attempt 1 failed. Retrying x\n", "  at x\n", "}\n", "error: e\n", "\n"],
    "claude": ["⏺ Bash(a\n", "   b)\n", "⏺ Bash(c)\n", "  ⎿  Error: Exit code 1\n", "  ⎿  Interrupted\n",
               "  error: e\n", "  ⎿  ok\n", " Do you want to proceed?\n", "  1. Yes\n", "✻ X… (thinking)\n",
               "⏺ Update(a)\n", "\n", " Claude Code v1\n", "```\n"],
    "aider": ["Aider v1\n", "Model: x with y\n", "Repo-map: z\n", "Tokens: 1k sent, 2 received.\n", "```\n", "\n",
              "f.py\n", "Cost: $1 message, $2 session.\n", "litellm.AuthError: x\n", "Retrying in 1 seconds...\n",
              "error: e\n",
              "The LLM did not conform to the edit format.\n", "# 1 SEARCH/REPLACE block failed to match!\n",
              "Applied edit to f.py\n", "Run it? (Y)es/(N)o [Yes]: y\n"],
    "opencode": ["> a · b\n", "\n", "\n", "$ make\n", "error: e\n", "→ Read a\n", "← Edit a\n", "Index: a\n", "+b\n",
                 "@@ -1 +1,2 @@\n", "← Write a\n", "✗ x failed\n", "Error: e\n", "```\n",
                 "! permission requested: bash (x); auto-rejecting\n"],
}  # fmt: skip


@pytest.mark.parametrize("agent", LINES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_lines_in_any_order_are_read_the_same_however_they_are_cut(agent: str, data: st.DataObject) -> None:
    text = "".join(data.draw(st.lists(st.sampled_from(LINES[agent]), max_size=30)))
    cuts = data.draw(st.lists(st.integers(0, 500), max_size=6))
    recording = header(agent, (agent,))
    whole = find(recording, text, text)
    assert find(recording, text, text, cuts=cuts, resume=True) == whole


def test_told_is_what_tests_compare() -> None:
    assert told(find(header("nightly"), "error: x\n").events) == [Told("error", "x", 1)]
