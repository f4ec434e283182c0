"""Which files a command writes, by its redirections and its program's arguments. Pure."""

from collections.abc import Iterator
from itertools import zip_longest

from stream.shell.programs import Program

_ALL = frozenset(
    {"tee", "touch", "mkdir", "rm", "rmdir", "unlink", "truncate", "shred", "patch"}
)  # every word is a file
_BEHIND_FIRST = frozenset({"chmod", "chown", "chgrp"})
_LAST = frozenset({"cp", "install", "ln", "rsync", "scp"})
# Options that name what is written.
_TARGET_OPTIONS = {
    "cp": ("-t", "--target-directory"),
    "mv": ("-t", "--target-directory"),
    "curl": ("-o", "--output"),
    "wget": ("-O", "-P", "--output-document", "--directory-prefix"),
    "tar": ("-C", "--directory"),
    "unzip": ("-d",),
    "gcc": ("-o",),
    "sort": ("-o",),
}


def written_files(program: Program) -> Iterator[str]:
    """Paths as they stand in the command."""
    for redirect in program.command.redirects:
        if ">" in redirect.operator and not _is_descriptor(redirect.target):
            yield redirect.target
    words = [word for word in program.arguments if not word.startswith("-")]
    if program.name in _ALL or program.name == "mv":
        yield from words
    elif program.name in _BEHIND_FIRST:
        yield from words[1:]
    elif program.name in _LAST:
        yield from words[1:][-1:]
    elif program.name in ("sed", "perl"):
        yield from _edited_in_place(program, words)
    elif program.name == "dd":
        yield from (word[3:] for word in words if word.startswith("of="))
    yield from _targets(program)


def is_written(path: str, program: Program) -> bool:
    """Whether the command writes this file, and so does not read it out."""
    return path in written_files(program)


def _edited_in_place(program: Program, words: list[str]) -> Iterator[str]:
    if any(argument.startswith(("-i", "--in-place", "-pi")) for argument in program.arguments):
        scripted = any(argument in ("-e", "-f", "-pe", "--expression") for argument in program.arguments)
        yield from words[2 if scripted and program.name == "sed" and len(words) > 2 else 1 :]


def _targets(program: Program) -> Iterator[str]:
    names = _TARGET_OPTIONS.get(program.name, ())
    for argument, following in zip_longest(program.arguments, program.arguments[1:], fillvalue=""):
        if argument in names:
            yield following
        elif argument.startswith("--") and argument.partition("=")[0] in names:
            yield argument.partition("=")[2]


def _is_descriptor(target: str) -> bool:
    return target.isdigit() or target == "-"
