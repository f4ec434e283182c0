"""How dangerous a command is, and why: read from what it runs, never from how it looks. Pure.

`echo "rm -rf /"` prints, `grep -rf words` searches, `git push --force-with-lease` asks first: what counts is the
programs that run, their options, and where what they write lies.
"""

from collections.abc import Iterator

from stream.records import RISK_LEVELS
from stream.risk.credentials import credential_variables, is_credential_file
from stream.risk.network import fetches, runs_what_was_fetched
from stream.risk.phrases import MAX_WORDS, PHRASES
from stream.risk.places import Places
from stream.risk.rules import RULES, Risk, options, positionals, sql_risk, writes_device
from stream.risk.written_files import is_written, written_files
from stream.shell.commands import SimpleCommand
from stream.shell.programs import SHELLS, Program, programs

# What takes names of files without reading what they hold.
_NO_READERS = frozenset(
    {
        "ls", "ll", "dir", "stat", "test", "[", "[[", "echo", "printf", "touch", "rm", "rmdir", "unlink", "mkdir",
        "chmod", "chown", "chgrp", "ln", "find", "fd", "file", "which", "basename", "dirname", "realpath",
        "readlink", "wc", "du", "ssh", "scp", "ssh-keygen", "ssh-add", "git", "cd", "export", "unset",
    }
)  # fmt: skip
_INTERPRETERS = frozenset({"python", "python3", "node", "ruby", "perl", "php", "deno", "bun"})
# Their first word that is no option is what they look for, not where.
_SEARCHERS = frozenset({"grep", "egrep", "fgrep", "rg", "ag", "ack", "sed", "awk", "gawk", "jq", "yq"})


def assess(command: str, cwd: str | None) -> Risk | None:
    """The greatest risk of a shell command that is run in `cwd`; None if there is none worth a word."""
    found: list[Risk] = []
    places = Places(cwd, cwd)
    for program in programs(command):
        found.extend(_risks(program, places))
        if program.name in ("cd", "pushd") and program.arguments:
            places = places.entered(program.arguments[-1])
    return greatest(found)


def assess_write(path: str, cwd: str | None) -> Risk | None:
    """The risk of a file tool that writes `path`."""
    return greatest(_written(path, Places(cwd, cwd)))


def assess_read(path: str) -> Risk | None:
    """The risk of a file tool that reads `path`."""
    return Risk("high", f"reads credentials ({path})") if is_credential_file(path) else None


def assess_sql(text: str) -> Risk | None:
    """The risk of a database tool that is given this SQL."""
    return greatest(list(sql_risk(text)))


def greatest(risks: list[Risk]) -> Risk | None:
    """The first of those with the highest level."""
    return max(risks, key=lambda risk: RISK_LEVELS.index(risk.level), default=None)


def _risks(program: Program, places: Places) -> Iterator[Risk]:
    if rule := RULES.get(program.name):
        yield from rule(program, places)
    if runs_what_was_fetched(program):
        yield Risk("critical", f"runs what comes from the network ({program.name})")
    if program.name in _INTERPRETERS and {"c", "e", "--eval"} & options(program):
        yield from sql_risk(" ".join(program.arguments))
    yield from _phrase(program)
    if fetches(program):
        yield Risk("medium", f"network access ({program.name})")
    if program.raised:
        yield Risk("high", f"runs with other rights ({program.raised})")
    for path in written_files(program):
        yield from _written(path, places)
    yield from _credentials(program)
    if program.name == "find":
        yield from _found(program, places)


def _phrase(program: Program) -> Iterator[Risk]:
    arguments = program.arguments
    if program.name.startswith("python") and arguments[:1] == ("-m",):
        program = program._replace(name=arguments[1] if len(arguments) > 1 else "", arguments=arguments[2:])
    for words in (program.arguments, positionals(program)):
        for count in range(MAX_WORDS, 0, -1):
            phrase = (program.name, *words[: count - 1])
            if len(phrase) == count and phrase in PHRASES:
                level, reason = PHRASES[phrase]
                yield Risk(level, f"{reason} ({' '.join(phrase)})")
                return


def _written(path: str, places: Places) -> list[Risk]:
    if writes_device(path):
        return [Risk("critical", f"overwrites a device ({path})")]
    if places.is_outside(path):
        return [Risk("high", f"writes outside the working directory ({path})")]
    return []


def _credentials(program: Program) -> Iterator[Risk]:
    files = [redirect.target for redirect in program.command.redirects if redirect.operator == "<"]
    if program.name not in _NO_READERS:
        words = positionals(program)
        files += words[1:] if program.name in _SEARCHERS else words
    for file in files:
        path = file.rpartition("@")[2] if "@" in file else file
        if is_credential_file(path) and not is_written(path, program):
            yield Risk("high", f"reads credentials ({path})")
    if program.name in ("echo", "printf"):
        for name in credential_variables(" ".join(program.arguments)):
            yield Risk("high", f"prints a credential (${name})")


def _found(program: Program, places: Places) -> Iterator[Risk]:
    """What `find -exec` runs on each file."""
    for option in ("-exec", "-execdir", "-ok"):
        if option in program.arguments:
            words = program.arguments[program.arguments.index(option) + 1 :]
            inner = words[: words.index(";")] if ";" in words else words
            if inner and inner[0] not in SHELLS:
                command = SimpleCommand(inner)
                yield from _risks(Program(inner[0].rpartition("/")[2], inner[1:], program.raised, command), places)
