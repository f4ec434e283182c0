"""Whether a command only shows what is there, so that an error among its output is somebody else's text. Pure."""

from collections.abc import Iterator

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
_SHOWING = frozenset({"blame", "branch", "cat-file", "diff", "grep", "log", "ls-files", "reflog", "show", "status"})
_DOING = {"find": ("-exec", "-execdir", "-ok", "-delete"), "fd": ("-x", "-X", "--exec", "--exec-batch")}


def only_reads(command: str) -> bool:
    """Whether every program of the command is one that shows files or facts and changes nothing."""
    found = list(programs(inner_command(command)))
    return bool(found) and all(map(_reads, found))


def own_complaints(command: str, output: str) -> str:
    """The lines of its output in which a program of the command says something for itself: `ls: cannot access …`."""
    names = {program.name for program in programs(inner_command(command))}
    said = [line for line in output.splitlines() if line.partition(": ")[0].rpartition("/")[2] in names]
    return "\n".join(said)


def _reads(program: Program) -> bool:
    if program.raised:  # asking for rights is more than looking
        return False
    if program.name == "git":
        return next(_words(program), "") in _SHOWING
    if program.name == "sed" and any(word.startswith(("-i", "--in-place")) for word in program.arguments):
        return False
    return program.name in _READERS and not any(word in program.arguments for word in _DOING.get(program.name, ()))


def _words(program: Program) -> Iterator[str]:
    """The arguments that are no options; those of git before its subcommand may have values."""
    words = iter(program.arguments)
    for word in words:
        if word in ("-C", "-c", "--git-dir", "--work-tree"):
            next(words, "")
        elif not word.startswith("-"):
            yield word
