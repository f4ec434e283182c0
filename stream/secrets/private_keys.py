"""Private keys in PEM or ASCII armour, which reach over many lines. Pure.

A key may stand behind a gutter (indentation, `+` of a diff, `12:` of a search, the frame of a box), or in one line with
its ends of lines escaped. What does not look like the next line of the key ends it, so that a beginning without its end
hides nothing else.

Sources: RFC 7468 (PEM), RFC 1421 4.6 (headers), RFC 4880 6.2 (ASCII armour).
"""

import re
from hashlib import sha256
from hmac import digest
from typing import Any, NamedTuple

from stream.lazy_regex import lazy_regex
from stream.secrets.rules import PRIVATE_KEY_BEGIN

FINGERPRINT = 16  # hex characters: enough to tell keys apart

_MAX_LINES = 2000  # of one key; RSA with 16,384 bits has 200
_FIRST = 16  # bytes that a key's first line has at least
_MAX_GUTTER = 200

_BEGIN = lazy_regex(PRIVATE_KEY_BEGIN.encode())
_DASHES = b"-----"
_ESCAPED_LINE_END = lazy_regex(rb"(?:\\+[nr])+")
_BLANKS = lazy_regex(rb"[ \t]+")
_GUTTER = rb"(?P<gutter>(?:.{0,%d}[^A-Za-z0-9+/=])?)" % _MAX_GUTTER
_BODY = lazy_regex(_GUTTER + rb"(?P<run>[A-Za-z0-9+/=]*[A-Za-z0-9=])[^A-Za-z0-9]{0,80}", re.DOTALL)
_HEADER = lazy_regex(rb"[^A-Za-z]{0,20}[A-Z][A-Za-z-]{2,20}: ")
_DIGITS = lazy_regex(rb"[0-9]+")
_ANY_BODY = lazy_regex(rb"[A-Za-z0-9]")

Span = tuple[int, int]
_NOTHING: Span = (0, 0)


class KeyPart(NamedTuple):
    """What of a key stands in one line, from `start` to `end`; `runs` of it are secret.

    `fingerprint` is there in the part that ends the key.
    """

    start: int
    end: int
    runs: tuple[Span, ...]
    fingerprint: str = ""


class PrivateKeyReader:
    """Takes lines one after the other; `state` and `resume` carry an open key over. `key` makes fingerprints."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._gutter: bytes | None = None  # what stood in front of the key's beginning; None outside of keys
        self._chain = b""  # of the lines so far: each is hashed with all before it
        self._lines = 0
        self._ending = False

    @property
    def is_open(self) -> bool:
        """Whether the next line may belong to a key."""
        return self._gutter is not None

    def read(self, line: bytes) -> list[KeyPart]:
        """The parts of keys in the next line, which is given without its end."""
        parts = []
        position = 0
        while True:
            start, separator = 0, _ESCAPED_LINE_END
            if self._gutter is None:
                begin = _BEGIN.search(line, position)
                if begin is None:
                    break
                self._open(line[position : begin.start()])
                start, position = begin.span()
                if not _ESCAPED_LINE_END.search(line, position, position + _MAX_GUTTER):
                    separator = _BLANKS
            part, position = self._read_part(line, start, position, separator)
            if part.runs or part.fingerprint:
                parts.append(part)
            if self._gutter is not None:
                break
        return parts

    def finish(self) -> str:
        """The fingerprint of a key that is still open, or nothing; what comes next is outside of keys."""
        fingerprint = self._chain.hex()[:FINGERPRINT] if self.is_open and self._lines else ""
        self._gutter = None
        return fingerprint

    def state(self) -> dict[str, Any] | None:
        """JSON-serialisable; it holds nothing of the key itself."""
        if self._gutter is None:
            return None
        chain = {"chain": self._chain.hex(), "lines": self._lines, "ending": self._ending}
        return {"gutter": self._gutter.hex(), **chain}

    def resume(self, state: dict[str, Any] | None) -> None:
        """Goes on where `state` was taken."""
        self._gutter = None
        if state is not None:
            self._gutter, self._chain = bytes.fromhex(state["gutter"]), bytes.fromhex(state["chain"])
            self._lines, self._ending = state["lines"], state["ending"]

    def _open(self, gutter: bytes) -> None:
        self._gutter = gutter[-_MAX_GUTTER:]
        self._chain, self._lines, self._ending = b"", 0, False

    def _read_part(self, line: bytes, start: int, position: int, separator: re.Pattern[bytes]) -> tuple[KeyPart, int]:
        """The key's part in this line, whose body begins at `position`, and where to go on if the key ends in it."""
        runs: list[Span] = []
        closing = line.find(_DASHES, position)
        limit = closing if closing >= 0 else len(line)
        own_line = start == position
        while True:
            found = separator.search(line, position, limit)
            run = self._take(line[position : found.start() if found else limit], own_line=own_line)
            if run is None:
                break
            if run != _NOTHING:
                runs.append((position + run[0], position + run[1]))
            if not found:
                position = limit
                break
            position, own_line = found.end(), False
        end = runs[-1][1] if runs else start
        is_open = run is not None and closing < 0
        return KeyPart(start, end, tuple(runs), "" if is_open else self.finish()), position

    def _take(self, piece: bytes, *, own_line: bool) -> Span | None:
        """Where the key's characters are in this piece; None where it is no part of the key."""
        if not _ANY_BODY.search(piece) or (not self._lines and _HEADER.match(piece)):
            return _NOTHING
        gutter = self._gutter if own_line and self._gutter is not None else b""
        if own_line and gutter and _shape(piece) == _shape(gutter):
            return _NOTHING  # of the line that ends the key
        body = _BODY.fullmatch(piece, len(gutter) if piece.startswith(gutter) else 0)
        # The first line may stand behind `KEY="`, and the others at the margin.
        if not body or _shape(piece[: body.start("run")]) not in (b"", _shape(gutter)) or not self._fits(body["run"]):
            return None
        self._lines += 1
        self._chain = digest(self._key, self._chain + body["run"], sha256)
        return body.span("run")

    def _fits(self, run: bytes) -> bool:
        short = len(run) < _FIRST
        if self._lines >= _MAX_LINES or (short and not self._lines):
            return False
        if self._ending:
            return run.startswith(b"=")  # the checksum of ASCII armour
        self._ending = short
        return True


def _shape(gutter: bytes) -> bytes:
    """What all gutters of one listing have in common: they differ in numbers, blanks and quotes."""
    return _DIGITS.sub(b"0", gutter.translate(None, b" \t\"'"))
