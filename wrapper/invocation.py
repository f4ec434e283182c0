"""Which program a command line means. Pure: what is installed comes in as a function."""

from collections.abc import Callable, Sequence

from stream.lazy_regex import lazy_regex

_SHELL_SYNTAX = lazy_regex(r"[\s|&;<>()$`\\\"'*?#~=%{}\[\]]")


def resolve_command(agent: str, words: Sequence[str], is_program: Callable[[str], bool]) -> list[str]:
    """The argument vector to execute for `wrapper AGENT WORDS…`.

    No words: the program that is named like the agent. One word that is no program but holds blanks or shell syntax:
    a shell command. A first word that is no program where the agent is one (`wrapper codex exec "fix it"`): the
    agent's arguments. All else is taken as it stands.
    """
    if not words:
        return [agent]
    if is_program(words[0]):
        return list(words)
    if len(words) == 1 and _SHELL_SYNTAX.search(words[0]):
        return ["/bin/sh", "-c", words[0]]
    if is_program(agent):
        return [agent, *words]
    return list(words)


def take_last_option(words: Sequence[str], option: str, separated: bool) -> tuple[list[str], bool]:
    """The words without a last `option` of ours, and whether it was there. Behind `--` it is the command's own."""
    if words and words[-1] == option and not separated:
        return list(words[:-1]), True
    return list(words), False
