"""Which programs a shell text runs, behind `sudo`, `env`, `timeout`, `xargs`, `bash -lc '…'` and the like. Pure."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from stream.lazy_regex import lazy_regex
from stream.shell.commands import SimpleCommand, simple_commands

RAISERS = frozenset({"sudo", "doas", "su", "pkexec", "runuser"})
SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "pwsh", "powershell"})
_MAX_DEPTH = 4

# What runs the program behind it: the options of each that take a value, and how many words come before the program.
_PREFIXES = {
    "sudo": ("-u -g -h -p -C -r -t -U -D -R -T --user --group", 0),
    "doas": ("-u -C", 0),
    "pkexec": ("--user", 0),
    "env": ("-u -C --unset --chdir", 0),
    "nohup": ("", 0),
    "setsid": ("", 0),
    "time": ("-f -o", 0),
    "nice": ("-n", 0),
    "ionice": ("-c -n", 0),
    "chrt": ("", 1),
    "timeout": ("-s -k", 1),
    "gtimeout": ("-s -k", 1),
    "stdbuf": ("-i -o -e", 0),
    "xargs": ("-n -I -P -L -d -a -s -E", 0),
    "parallel": ("-j -n -I", 0),
    "watch": ("-n", 0),
    "command": ("", 0),
    "builtin": ("", 0),
    "exec": ("-a", 0),
    "caffeinate": ("-t -w", 0),
    "unbuffer": ("", 0),
    "chronic": ("", 0),
    "dotenv": ("-f", 0),
    "direnv": ("", 2),
    "mise": ("", 1),
}
_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "fi", "done"})
_ASSIGNMENT = lazy_regex(r"[A-Za-z_]\w*\+?=")


class Program(NamedTuple):
    """`name` is the program without its path; `raised` names what gave it rights, if anything did.

    `command` is where it stands: its redirections and what is piped into it.
    """

    name: str
    arguments: tuple[str, ...]
    raised: str
    command: SimpleCommand


def programs(text: str, depth: int = 0) -> Iterator[Program]:
    """In the order in which they stand; a shell's `-c` gives the programs of its text."""
    for command in simple_commands(text):
        yield from _programs(command, depth)


def unwrap(command: SimpleCommand) -> Program | None:
    """The program that the command runs in the end; None for assignments and redirections alone."""
    words, raised = list(command.words), ""
    while words:
        if words[0] in _KEYWORDS or _ASSIGNMENT.match(words[0]):
            words = words[1:]
            continue
        name = _name(words[0])
        if name in RAISERS:
            raised = name
        if name not in _PREFIXES or not (behind := _behind_prefix(name, words[1:])):
            return Program(name, tuple(words[1:]), raised, command)
        words = behind
    return None


def _programs(command: SimpleCommand, depth: int) -> Iterator[Program]:
    program = unwrap(command)
    if program is None:
        if command.redirects:
            yield Program("", (), "", command)
        return
    yield program
    text = _shell_text(program) if depth < _MAX_DEPTH else ""
    for inner in programs(text, depth + 1) if text else ():
        yield inner._replace(raised=inner.raised or program.raised)


def _shell_text(program: Program) -> str:
    """What a shell is given to run: `-c TEXT`, `eval TEXT`, a here-document."""
    if program.name == "eval":
        return " ".join(program.arguments)
    if program.name not in (*SHELLS, "su"):
        return ""
    for place, argument in enumerate(program.arguments):
        if re.fullmatch(r"-[a-z]*c|-Command|--command", argument):
            return " ".join(program.arguments[place + 1 : place + 2])
    return program.command.stdin


def _behind_prefix(name: str, words: list[str]) -> list[str]:
    with_value, others = _PREFIXES[name]
    valued = with_value.split()
    while words and (words[0].startswith("-") or _ASSIGNMENT.match(words[0])):
        if words[0] == "--":
            words = words[1:]
            break
        words = words[2 if words[0] in valued else 1 :]
    return words[others:]


def _name(word: str) -> str:
    return re.split(r"[/\\]", word)[-1].lower().removesuffix(".exe")


def inner_command(command: str) -> str:
    """`ls` of `/bin/bash -lc 'ls'`; any other command as it is."""
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    wrapped = len(words) == 3 and _name(words[0]) in SHELLS and re.fullmatch(r"-[a-z]*c[a-z]*", words[1])
    return words[2] if wrapped else command
