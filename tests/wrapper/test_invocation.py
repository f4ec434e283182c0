import pytest

from wrapper.invocation import resolve_command, take_last_option


@pytest.mark.parametrize(
    ("agent", "words", "command"),
    [
        ("codex", [], ["codex"]),
        ("nobody", [], ["nobody"]),
        ("codex", ["sleep", "1"], ["sleep", "1"]),
        ("codex", ["exec", "fix it"], ["codex", "exec", "fix it"]),
        ("codex", ["-p", "hi"], ["codex", "-p", "hi"]),
        ("codex", ["echo 'test error'"], ["/bin/sh", "-c", "echo 'test error'"]),
        ("nobody", ["a|b"], ["/bin/sh", "-c", "a|b"]),
        ("nobody", ["sleep"], ["sleep"]),
        ("nobody", ["exec", "fix it"], ["exec", "fix it"]),
        ("codex", ["exec"], ["codex", "exec"]),
        ("nobody", ["./a program"], ["./a program"]),
    ],
)
def test_a_command_line_means(agent: str, words: list[str], command: list[str]) -> None:
    programs = {"codex", "sleep", "echo", "./a program"}
    assert resolve_command(agent, words, programs.__contains__) == command


def test_a_last_option_of_ours_is_taken_from_the_command() -> None:
    assert take_last_option(["sleep", "1", "--enable-db"], "--enable-db", False) == (["sleep", "1"], True)
    assert take_last_option(["--enable-db", "x"], "--enable-db", False) == (["--enable-db", "x"], False)


def test_behind_the_separator_everything_is_the_commands_own() -> None:
    assert take_last_option(["x", "--enable-db"], "--enable-db", True) == (["x", "--enable-db"], False)
