"""What is left of secrets in a recording that was masked in place: up to four characters, and stars. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from stream.lazy_regex import lazy_regex
from stream.secrets.values import MASK

REDACTED = "redacted"  # the kind of a secret of which nothing else is known any more
SIGN = b"*" * 6  # no secret that we know is shorter

_MASKED = lazy_regex(rb"(?:(?<=[=:\"'/@])|(?<=[ (]))(?P<shown>[A-Za-z0-9._-]{0,4})(?P<stars>\*{6,})")
_NAMES = (b"=", b":", b'"', b"'", b"@")
_LONG = 20  # stars
_NAMED = lazy_regex(rb"(?i)(?:bearer|basic|token|apikey|key|digest|provided:) {1,2}$")


class MaskedPlace(NamedTuple):
    """A line in which a secret was masked: its number in the text, from 0, where it starts and ends, what is shown."""

    line: int
    start: int
    end: int
    shown: str


def masked_places(text: bytes) -> Iterator[MaskedPlace]:
    """One for each line of a text that has one; a row of stars that is drawn is none."""
    position, index = 0, 0
    while (found := text.find(SIGN, position)) >= 0:
        start = text.rfind(b"\n", 0, found) + 1
        end = text.find(b"\n", found)
        index += text.count(b"\n", position, start)
        end = len(text) if end < 0 else end
        if (shown := _shown(text[start:end])) is not None:
            yield MaskedPlace(index, start, end, f"{shown}{MASK}[{REDACTED}]")
        position, index = end + 1, index + 1


def _shown(line: bytes) -> str | None:
    """What is shown of the first secret of a line."""
    for match in _MASKED.finditer(line):
        before = line[: match.start()].rstrip(b" ")
        known = before.endswith(_NAMES) or _NAMED.search(line[: match.start()])
        # A long row behind a word may have been a secret without a name; one that begins a line is drawn.
        if match["shown"] or known or (before and len(match["stars"]) >= _LONG):
            return match["shown"].decode()
    return None
