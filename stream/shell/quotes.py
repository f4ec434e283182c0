"""Which quote of shell text is open, carried on from one piece of it to the next. Pure.

As `shlex` has it, which has to begin anew each time: a backslash escapes one character outside of quotes and within
double ones, and nothing within single ones.
"""

import re
from typing import Literal

from stream.lazy_regex import lazy_regex

Quote = Literal["", "'", '"', "\\", '"\\']  # the last two: a backslash that is still to escape something

_OUTSIDE = lazy_regex(r"""[^'"\\]*(?:\\.[^'"\\]*)*(?P<ends>['"\\]?)""", re.DOTALL)
_IN_DOUBLE = lazy_regex(r"""[^"\\]*(?:\\.[^"\\]*)*(?P<ends>["\\]?)""", re.DOTALL)


def open_quote(text: str, quote: Quote = "") -> Quote:
    """What is open at the end of `text`, at whose beginning `quote` was; "" if nothing is."""
    position = 0
    if text and quote[-1:] == "\\":
        position, quote = 1, '"' if quote == '"\\' else ""
    while position < len(text):
        if quote == "'":
            end = text.find("'", position)
            if end < 0:
                return quote
            position, quote = end + 1, ""
            continue
        match = (_IN_DOUBLE if quote else _OUTSIDE).match(text, position)
        assert match  # noqa: S101 (both match anything)
        position, ends = match.end(), match["ends"]
        if ends == "\\":
            return '"\\' if quote else "\\"
        if ends:
            quote = "" if quote else "'" if ends == "'" else '"'
    return quote
