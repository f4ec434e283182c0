"""What `opencode run` prints of the commands and tools that it used."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_text import find, header, told
from stream.patterns import Pattern, load_packs

OPENCODE = header("opencode", ("opencode", "run", "hi"))


def metadata(stderr: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    events = find(OPENCODE, stderr=stderr, patterns=()).events
    return [(event.event_type, event.matched_value, dict(event.metadata)) for event in events]


def test_what_a_reading_command_of_opencode_shows_did_not_happen() -> None:
    text = (
        "\n$ echo 'Error: printed only'; true\nError: printed only\n\n$ cat log | tail -2\nwarning: old\nerror: old\n\n"
    )
    text += "$ cd a && make\nerror: real\n\n$ cat x > y\nerror: of a line below\n\n$ cd a\nerror: too\n"
    events = find(OPENCODE, stderr=text).events
    calls = [(e.matched_value, e.metadata["outcome"]) for e in events if e.event_type == "tool_use"]
    assert calls == [
        ("echo 'Error: printed only'; true", "ok"), ("cat log | tail -2", "ok"), ("cd a && make", "error"),
        ("cat x > y", "error"), ("cd a", "error"),
    ]  # fmt: skip
    assert told(events, "error", "warning") == [
        ("error", "real", 10),
        ("error", "of a line below", 13),
        ("error", "too", 16),
    ]


def test_what_a_reading_program_of_opencode_says_for_itself_is_an_error() -> None:
    text = "\n$ ls none; cat log\nls: error: no access\nError: old\nls: error: no access 2\n\n"
    text += "$ cat log\nls: error: of another\n"
    found = told(find(OPENCODE, stderr=text).events, "error")
    assert found == [("error", "no access", 3), ("error", "no access 2", 5)]
    missing = "\n$ rg x\nsh: 1: rg: not found\n\n$ cat log\nsh: 1: rg: not found\n"
    patterns = (Pattern("missing", "error", "(?P<value>.*): not found"),)
    assert told(find(OPENCODE, stderr=missing, patterns=patterns).events, "error") == [("error", "sh: 1: rg", 3)]


def test_what_a_reading_program_seems_to_say_within_a_fence_is_shown() -> None:
    fenced = "\n$ cat README.md\n```\ncat: error: no access\n```\n"
    found = find(OPENCODE, stderr=fenced)
    assert told(found.events, "error") == []
    assert [block.line_end for block in found.blocks] == [5]


HEREDOC = "$ git log -1; cat <<'X' | tail\nTraceback (most recent call last):\n\n$ make\nError: 'x\nX\n"


def test_a_command_of_opencode_reaches_to_the_end_word_of_its_here_document() -> None:
    text = "\n" + HEREDOC + "1a2b x\nTraceback (most recent call last):\nError: 'x\n\n$ make\nerror: real\n"
    events = find(OPENCODE, stderr=text).events
    shown, error, make = events
    assert (shown.matched_value, shown.line_number) == (HEREDOC[2:-1], 2)
    assert (shown.metadata["outcome"], shown.metadata["line_end"]) == ("ok", 7)
    assert (error.matched_value, make.matched_value, make.metadata["outcome"]) == ("real", "make", "error")


@pytest.mark.parametrize(
    "command",
    [
        "python3 -c '\n\nError: a\n'",
        "python3 -c \"\nprint('Error: a')\n\n\"",
        "git commit -m \"$(cat <<'EOF'\nfix: don't (\n\nError: a\nEOF\n)\"",
        "cat <<A <<-B > x\nError: a\nA\nError: b\n\tB", "a && \\\nError: x", "a |\nError: x", "(cd a\nError: x)",
        "cat <<X &&\nError: x\nX\nmake",
    ],
)  # fmt: skip
def test_rows_that_a_command_of_opencode_leaves_open_are_its_own(command: str) -> None:
    ((kind, value, facts),) = metadata(f"\n$ {command}\n(no output)\n")
    assert (kind, value, facts["outcome"]) == ("tool_use", command, "ok")


@pytest.mark.parametrize(
    "command", ["echo $((1<<2))", "ls # it's", "cat <<< x", "grep \\' a", "echo a\\\\", "echo '\"' `ls`"]
)
def test_a_command_of_opencode_that_leaves_nothing_open_ends_with_its_row(command: str) -> None:
    assert [value for _, value, _ in metadata(f"\n$ {command}\nX\n→ Read a\n\n→ Read b\n")] == [command, "Read: b"]


def test_a_command_of_opencode_that_nothing_closes_has_an_output() -> None:
    text = "\n$ echo it's\nerror: unterminated string\n\n$ cat <<X\nwarning: here-document at line 1 delimited by "
    text += "end-of-file (wanted `X')\n\n$ echo 'a\nerror: at the end\n"
    events = find(OPENCODE, stderr=text).events
    calls = [(e.matched_value, e.line_number, e.metadata["outcome"]) for e in events if e.event_type == "tool_use"]
    assert calls == [("echo it's", 2, "error"), ("cat <<X", 5, "ok"), ("echo 'a", 8, "error")]
    found = [(e.event_type, e.matched_value, e.metadata["in"]) for e in events if e.event_type == "error"]
    assert found == [("error", "unterminated string", "tool_output"), ("error", "at the end", "tool_output")]


def test_tools_of_opencode_without_output_follow_each_other_at_once() -> None:
    text = '\n→ Read a.py\n→ Read b.py\n✗ Grep "[Ee]rror" failed in .\nError: no ripgrep\n'
    text += '✗ Glob "**/*.py" failed\nError: several\nlines: of it\n✗ Read x failed in y failed\nError: none\n'
    text += "Error: the end\n"
    assert told(find(OPENCODE, stderr=text, patterns=()).events) == [
        ("tool_use", "Read: a.py", 2), ("tool_use", "Read: b.py", 3),
        ("tool_use", 'Grep: "[Ee]rror" in .', 4), ("error", "no ripgrep", 4),
        ("tool_use", 'Glob: "**/*.py"', 6), ("error", "several", 6),
        ("tool_use", "Read: x failed in y", 9), ("error", "none", 9), ("error", "the end", 11),
    ]  # fmt: skip


def test_a_refused_command_of_opencode_may_have_several_rows() -> None:
    command = "cat <<'X' > a.py\nError: a\n\n$ make\nX"
    text = (
        f"\n! permission requested: bash ({command}); auto-rejecting\n✗ {command} failed\nError: rejected\n→ Read a\n"
    )
    found = [(kind, value, facts.get("outcome")) for kind, value, facts in metadata(text)]
    assert found == [("permission", command, None), ("tool_use", command, "denied"), ("tool_use", "Read: a", "ok")]


def test_what_failed_without_a_refusal_has_one_row() -> None:
    found = told(find(OPENCODE, stderr="\n✗ don't\nError: why\n\n→ Read a\n", patterns=()).events)
    assert found == [("tool_use", "don't", 2), ("error", "why", 2), ("tool_use", "Read: a", 5)]


LINES = [
    "> a · b\n", "\n", "\n", "\n", "$ make\n", "error: e\n", "→ Read a\n", "← Edit a\n", "Index: a\n", "+b\n",
    "✗ x failed\n", "✗ Grep a failed in b\n", "Error: e\n", "```\n", "$ cat <<X\n", "X\n", "$ echo 'a\n", "b'\n",
    "$ ls x\n", "ls: error: f\n", "{\n", "✗ cat <<X\n", "X failed\n", "! permission requested: bash (a\n",
    "X); auto-rejecting\n", "! permission requested: bash (x); auto-rejecting\n",
    "warning: here-document at line 1 delimited by end-of-file (wanted `X')\n",
]  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(LINES), max_size=40), st.lists(st.integers(0, 600), max_size=6))
def test_commands_in_any_order_are_read_the_same_however_they_are_cut(lines: list[str], cuts: list[int]) -> None:
    text = "".join(lines)
    assert find(OPENCODE, text, text, cuts=cuts, resume=True) == find(OPENCODE, text, text)


@pytest.mark.parametrize(
    ("command", "row"),
    [
        ("cd nope && ls", "bash: line 1: cd: nope: No such file or directory"),
        ("git status", "fatal: not a git repository (or any of the parent directories): .git"),
        ("ls *.nope", "zsh:1: no matches found: *.nope"),
    ],
)
def test_what_the_shell_or_git_says_of_a_reading_command_is_an_error(command: str, row: str) -> None:
    found = find(OPENCODE, stderr=f"\n$ {command}\n{row}\n\n", patterns=load_packs("opencode").patterns)
    assert [event.metadata["outcome"] for event in found.events if event.event_type == "tool_use"] == ["error"]
    assert len([event for event in found.events if event.event_type == "error"]) == 1
