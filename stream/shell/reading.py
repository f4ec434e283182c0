"""Whether a command only shows what is there, so that an error among its output is somebody else's text. Pure."""

from collections.abc import Iterator

from stream.lazy_regex import lazy_regex
from stream.shell.programs import Program, inner_command, programs

_READERS = frozenset(
    {
        "ack", "ag", "awk", "basename", "bat", "cat", "cd", "column", "comm", "cut", "date", "df", "dir", "dirname",
        "du", "echo", "egrep", "env", "fd", "fgrep", "file", "find", "gawk", "get-childitem", "get-content", "grep",
        "head", "hexdump", "hostname", "id", "jq", "less", "ls", "more", "nl", "od", "printenv", "printf", "ps", "pwd",
        "readlink", "realpath", "rg", "sed", "select-string", "sort", "stat", "strings", "tac", "tail", "tr", "tree",
        "true", "type", "uname", "uniq", "wc", "which", "whoami", "xxd", "yq", "zcat",
    }
)  # fmt: skip
_SHOWING = frozenset({"blame", "cat-file", "diff", "grep", "log", "ls-files", "reflog", "show", "status"})
_LISTING = lazy_regex(
    r"-[ailqrv]+$|--(?:all|list|remotes|verbose|quiet|ignore-case|show-current|omit-empty|(?:no-)?(?:contains|merged)"
    r"|points-at|sort|format|(?:no-)?(?:color|column|abbrev))(?:=|$)"
)  # options with which `git branch` changes nothing
_SELECTING = lazy_regex(r"-\w*l|--(?:list|(?:no-)?(?:contains|merged)|points-at|sort|format)$")  # … of those named
_OF_GIT = ("fatal: ", "error: ")
_SHELL = lazy_regex(r"(?:/\S*/)?(?:(?:ba|da|a|k|z)?sh: (?:line )?(?:\d+: )?|zsh:(?:\w+:)?\d+: )")
_WORDS = lazy_regex(r"[\w*?./~-]+")
_DOING = {"find": ("-exec", "-execdir", "-ok", "-delete"), "fd": ("-x", "-X", "--exec", "--exec-batch")}


def only_reads(command: str) -> bool:
    """Whether every program of the command is one that shows files or facts and changes nothing."""
    found = list(programs(inner_command(command)))
    return bool(found) and all(map(_reads, found))


def own_complaints(command: str, output: str) -> str:
    """The lines of its output in which a program of the command says something for itself: `ls: cannot access …`.

    So does the shell that runs it, if it names something of the command, and git without its name.
    """
    lines = [line for line in output.splitlines() if _may_complain(line, command)]
    if not lines:
        return ""  # most rows are nobody's: no need to take the command apart
    found = list(programs(inner_command(command)))
    names, git_speaks = {program.name for program in found}, any(map(_is_heard, found))
    words = set(_WORDS.findall(command))
    return "\n".join(
        line
        for line in lines
        if _speaker(line) in names
        or (git_speaks and line.startswith(_OF_GIT))
        or ((shell := _SHELL.match(line)) and not words.isdisjoint(_WORDS.findall(line, shell.end())))
    )


def _may_complain(line: str, command: str) -> bool:
    speaker = _speaker(line)
    return bool(speaker and speaker in command) or line.startswith(_OF_GIT) or _SHELL.match(line) is not None


def _speaker(line: str) -> str:
    """Who says what stands behind the colon; nobody where there is none."""
    name, colon, _ = line.partition(": ")
    return name.rpartition("/")[2] if colon else ""


def _is_heard(program: Program) -> bool:
    """Whether it is git, and a line of its own is none of a file that it shows."""
    if program.name != "git":
        return False
    command, *rest = [*_words(program), ""]
    return not (command == "cat-file" or (command == "show" and any(":" in word for word in rest)))


def _reads(program: Program) -> bool:
    if program.raised:  # asking for rights is more than looking
        return False
    if program.name == "git":
        command = next(_words(program), "")
        return command in _SHOWING or (command == "branch" and _lists_branches(program))
    if program.name == "sed" and any(word.startswith(("-i", "--in-place")) for word in program.arguments):
        return False
    return program.name in _READERS and not any(word in program.arguments for word in _DOING.get(program.name, ()))


def _lists_branches(program: Program) -> bool:
    """Whether `git branch` makes, moves and deletes none."""
    words = program.arguments[program.arguments.index("branch") + 1 :]
    options = [word for word in words if word.startswith("-")]
    names_none = len(options) == len(words)
    return all(map(_LISTING.match, options)) and (names_none or any(map(_SELECTING.match, options)))


def _words(program: Program) -> Iterator[str]:
    """The arguments that are no options; those of git before its subcommand may have values."""
    words = iter(program.arguments)
    for word in words:
        if word in ("-C", "-c", "--git-dir", "--work-tree"):
            next(words, "")
        elif not word.startswith("-"):
            yield word
