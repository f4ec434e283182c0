"""Commands that only show what is there."""

import pytest

from stream.shell.reading import only_reads, own_complaints


@pytest.mark.parametrize(
    "command",
    [
        "cat log | grep -i error", "ls -la && cat README.md", "sed -n 1,40p a.py", "git -C /w log --oneline -2",
        "git diff HEAD~1", "find . -name '*.py'", "bash -lc 'rg TODO src'", "LANG=C sort x | uniq -c", "cd /w; head a",
        "git branch", "git branch -avv --sort=-committerdate", "git branch --list 'fix-*'", "git branch --merged main",
    ],
)  # fmt: skip
def test_a_command_that_shows_files_or_facts_only_reads(command: str) -> None:
    assert only_reads(command)


@pytest.mark.parametrize(
    "command",
    [
        "", "make", "cat a && make", "sed -i s/a/b/ x", "find . -delete", "find . -exec rm {} +", "git push", "git",
        "python3 buggy.py", "sudo -n true", "grep x y || pytest", "curl http://x", "echo $(make)",
        "git branch -D old", "git branch -dr origin/x", "git branch -m a b", "git branch --delete old",
        "git branch new", "git log; git branch -d old", "git branch --set-upstream-to=origin/x", "git branch -v new",
    ],
)  # fmt: skip
def test_a_command_that_does_anything_else_does_not_only_read(command: str) -> None:
    assert not only_reads(command)


@pytest.mark.parametrize(
    ("command", "output", "complaints"),
    [
        (
            "ls x",
            "ls: cannot access 'x': No such file or directory",
            "ls: cannot access 'x': No such file or directory",
        ),
        ("bash -lc 'cat x'", "/bin/cat: x: Is a directory\nls: cannot access", "/bin/cat: x: Is a directory"),
        ("cat a; head b", "head: b: no\nx\ncat: a: no", "head: b: no\ncat: a: no"),
        ("grep -r 'ls: ' .", "a:ls: cannot access\nls\nls: x", ""),
        ("", "ls: x", ""),
        ("ls", "ls\n\n/bin/ls", ""),
        ("cd nope && ls", "bash: line 1: cd: nope: No such file\nbash: who", "bash: line 1: cd: nope: No such file"),
        ("ls *.nope", "zsh:1: no matches found: *.nope", "zsh:1: no matches found: *.nope"),
        ("git -C /x status", "fatal: not a git repository\n M fatal: x", "fatal: not a git repository"),
        ("git show HEAD:a.log", "fatal: it was", ""),
        ("cat a.log", "fatal: it was\nsh: 1: jq: not found", ""),
    ],
)
def test_of_an_output_the_lines_are_its_own_that_a_program_of_the_command_begins(
    command: str, output: str, complaints: str
) -> None:
    assert own_complaints(command, output) == complaints
