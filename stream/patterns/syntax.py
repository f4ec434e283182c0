"""Which regular expressions a pack may hold: those that RE2 takes and that mean the same in a line and in a chunk.

Interesting lines are found in a whole chunk by one expression made of all patterns, `(?m)^.*(?:A|B|…).*$`; a pattern
that looks beyond its line would find other things there than in the line by itself.
"""

import re
from typing import Any

import re2

from stream.lazy_regex import lazy_regex

# Escapes and character classes are consumed whole, so that `\\z` and `[(?s)]` are not taken for what they resemble.
_TOKEN = lazy_regex(
    r"\\Q.*?(?:\\E|\Z)"
    r"|(?P<escape>\\.)"
    r"|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]"
    r"|\(\?P?<(?P<group>\w+)>"
    r"|(?P<open>\((?!\?))"
    r"|\(\?(?P<flags>[a-zA-Z-]+)[:)]",
    re.DOTALL,
)
_REFUSED_ESCAPES = {
    r"\A": "write ^, which is the start of the line",
    r"\z": "write $, which is the end of the line",
    r"\C": "write ., which is one character",
    r"\n": "leave it out: a pattern meets one line, without its end",
}
_REFUSED_FLAGS = {
    "s": "leave it out: a pattern meets one line, so that . need not match a line's end",
    "m": "leave it out: ^ and $ are the ends of the line already",
}


def compile_regex(regex: str) -> Any:
    """The regex as RE2 compiles it. Raises `ValueError` with RE2's own words."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(regex, options)
    except re2.error as error:
        reason = error.args[0]
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error


def regex_problem(regex: str) -> str | None:
    """What is wrong with a regex and what would be right, or None."""
    try:
        compiled = compile_regex(regex)
    except ValueError as error:
        return f"RE2 refuses {regex!r}: {error}"
    if compiled.search("") is not None:
        return f"{regex!r} matches the empty line; it needs at least one character"
    return _beyond_the_line(regex)


def _beyond_the_line(regex: str) -> str | None:
    groups: set[str] = set()
    for token in _TOKEN.finditer(regex):
        escape, group, flags = token.group("escape", "group", "flags")
        if escape in _REFUSED_ESCAPES:
            return f"{escape} has no place in a pattern; {_REFUSED_ESCAPES[escape]}"
        for flag in flags or "":
            if flag in _REFUSED_FLAGS:
                return f"the flag {flag} in {token.group()!r} has no place in a pattern; {_REFUSED_FLAGS[flag]}"
        if group in groups:
            return f"the group {group!r} is there twice; a name stands for one group"
        if group:
            groups.add(group)
    return None


def without_groups(regex: str) -> str:
    """The same regex capturing nothing.

    RE2 searches with its automaton alone only where nothing is captured; its option `never_capture` still counts the
    groups, and each hit costs fifteen times as much (measured with 100 patterns).
    """
    return _TOKEN.sub(lambda token: "(?:" if token["group"] or token["open"] else token[0], regex)
