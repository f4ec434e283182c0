"""What commands get from the network, and whether they run it. Pure."""

from collections.abc import Iterator

from stream.lazy_regex import lazy_regex
from stream.shell.commands import SimpleCommand
from stream.shell.programs import SHELLS, Program, unwrap

_FETCHERS = frozenset(
    {
        "curl",
        "wget",
        "http",
        "https",
        "xh",
        "aria2c",
        "fetch",
        "iwr",
        "irm",
        "invoke-webrequest",
        "invoke-restmethod",
        "lynx",
    }
)
_INTERPRETERS = lazy_regex(r"(?:python|pypy|node|ruby|perl|php|deno|bun|lua)[\d.]*$")
_RUNNERS = frozenset({"eval", "source", ".", "iex", "invoke-expression"})
_HERE = lazy_regex(
    r"(?:\w+://)?(?:[^/@]*@)?(?:localhost|127(?:\.\d+){3}|\[?::1\]?|0\.0\.0\.0|host\.docker\.internal)(?=[:/?]|$)"
    r"(?!:[^/?#]*@)"  # what stands before `@` is a name, not the machine
)
_ADDRESS = lazy_regex(r"\b\w+://[^\s<>\"'`]+")
_REMOTE_FILE = lazy_regex(r"(?:[\w.-]+@)?[\w.-]+::?[\w./~-]*$")


def fetches(program: Program) -> bool:
    """Whether it gets something from another machine, or sends something there."""
    words = _words(program)
    if program.name == "rsync":
        return any(_REMOTE_FILE.match(word) for word in words)
    hosts = [word for word in words if "://" in word] or [word for word in words if _HERE.match(word)]
    return program.name in _FETCHERS and bool(words) and not (hosts and all(map(_HERE.match, hosts)))


def is_of_this_machine(text: str) -> bool:
    """Whether all addresses of the text, which says what to get, are this machine's."""
    addresses = [address.rstrip(".,;:!?)]") for address in _ADDRESS.findall(text)] or [text.strip()]
    return all(map(_HERE.match, addresses))


def runs_what_was_fetched(program: Program) -> bool:
    """`curl … | sh`, `bash <(curl …)`, `sh -c "$(curl …)"`, `eval "$(curl …)"` and the like."""
    arguments = program.arguments
    words = _words(program)
    if any(_fetches(command) for command in program.command.substituted):
        text = arguments[arguments.index("-c") + 1 :][:1] if "-c" in arguments else ()
        if program.name in _RUNNERS or (program.name in SHELLS and (not words or _is_substitution(text))):
            return True
    if program.name in SHELLS:
        from_pipe = not words or "-s" in arguments
    else:
        from_pipe = program.name in _RUNNERS or (_INTERPRETERS.match(program.name) is not None and not words)
    return from_pipe and any(map(_fetches, _feeding(program.command)))


def _is_substitution(text: tuple[str, ...]) -> bool:
    return bool(text) and text[0].lstrip().startswith(("$(", "`"))


def _feeding(command: SimpleCommand) -> Iterator[SimpleCommand]:
    """What stands before it in its pipe."""
    while command.feeds:
        command = command.feeds
        yield command


def _fetches(command: SimpleCommand) -> bool:
    """Whether it gets something by an address, be it this machine's."""
    program = unwrap(command)
    return program is not None and program.name in _FETCHERS and bool(_words(program))


def _words(program: Program) -> list[str]:
    return [word for word in program.arguments if not word.startswith("-")]
