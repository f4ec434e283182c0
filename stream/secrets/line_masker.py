"""Masks the secrets in the lines of one stream, block by block, before anything else looks at them. Pure.

The lines stay as many as they are, and what a line is made into does not depend on how the lines were cut into blocks.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stream.secrets.masker import Found, SecretMasker
from stream.secrets.rules import PRIVATE_KEY


class LineSecret(NamedTuple):
    """A secret of a line: which `line` of its block (from 0), and where that line starts in the masked text.

    It comes once, however often it stands there. One that may reach over several lines comes twice: without `found`
    where it begins, with it, and `late`, where it is known to end; `here` says whether a part of it stands there.
    """

    line: int
    start: int
    found: Found | None
    late: bool = False
    here: bool = True


class MaskedLines(NamedTuple):
    """Whole lines without their secrets."""

    text: bytes
    secrets: tuple[LineSecret, ...] = ()


class LineMasker:
    """Takes the blocks of a stream in order; `state` and `resume` carry over what is open."""

    def __init__(self, masker: SecretMasker) -> None:
        self._masker = masker
        self._opened = masker.reader()

    def mask(self, text: bytes, *, no_secrets: bool = False) -> MaskedLines:
        """The next whole lines, each with its LF. Quick where no secret is, above all if that is known."""
        if no_secrets and not self._opened.is_open:
            return MaskedLines(text)
        parts: list[bytes] = []
        secrets: list[LineSecret] = []
        done = size = index = 0
        while done < len(text):
            start = self._next(text, done)
            if start < 0:
                break
            if start > done:
                parts.append(text[done:start])
                size += start - done
                index += text.count(b"\n", done, start)
            end = text.index(b"\n", start)
            line = self._mask_line(text[start:end], index, size, secrets)
            parts.append(line)
            size += len(line)
            index, done = index + 1, end + 1
        if not parts:
            return MaskedLines(text)
        return MaskedLines(b"".join([*parts, text[done:]]), tuple(secrets))

    def finish(self) -> Found | None:
        """The secret that was still open when the stream ended."""
        hits = self._masker.finish(self._opened)
        return hits[0].found() if hits else None

    def state(self) -> Mapping[str, Any] | None:
        """JSON-serialisable; to be sealed, for it may hold a part of a token."""
        return self._opened.state()

    def resume(self, state: Mapping[str, Any] | None) -> None:
        """Goes on where `state` was taken."""
        self._opened.resume(state)

    def _next(self, text: bytes, position: int) -> int:
        """Where the next line starts that must be looked at, or -1."""
        if self._opened.is_open:
            return position
        return self._masker.next_of_interest(text, position)

    def _mask_line(self, line: bytes, index: int, start: int, secrets: list[LineSecret]) -> bytes:
        parts = []
        told = set()
        done = 0
        was_open = self._opened.is_open
        for hit in self._masker.hits(line, self._opened):
            for first, last in hit.spans:
                parts += [line[done:first], hit.masked.encode()]
                done = last
            if hit.fingerprint and hit.fingerprint not in told:
                told.add(hit.fingerprint)
                here = bool(hit.spans) or hit.kind == PRIVATE_KEY  # whose last line holds nothing of it
                secrets.append(LineSecret(index, start, hit.found(), hit.late, here))
                was_open &= not hit.late
        if self._opened.is_open and not was_open:
            secrets.append(LineSecret(index, start, None))
        return b"".join([*parts, line[done:], b"\n"])
