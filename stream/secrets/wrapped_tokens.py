"""Tokens that a program has broken at the width of its screen or page: their other parts, in the lines below. Pure.

A line that is as wide as a screen or a page, and ends with a token, may not have all of it. The next line has the rest
if it begins, behind the same margin, with characters that look made by chance.
"""

from collections.abc import Sequence
from hashlib import sha256
from hmac import digest
from typing import Any, NamedTuple

from stream.lazy_regex import lazy_regex
from stream.secrets.values import is_mixed

FINGERPRINT = 16  # hex characters: enough to tell secrets apart

_WIDTHS = frozenset({72, 76, 78, 79, 80, 100, 120, 132})  # of pages, where no terminal tells its own
_MARGIN = 6  # columns of a terminal that a program may leave free
_MOST_LINES = 200  # of one token
_SIDE = lazy_regex(rb"[ \t]*(?:\xe2\x94[\x82\x83]|\xe2\x95\x91|\|)?[ \t]*$")  # the right side of a box, as UTF-8
_EDGE = lazy_regex(rb"[^A-Za-z0-9]{0,24}")
_REST = lazy_regex(rb"[A-Za-z0-9_.~+/=-]+")
_DATE = lazy_regex(rb"\d{4}-\d\d-\d\d|\d\d:\d\d")


class TokenPart(NamedTuple):
    """What of a token stands in a line. `fingerprint` is there once all of it is known; `end` may be 0 then.

    `masked` is what stands in place of its first part.
    """

    kind: str
    masked: str
    start: int
    end: int
    fingerprint: str


class WrappedTokens:
    """Takes lines one after the other; `columns` of the terminal, 0 if there is none. `key` makes fingerprints."""

    def __init__(self, key: bytes, columns: int) -> None:
        self._key = key
        self._widths = _WIDTHS | frozenset(range(columns - _MARGIN, columns + 1) if columns > 2 * _MARGIN else ())
        self._parts: list[str] = []
        self._token = ("", "")  # kind, and what stands in place of its first part

    @property
    def is_open(self) -> bool:
        """Whether the next line may have more of a token."""
        return bool(self._parts)

    def may_go_on(self, line: bytes, end: int) -> bool:
        """Whether a token that ends at this byte may be broken there."""
        if not _SIDE.match(line, end):
            return False
        return len(line.decode("utf-8", "replace").rstrip()) in self._widths

    def begin(self, kind: str, masked: str, value: bytes) -> None:
        """The first part of a token, at the end of a line."""
        self._token, self._parts = (kind, masked), [value.decode("utf-8", "replace")]

    def go_on(self, line: bytes, taken: Sequence[int]) -> TokenPart | None:
        """The part of the open token in the next line; `taken`: where secrets begin there by themselves."""
        if not self._parts:
            return None
        start = _edge(line)
        rest = _REST.match(line, start)
        value = rest[0].rstrip(b".") if rest and start not in taken else b""
        if not value or _DATE.match(value) or not is_mixed(value.decode()) or len(self._parts) >= _MOST_LINES:
            return TokenPart(*self._token, 0, 0, self.finish())
        self._parts.append(value.decode())
        end = start + len(value)
        fingerprint = "" if self.may_go_on(line, end) else self.finish()
        return TokenPart(*self._token, start, end, fingerprint)

    def finish(self) -> str:
        """The fingerprint of the open token, which has no more parts; empty if none is open."""
        value, self._parts = "".join(self._parts), []
        return fingerprint_of(self._key, value.encode()) if value else ""

    def state(self) -> list[Any] | None:
        """JSON-serialisable; to be sealed, for it has what was read of the token."""
        return [*self._token, self._parts] if self._parts else None

    def resume(self, state: Sequence[Any] | None) -> None:
        """Goes on where `state` was taken."""
        kind, masked, parts = state or ("", "", [])
        self._token, self._parts = (kind, masked), list(parts)


def fingerprint_of(key: bytes, value: bytes) -> str:
    """The first hex digits of the keyed hash of a secret."""
    return digest(key, value, sha256).hex()[:FINGERPRINT]


def _edge(line: bytes) -> int:
    """Where the text of a line begins, behind indentation, quotes and the side of a box."""
    match = _EDGE.match(line)
    return match.end() if match else 0
