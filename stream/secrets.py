"""Finds secrets in text and masks them: by the formats of `stream.secret_rules`, and by the places where they stand.

What is masked keeps its line, at most four characters that name the issuer, and a label: `sk-…[openai key]`. The same
secret has the same fingerprint wherever it stands, but only for who has the key: it is a keyed hash. Pure.

Masking what is masked changes nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from hmac import digest
from typing import Any, NamedTuple

import re2

from stream.private_keys import FINGERPRINT, PrivateKeyReader
from stream.secret_rules import FORMATS, FRONT, INTERESTING, PLACES, PRIVATE_KEY, PRIVATE_KEY_LABEL, Format, Place
from stream.secret_values import FORMAT_CHECKS, MASK, is_any, is_assigned, is_mixed, is_url_password

KEY_MASK = f"{MASK}[{PRIVATE_KEY_LABEL}]"  # of each line of a private key

_MEMORY = 64 << 20  # bytes for RE2's automaton
_SHORTEST = 8  # characters: no secret that we know is shorter
_BEFORE = 40  # bytes in front of a name that may make it another one
_WHOLE = ("assigned_secret", "url_password")  # of others a full stop at the end is the sentence's
_MOST = 200  # characters of a value that are looked at; it is masked to its end


_PLACE_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "bearer_token": is_mixed,
    "authorization": is_any,
    "url_password": is_url_password,
    "rejected_key": is_any,
}
_NAMED_KINDS = {"pass": "password", "pwd": "password", "token": "token", "key": "api_key"}  # words of names, and kinds


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


class _Span(NamedTuple):
    row: Format | Place
    start: int
    end: int


class SecretMasker:
    """Masks texts; `key` is the installation's, for fingerprints."""

    def __init__(self, key: bytes) -> None:
        self._key = key

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
        return bool(data) and self.interesting.search(data) is not None

    def reader(self) -> PrivateKeyReader:
        """Follows private keys over the lines that `hits` is asked about, one after the other."""
        return PrivateKeyReader(self._key)

    def hits(self, line: bytes, keys: PrivateKeyReader) -> list[Hit]:
        """What is to be masked in one line, from left to right, without overlaps."""
        parts = keys.read(line)
        spans = self._spans(line)
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

    def _hit(self, line: bytes, span: _Span) -> Hit:
        row, start, end = span
        value = line[start:end]
        shown = value[: min(row.prefix, 4)].decode() if isinstance(row, Format) else ""
        fingerprint = digest(self._key, value, sha256).hex()[:FINGERPRINT]
        return Hit(row.kind, f"{shown}{MASK}[{row.label}]", ((start, end),), fingerprint)

    @cached_property
    def interesting(self) -> Any:
        """`INTERESTING`, compiled for bytes of any encoding; it does not look beyond a line."""
        return re2.compile(f"(?m){INTERESTING}".encode(), _options())

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

    @cached_property
    def _formats(self) -> Any:
        # A run of token characters belongs to the secret to its end: nothing of a longer one is left over.
        every = "|".join(f"(?:{row.regex})" for row in FORMATS)
        return re2.compile(f"(?m){FRONT}((?:{every})[A-Za-z0-9_-]*)".encode(), _options())

    @cached_property
    def _rows(self) -> Sequence[tuple[Format, re.Pattern[str]]]:
        return [(row, re.compile(row.regex)) for row in FORMATS]

    @cached_property
    def _places(self) -> Sequence[Any]:
        texts = (f"{row.before}({row.characters}{{{row.least},{_MOST}}}){row.after}" for row in PLACES)
        return [re2.compile(text.encode(), _options()) for text in texts]

    def _spans(self, line: bytes) -> list[_Span]:
        """Secrets that are known by their format, or else by their place."""
        if not self.may_hold(line):
            return []
        spans = list(self._in_formats(line))
        for row, regexp in zip(PLACES, self._places, strict=True):
            spans += _in_place(row, regexp, line)
        return _merged(spans, line)

    def _in_formats(self, line: bytes) -> Iterator[_Span]:
        position = 0
        while match := self._formats.search(line, position):
            start, position = match.span(1)
            value = _text(line[start:position])
            row = next(row for row, regexp in self._rows if regexp.match(value))
            if row.kind not in FORMAT_CHECKS or FORMAT_CHECKS[row.kind](value):
                yield _Span(row, start, position)


def _in_place(row: Place, regexp: Any, line: bytes) -> Iterator[_Span]:
    position = 0
    while match := regexp.search(line, position):
        start, end = match.span(1)
        value = line[start:end] if row.kind in _WHOLE else line[start:end].rstrip(b".")
        before = line[max(0, match.start() - _BEFORE) : match.start()]
        position = start  # a value that is none may hold the name of one
        if line[end : end + 1] == b"(":
            continue  # a call
        if judged := _judged(row, _text(value), _text(line[match.start() : start]), _text(before)):
            cut = end - start == _MOST and not row.after
            position = _end_of_value(row, line, start) if cut else start + len(value)
            yield _Span(judged, start, position)


def _end_of_value(row: Place, line: bytes, start: int) -> int:
    whole = re.compile(f"{row.characters}+".encode()).match(line, start)
    return whole.end() if whole else start


def _judged(row: Place, value: str, name: str, before: str) -> Place | None:
    """The row, with the kind that the name tells, if the value is a secret."""
    if len(value) < row.least:
        return None
    if row.kind == "assigned_secret":
        if not is_assigned(value, name, before):
            return None
        kind = next((kind for word, kind in _NAMED_KINDS.items() if word in name.lower()), row.kind)
        return row._replace(kind=kind, label=kind.replace("_", " "))
    return row if _PLACE_CHECKS[row.kind](value) else None


def _merged(spans: list[_Span], line: bytes) -> list[_Span]:
    """By their starts; those that overlap become one, of the kind of the first, or of the most certain of the first."""
    merged: list[_Span] = []
    for span in sorted(spans, key=_start):  # a stable order: the more certain of two stays in front
        last = merged[-1] if merged else None
        if last is None or span.start >= last.end:
            merged.append(span)
        elif _has_token_bytes(line[last.end : span.end]):
            merged[-1] = last._replace(end=span.end)
    return merged


def _start(span: _Span) -> int:
    return span.start


def _has_token_bytes(data: bytes) -> bool:
    return any(bytes((byte,)).isalnum() for byte in data)


def _place(hit: Hit) -> int:
    return hit.spans[0][0] if hit.spans else 0


def _options() -> re2.Options:
    options = re2.Options()
    options.never_nl = True
    options.encoding = re2.Options.Encoding.LATIN1  # any bytes: what we look for is ASCII
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


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
