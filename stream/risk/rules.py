"""What the programs of a command risk, one rule for each kind of program (docs/events.md, "Risk"). Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from stream.lazy_regex import lazy_regex
from stream.risk.credentials import is_credential_variable
from stream.risk.places import Places
from stream.shell.programs import Program


class Risk(NamedTuple):
    """`level` is one of `stream.records.RISK_LEVELS`; `reason` says why, in words for people."""

    level: str
    reason: str


Rule = Callable[[Program, Places], Iterator[Risk]]

SQL_CLIENTS = frozenset(
    {
        "psql",
        "mysql",
        "mariadb",
        "sqlite3",
        "sqlcmd",
        "duckdb",
        "clickhouse-client",
        "cockroach",
        "usql",
        "pgcli",
        "mycli",
        "litecli",
        "snowsql",
        "bq",
    }
)
_DROPS = lazy_regex(r"(?i)\b(DROP\s+(?:TABLE|DATABASE|SCHEMA|KEYSPACE|COLLECTION)|TRUNCATE\s+(?:TABLE\s+)?\w)")
_DELETES_ALL = lazy_regex(r"(?i)\bDELETE\s+FROM\s+[\w.\"`]+\s*(?:;|$)")
_OPEN_MODE = lazy_regex(r"0?[0-7]?77[67]|0?666|(?:[ugo]*[oa][ugo]*|)[+=][rx]*w[rxt]*|[ug]+\+[rwx]*s|0?[2467]\d{3}")
_DEVICE = lazy_regex(r"/dev/(?!null$|zero$|std|tty|fd|shm|random|urandom)\w")


def positionals(program: Program) -> list[str]:
    """The arguments that are no options."""
    return [argument for argument in program.arguments if not argument.startswith("-")]


def options(program: Program) -> set[str]:
    """Long options without their values, and the letters of short ones."""
    found = set()
    for argument in program.arguments:
        if argument == "--":
            break
        if argument.startswith("--"):
            found.add(argument.partition("=")[0])
        elif argument.startswith("-"):
            found.update(argument[1:])
    return found


def sql_risk(text: str) -> Iterator[Risk]:
    """What SQL destroys."""
    if found := _DROPS.search(text):
        yield Risk("critical", f"destroys data ({' '.join(found[1].split()[:2]).upper()})")
    elif _DELETES_ALL.search(text):
        yield Risk("high", "deletes every row (DELETE without WHERE)")


def writes_device(path: str) -> bool:
    """Whether writing to this path overwrites a disk."""
    return _DEVICE.match(path) is not None


def _remove(program: Program, places: Places) -> Iterator[Risk]:
    if not {"r", "R", "--recursive"} & options(program):
        return
    for target in positionals(program):
        if places.is_outside(target):
            yield Risk("critical", f"destroys {target}, outside the working directory (rm -r)")
    yield Risk("high", "removes directories for good (rm -r)")


def _find(program: Program, places: Places) -> Iterator[Risk]:
    outside = [place for place in positionals(program)[:1] if places.is_outside(place)]
    if "-delete" in program.arguments:
        yield Risk("critical" if outside else "high", "removes files for good (find -delete)")


def _git(program: Program, _places: Places) -> Iterator[Risk]:
    arguments = list(program.arguments)
    while arguments and arguments[0].startswith("-"):
        arguments = arguments[2 if arguments[0] in ("-C", "-c", "--git-dir", "--work-tree", "--namespace") else 1 :]
    action = arguments[0] if arguments else ""
    rest = program._replace(arguments=tuple(arguments[1:]))
    given, words = options(rest), positionals(rest)
    if action == "push":
        yield from _push(given, words)
    elif _discards(action, given, words):
        yield Risk("high", f"throws work away (git {action})")
    elif action in ("fetch", "pull", "ls-remote") or (action == "clone" and re.search(r"://|@", " ".join(words))):
        yield Risk("medium", f"network access (git {action})")


def _push(given: set[str], words: list[str]) -> Iterator[Risk]:
    if {"f", "--force", "--mirror"} & given or any(word.startswith("+") for word in words):
        yield Risk("high", "overwrites what others have (git push --force)")
    elif {"d", "--delete"} & given or any(word.startswith(":") for word in words):
        yield Risk("high", "deletes a remote branch (git push --delete)")
    else:
        yield Risk("medium", "publishes commits (git push)")


def _discards(action: str, given: set[str], words: list[str]) -> bool:
    """Whether a git action throws uncommitted or unreachable work away."""
    if action == "clean":
        return bool({"f", "--force"} & given) and not {"n", "--dry-run"} & given
    if action == "checkout":
        return "." in words or bool({"f", "--force"} & given)
    if action == "restore":
        return "--staged" not in given or "--worktree" in given
    return (
        (action == "reset" and "--hard" in given)
        or (action == "branch" and "D" in given)
        or (action == "stash" and words[:1] in (["drop"], ["clear"]))
        or (action == "reflog" and words[:1] in (["expire"], ["delete"]))
        or action in ("filter-branch", "filter-repo")
    )


def _chmod(program: Program, _places: Places) -> Iterator[Risk]:
    for argument in program.arguments:
        if any(_OPEN_MODE.fullmatch(part) for part in argument.split(",")):
            yield Risk("high", f"opens files to everybody (chmod {argument})")


def _environment(program: Program, _places: Places) -> Iterator[Risk]:
    names = positionals(program)
    if not names or any(map(is_credential_variable, names)):
        yield Risk("high", f"prints the environment, with its credentials ({program.name})")


def _disk(program: Program, _places: Places) -> Iterator[Risk]:
    if program.name != "dd":
        yield Risk("critical", f"overwrites a disk ({program.name})")
    for argument in program.arguments:
        if argument.startswith("of=") and writes_device(argument[3:]):
            yield Risk("critical", f"overwrites a disk (dd {argument})")


def _sql(program: Program, _places: Places) -> Iterator[Risk]:
    feeding = program.command.feeds.words if program.command.feeds else ()
    yield from sql_risk("\n".join((*program.arguments, program.command.stdin, *feeding)))


def _sql_alone(program: Program, _places: Places) -> Iterator[Risk]:
    yield from sql_risk(" ".join((program.name, *program.arguments)))


RULES: Mapping[str, Rule] = {
    "rm": _remove,
    "find": _find,
    "git": _git,
    "chmod": _chmod,
    "printenv": _environment,
    "env": _environment,
    "dd": _disk,
    **dict.fromkeys(("mkfs", "wipefs", "fdisk", "sfdisk", "sgdisk", "parted"), _disk),
    **dict.fromkeys((f"mkfs.{system}" for system in ("ext4", "ext3", "xfs", "btrfs", "vfat", "ntfs")), _disk),
    **dict.fromkeys(SQL_CLIENTS, _sql),
    **dict.fromkeys(("drop", "truncate", "delete"), _sql_alone),
}
