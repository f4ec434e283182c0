"""The patterns in force: those for every agent, the agent's own, and the user's.

A pack is a TOML file of `[[pattern]]` tables (`stream.patterns.pattern`). Ours are `families/` for every agent, in the
order of `_FAMILIES`, and one per kind of agent in `agents/`, by its name. A later pack replaces earlier patterns of the
same name; of patterns with the same priority those of an earlier pack are tried first. Each pattern carries examples
and counterexamples, which are its tests.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from stream.lazy_regex import lazy_regex
from stream.patterns.pattern import Example, Pattern, PatternError
from stream.patterns.reading import read_pack, read_rows

__all__ = ["Example", "Pattern", "PatternError", "PatternSet", "kinds_with_packs", "load_packs"]

_DIRECTORY = os.path.dirname(__file__)
_FAMILIES = (
    "messages",
    "compilers",
    "shell",
    "system",
    "python",
    "perl",
    "databases",
    "containers",
    "package_managers",
    "javascript",
    "git",
    "test_runners",
    "questions",
    "figures",
    "dangers",
)
_EXAMPLES = lazy_regex(r"""^(?:counter)?examples = \[(?:[^]'"#]|'[^'\n]*'|"(?:\\.|[^"\\\n])*")*]$""", re.MULTILINE)


EXTRACTION_VERSION = 12  # of the code that finds events; to be raised whenever it finds others


class PatternSet:
    """Patterns, the first to be tried first; `read` gives them when they are first asked for.

    `digest` (16 hex digits) differs whenever they, or the code that uses them, could find other things.
    """

    def __init__(self, read: Callable[[], Iterable[Pattern]], digest: str) -> None:
        self.digest = digest
        self._read = read

    def __iter__(self) -> Iterator[Pattern]:
        return iter(self.patterns)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """All of them."""
        return tuple(self._read())


def kinds_with_packs() -> list[str]:
    """The kinds of agents (`stream.grammars.kinds`) that have a pack of their own."""
    return sorted(name.removesuffix(".toml") for name in os.listdir(os.path.join(_DIRECTORY, "agents")))


def load_packs(kind: str | None, user_files: Sequence[Path] = (), *, with_examples: bool = False) -> PatternSet:
    """The patterns for a kind of agent, None if nobody knows it.

    Raises `PatternError` for a pack that cannot be read or used.

    Without `with_examples` our own packs are taken as proven: they are parsed when the first of them is needed, their
    examples never, which is three quarters of the time that this takes. The user's packs are always checked at once.
    """
    own = {name: _text(os.path.join(_DIRECTORY, name), name) for name in _own_packs(kind)}
    theirs: dict[str, Pattern] = {}
    for user_file in user_files:
        theirs |= read_pack(_text(user_file, str(user_file)), str(user_file))

    def read() -> Iterable[Pattern]:
        patterns: dict[str, Pattern] = {}
        for name, text in own.items():
            patterns |= read_pack(text, name, counterexamples=True) if with_examples else _rows_alone(text, name)
        return sorted((patterns | theirs).values(), key=lambda pattern: -pattern.priority)

    return PatternSet(read, _digest(own, theirs.values()))


def _own_packs(kind: str | None) -> list[str]:
    families = [f"families/{family}.toml" for family in _FAMILIES]
    return [*families, f"agents/{kind}.toml"] if kind in kinds_with_packs() else families


def _rows_alone(text: str, source: str) -> dict[str, Pattern]:
    return {row["name"]: Pattern(**row, source=source) for row in read_rows(_EXAMPLES.sub("", text), source)}


def _text(path: str | Path, source: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise PatternError(source, "", "", f"cannot be read: {error}") from error


def _digest(own: Mapping[str, str], theirs: Iterable[Pattern]) -> str:
    what_counts = [pattern[: Pattern._fields.index("examples")] for pattern in theirs]
    return hashlib.sha256(json.dumps([EXTRACTION_VERSION, own, what_counts]).encode()).hexdigest()[:16]
