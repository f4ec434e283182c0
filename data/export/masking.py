"""Masks secrets of well-known published formats: same length, so that times, columns and offsets stay right. Pure.

What stays is the prefix that names the kind. A secret may be cut anywhere by the reads: what a stream ends with is held
back while it may still become one, at most 16 KB.

Sources: the publishers' documentation of their token prefixes; RFC 6750 (bearer), RFC 7468 (private keys).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_LONGEST_TOKEN = 512
_LONGEST_KEY = 16 * 1024  # of a private key's block; RSA with 16,384 bits has 12,700 characters
_LONGEST_HEADER = 64
_CONTEXT = 3  # bytes in front of a token that decide whether it is one

# No letter or digit stands in front of a token, unless it ends a colour code or another escape.
_FRONT = rb"(?:(?<![A-Za-z0-9])|(?<=[0-9;\[]m)|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))"
_SECRET = re.compile(
    _FRONT
    + rb"(?:"
    + rb"|".join(
        (
            rb"(?P<anthropic>sk-ant-)[A-Za-z0-9_-]{16,400}",
            rb"(?P<openai>sk-(?:proj-|svcacct-|admin-)?)[A-Za-z0-9_-]{20,400}",
            rb"(?P<github>gh[pousr]_)[A-Za-z0-9]{36,251}",
            rb"(?P<github_pat>github_pat_)[A-Za-z0-9_]{22,251}",
            rb"(?P<aws>AKIA|ASIA)[A-Z0-9]{16}",
            rb"(?P<google>AIza)[A-Za-z0-9_-]{35}",
            rb"(?P<slack>xox[a-z]-|xapp-)[A-Za-z0-9-]{10,250}",
            rb"(?P<bearer>[Bb]earer[ \t]{1,16}|BEARER[ \t]{1,16})[A-Za-z0-9._~+/=-]{16,480}",
        )
    )
    + rb")"
)
_BEGIN = b"-----BEGIN "
_KEY = re.compile(
    rb"(?P<begin>-----BEGIN (?:[A-Z0-9]{1,16} ){0,2}PRIVATE KEY(?: BLOCK)?-----)"
    rb"(?P<body>(?:[A-Za-z0-9+/=_*\s:,.\\]|-(?!-))+)"
)
_IN_KEY = re.compile(rb"(\\[nrt])|\S")  # line ends stay, also those of a key within JSON
_HINTS = (b"sk-", b"gh", b"github_pat_", b"AKIA", b"ASIA", b"AIza", b"xox", b"xapp-", b"earer", b"EARER")
_TOKEN_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/="
_BLANKS = b" \t"


def mask(data: bytes, start: int = 0) -> bytes:
    """The same bytes with secrets masked; what stands before `start` is only looked at."""
    if _may_hold_token(data):
        data = _replaced(_SECRET, _masked_token, data, start)
    if b"PRIVATE KEY" in data:
        data = _replaced(_KEY, _masked_key, data, start)
    return data


def mask_text(text: str) -> str:
    """The same text with secrets masked."""
    return mask(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def mask_value(value: Any) -> Any:
    """The same value, as JSON has them, with secrets masked in every text."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {mask_text(name): mask_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(mask_value, value))
    return value


class Masker:
    """Masks one stream of bytes. What it returns, together and in order, has the length of what it was fed."""

    def __init__(self) -> None:
        self._context = b""
        self._open = b""

    def feed(self, data: bytes) -> bytes:
        """What is settled by now."""
        self._open += data
        return self._take(_settled(self._open))

    def flush(self) -> bytes:
        """The rest."""
        return self._take(len(self._open))

    def _take(self, size: int) -> bytes:
        data, before = self._context + self._open, len(self._context)
        taken = mask(data, before)[before : before + size]
        self._context = data[: before + size][-_CONTEXT:]
        self._open = self._open[size:]
        return taken


def _settled(data: bytes) -> int:
    """How many of the bytes belong to no secret of which more may come."""
    cut = len(data.rstrip(_TOKEN_BYTES))
    if len(data) - cut > 2 * _LONGEST_TOKEN:
        cut = len(data) - _LONGEST_TOKEN
    word = data[:cut].rstrip(_BLANKS)
    if word[-6:].lower() == b"bearer" and cut - len(word) <= 16:
        cut = len(word) - 6
    cut = _outside_key(data, cut)
    # Never within a secret: its rest would not be known for one.
    for match in _SECRET.finditer(data, max(0, cut - _LONGEST_TOKEN)) if _may_hold_token(data) else ():
        if match.start() < cut < match.end():
            return match.start()
    return cut


def _may_hold_token(data: bytes) -> bool:
    return any(hint in data for hint in _HINTS)


def _outside_key(data: bytes, cut: int) -> int:
    """The same place, or where the private key begins that it would cut or of which more may come."""
    begin = data.rfind(_BEGIN)
    if begin < 0 or begin > cut or len(data) - begin > _LONGEST_KEY:
        return cut
    if key := _KEY.match(data, begin):
        return begin if cut < key.end() or key.end() == len(data) else cut
    header = data[begin + len(_BEGIN) :]
    return begin if len(header) < _LONGEST_HEADER and (b"-----" not in header or header.endswith(b"-----")) else cut


def _replaced(pattern: re.Pattern[bytes], masked: Callable[[re.Match[bytes]], bytes], data: bytes, start: int) -> bytes:
    parts = []
    done = 0
    for match in pattern.finditer(data, start):
        parts += [data[done : match.start()], masked(match)]
        done = match.end()
    parts.append(data[done:])
    return b"".join(parts)


def _masked_token(match: re.Match[bytes]) -> bytes:
    prefix = match[match.lastgroup or 0]
    return prefix + b"*" * (len(match[0]) - len(prefix))


def _masked_key(match: re.Match[bytes]) -> bytes:
    return match["begin"] + _IN_KEY.sub(_masked_byte, match["body"])


def _masked_byte(match: re.Match[bytes]) -> bytes:
    return match[1] or b"*"
