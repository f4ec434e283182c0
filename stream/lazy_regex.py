"""Regular expressions that are compiled when they are first used.

Each run starts an indexer, and compiling all of this package's expressions would take half of its start; most runs
use few of them.
"""

import re
from typing import Any, AnyStr, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")
_KEPT = (*_METHODS, "pattern", "flags", "groups", "groupindex")


class _LazyRegex:
    """Has what a compiled expression has, from its first use on as its own."""

    def __init__(self, regex: str | bytes, flags: int) -> None:
        self._regex = regex
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name not in _KEPT:  # copying and the like look for more
            raise AttributeError(name)
        compiled = re.compile(self._regex, self._flags)
        self.__dict__.update({kept: getattr(compiled, kept) for kept in _KEPT})
        return self.__dict__[name]


def lazy_regex(regex: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` returns, made when one of its methods is first called. An error in it comes then."""
    return cast("re.Pattern[AnyStr]", _LazyRegex(regex, flags))
