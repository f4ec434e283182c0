"""Finds secrets in text and masks them: by the formats of `stream.secrets.rules`, and by the places where they stand.

What is masked keeps its line, at most four characters that name the issuer, and a label: `sk-…[openai key]`. The same
secret has the same fingerprint wherever it stands, but only for who has the key: it is a keyed hash. Pure.

Masking what is masked changes nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stream.secrets.open_secrets import OpenSecrets
from stream.secrets.rules import PRIVATE_KEY, PRIVATE_KEY_LABEL, Format
from stream.secrets.search import SecretSearch, Span
from stream.secrets.values import MASK
from stream.secrets.wrapped_tokens import TokenPart, fingerprint_of

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

    Of a secret that reaches over several lines only the last part has a fingerprint; its `spans` may be empty. `late`
    says that it may have begun in an earlier line; `told` is its masked form, if that is not `masked`.
    """

    kind: str
    masked: str
    spans: tuple[tuple[int, int], ...]
    fingerprint: str
    late: bool = False
    told: str = ""

    def found(self) -> Found:
        """What is known of the secret at its end."""
        return Found(self.kind, self.fingerprint, self.told or self.masked)


class SecretMasker:
    """Masks texts; `key` is the installation's, for fingerprints, `columns` the width of the terminal, if there is one.

    What is broken at that width, or at that of a page, is one secret.
    """

    def __init__(self, key: bytes, columns: int = 0) -> None:
        self._key = key
        self._columns = columns
        self._search = SecretSearch()

    def find(self, text: str) -> list[Secret]:
        """The secrets in a text, one after the other; one over many lines from its first to its last character."""
        data = _encoded(text)
        secrets = []
        open_spans: list[tuple[int, int]] = []  # of the one that is being read
        for offset, hit in self._hits(data):
            spans = [(offset + start, offset + end) for start, end in hit.spans]
            if hit.late or not hit.fingerprint:
                open_spans += spans
                spans, open_spans = (open_spans, []) if hit.fingerprint else ([], open_spans)
            if spans:
                secrets.append(Secret(hit.kind, _characters(data, spans[0][0]), _characters(data, spans[-1][1])))
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
                found.append(hit.found())
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

    def reader(self) -> OpenSecrets:
        """Follows secrets over the lines that `hits` is asked about, one after the other."""
        return OpenSecrets(self._key, self._columns)

    def hits(self, line: bytes, opened: OpenSecrets) -> list[Hit]:
        """What is to be masked in one line, from left to right, without overlaps."""
        parts = opened.keys.read(line)
        spans = self._search.spans(line)
        rest = opened.tokens.go_on(line, [span.start for span in spans])
        hits = [_rest_of(rest)] if rest else []
        hits += [Hit(PRIVATE_KEY, KEY_MASK, part.runs, part.fingerprint, late=True) for part in parts]
        starts = [part.start for part in parts]
        behind = rest.end if rest else 0
        for span in spans:
            before = bisect_right(starts, span.start)
            in_part = before and span.start < parts[before - 1].end
            if span.start >= behind and not in_part and not (before < len(starts) and starts[before] < span.end):
                hits.append(self._hit(line, span, opened))
        return sorted(hits, key=_place)

    def finish(self, opened: OpenSecrets) -> list[Hit]:
        """What is still open: no more lines will come."""
        hits = []
        if fingerprint := opened.keys.finish():
            hits.append(Hit(PRIVATE_KEY, KEY_MASK, (), fingerprint, late=True))
        if opened.tokens.is_open and (rest := opened.tokens.go_on(b"", ())):
            hits.append(_rest_of(rest))
        return hits

    def _hit(self, line: bytes, span: Span, opened: OpenSecrets) -> Hit:
        row, start, end = span
        value = line[start:end]
        shown = value[: min(row.prefix, 4)].decode() if isinstance(row, Format) else ""
        masked = f"{shown}{MASK}[{row.label}]"
        if opened.tokens.may_go_on(line, end):
            opened.tokens.begin(row.kind, masked, value)
            return Hit(row.kind, masked, ((start, end),), "")
        return Hit(row.kind, masked, ((start, end),), fingerprint_of(self._key, value))

    def _hits(self, data: bytes) -> Iterator[tuple[int, Hit]]:
        """With the offset of their lines."""
        opened = self.reader()
        offset = 0
        for line in data.split(b"\n"):
            for hit in self.hits(line, opened):
                yield offset, hit
            offset += len(line) + 1
        for hit in self.finish(opened):
            yield len(data), hit


def _rest_of(part: TokenPart) -> Hit:
    masked = MASK + part.masked.partition(MASK)[2]
    spans = ((part.start, part.end),) if part.end else ()
    return Hit(part.kind, masked, spans, part.fingerprint, late=True, told=part.masked)


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
