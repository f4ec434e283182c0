"""Finds secrets in text and masks them: by the formats of `stream.secrets.rules`, and by the places where they stand.

What is masked keeps its line, at most four characters that name the issuer, and a label: `sk-…[openai key]`. The same
secret has the same fingerprint wherever it stands, but only for who has the key: it is a keyed hash. Pure.

Masking what is masked changes nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from hmac import digest
from typing import Any, NamedTuple

from stream.secrets.private_keys import FINGERPRINT, PrivateKeyReader
from stream.secrets.rules import PRIVATE_KEY, PRIVATE_KEY_LABEL, Format
from stream.secrets.search import SecretSearch, Span
from stream.secrets.values import MASK

KEY_MASK = f"{MASK}[{PRIVATE_KEY_LABEL}]"  # of each line of a private key

_SHORTEST = 8  # characters: no secret that we know is shorter


class Secret(NamedTuple):
    """A secret in a text, from `start` to `end` (characters)."""

    kind: str
    start: int
    end: int


class Found(NamedTuple):
    """A secret that was masked: its kind, the first 16 hex digits of its keyed hash, and what stands in its place."""

    kind: str
    fingerprint: str
    masked: str


class Hit(NamedTuple):
    """What is to be masked in a line, in bytes.

    Of a secret that reaches over several lines only the last part has a fingerprint; its `spans` may be empty.
    """

    kind: str
    masked: str
    spans: tuple[tuple[int, int], ...]
    fingerprint: str


class SecretMasker:
    """Masks texts; `key` is the installation's, for fingerprints."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._search = SecretSearch()

    def find(self, text: str) -> list[Secret]:
        """The secrets in a text, one after the other; a private key is one, from its first to its last character."""
        data = _encoded(text)
        secrets = []
        spans: list[tuple[int, int]] = []  # of the private key that is being read
        for offset, hit in self._hits(data):
            found = [(offset + start, offset + end) for start, end in hit.spans]
            if hit.kind == PRIVATE_KEY:
                spans += found
                found, spans = (spans, []) if hit.fingerprint else ([], spans)
            if found:
                secrets.append(Secret(hit.kind, _characters(data, found[0][0]), _characters(data, found[-1][1])))
        return sorted(secrets, key=lambda secret: secret.start)

    def mask(self, text: str) -> tuple[str, tuple[Found, ...]]:
        """The text without its secrets, and what they were. Quick where there is none."""
        data = _encoded(text) if len(text) >= _SHORTEST else b""
        if not self.may_hold(data):
            return text, ()
        parts = []
        found = []
        done = 0
        for offset, hit in self._hits(data):
            for start, end in hit.spans:
                parts += [data[done : offset + start], hit.masked.encode()]
                done = offset + end
            if hit.fingerprint:
                found.append(Found(hit.kind, hit.fingerprint, hit.masked))
        parts.append(data[done:])
        return b"".join(parts).decode("utf-8", "surrogatepass"), tuple(found)

    def mask_words(self, words: Sequence[str]) -> tuple[str, ...]:
        """An argument vector without its secrets, those behind an option like `--token` included."""
        masked: list[str] = []
        for word in words:
            before = f"{masked[-1]} " if masked and masked[-1].startswith("--") else ""
            text = self.mask(before + word)[0]
            masked.append(text.removeprefix(before) if text.startswith(before) else self.mask(word)[0])
        return tuple(masked)

    def may_hold(self, data: bytes) -> bool:
        """Whether it is worth looking closer; of whole lines."""
        return self._search.may_hold(data)

    def next_of_interest(self, text: bytes, position: int) -> int:
        """Where the next line starts, at or behind `position`, that may hold a secret; -1 if none does."""
        match = self._search.interesting.search(text, position)
        return text.rfind(b"\n", 0, match.end()) + 1 if match else -1

    def reader(self) -> PrivateKeyReader:
        """Follows private keys over the lines that `hits` is asked about, one after the other."""
        return PrivateKeyReader(self._key)

    def hits(self, line: bytes, keys: PrivateKeyReader) -> list[Hit]:
        """What is to be masked in one line, from left to right, without overlaps."""
        parts = keys.read(line)
        spans = self._search.spans(line)
        if not parts:
            return [self._hit(line, span) for span in spans]
        hits = [Hit(PRIVATE_KEY, KEY_MASK, part.runs, part.fingerprint) for part in parts]
        starts = [part.start for part in parts]
        for span in spans:
            before = bisect_right(starts, span.start)
            in_part = before and span.start < parts[before - 1].end
            if not in_part and not (before < len(starts) and starts[before] < span.end):
                hits.append(self._hit(line, span))
        return sorted(hits, key=_place)

    def _hit(self, line: bytes, span: Span) -> Hit:
        row, start, end = span
        value = line[start:end]
        shown = value[: min(row.prefix, 4)].decode() if isinstance(row, Format) else ""
        fingerprint = digest(self._key, value, sha256).hex()[:FINGERPRINT]
        return Hit(row.kind, f"{shown}{MASK}[{row.label}]", ((start, end),), fingerprint)

    def _hits(self, data: bytes) -> Iterator[tuple[int, Hit]]:
        """With the offset of their lines."""
        keys = self.reader()
        offset = 0
        for line in data.split(b"\n"):
            for hit in self.hits(line, keys):
                yield offset, hit
            offset += len(line) + 1
        if fingerprint := keys.finish():
            yield len(data), Hit(PRIVATE_KEY, KEY_MASK, (), fingerprint)


def _place(hit: Hit) -> int:
    return hit.spans[0][0] if hit.spans else 0


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _characters(data: bytes, offset: int) -> int:
    """Characters in front of this byte."""
    return len(data[:offset].decode("utf-8", "surrogatepass"))


def masked_text(text: bytes, masker: SecretMasker) -> bytes:
    """The same text, valid UTF-8, without its secrets."""
    return masker.mask(text.decode())[0].encode() if masker.may_hold(text) else text


def masked_value(value: Any, masker: SecretMasker) -> Any:
    """The same value, as JSON has them, without secrets in any text of it."""
    if isinstance(value, str):
        return masker.mask(value)[0]
    if isinstance(value, Mapping):
        return (
            {masked_value(name, masker): masked_value(item, masker) for name, item in value.items()} if value else value
        )
    if isinstance(value, list | tuple):
        return [masked_value(item, masker) for item in value]
    return value
