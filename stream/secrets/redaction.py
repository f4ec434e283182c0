"""Masks the secrets in a stream of raw bytes without moving any: `*` for each character, the same length. Pure.

Secrets are found in what a reader sees, so colours within them do not hide them, and private keys over many lines. It
does not matter how the stream is cut into reads: what stands in a line that is not yet whole is held back, at most
`MAX_HELD` bytes of it.
"""

from collections.abc import Iterator, Sequence

from stream.lazy_regex import lazy_regex
from stream.secrets.masker import Hit, SecretMasker
from stream.secrets.values import MASK

MAX_HELD = 1 << 15
_MARGIN = 64  # bytes in which an escape that begins at the end of what may be held is whole
_SECRET_ROOM = 1 << 12  # bytes at the end of a piece in which no cut is made, for a secret that goes on

# Escapes that move nothing: colours, titles, links. Any other one ends a line as LF does.
_INERT = lazy_regex(rb"\x1b(?:\[[0-9;:]*m|\][^\x07\x1b\r\n]*(?:\x07|\x1b\\)?)")
_MOVING = rb"\x1b\[[0-?]{0,32}[ -/]{0,4}[@-ln-~]"
_END = lazy_regex(rb"\n|(?=" + _MOVING + rb")")
_ANY_ESCAPE = lazy_regex(_INERT.pattern + rb"|(?P<moving>" + _MOVING + rb")")
_SEPARATORS = lazy_regex(rb"[\s,;]")
_ESCAPE = b"\x1b"


class RawMasker:
    """Masks one stream. What it returns, together and in order, has the length of what it was fed."""

    def __init__(self, masker: SecretMasker) -> None:
        self._masker = masker
        self._opened = masker.reader()
        self._open = b""

    @property
    def held(self) -> int:
        """Bytes that have been fed and not yet returned."""
        return len(self._open)

    def feed(self, data: bytes) -> bytes:
        """What is settled by now."""
        self._open += data
        return self._take(list(_pieces(self._open)))

    def flush(self) -> bytes:
        """The rest."""
        ends = list(_pieces(self._open))
        if not ends or ends[-1] < len(self._open):
            ends.append(len(self._open))
        return self._take(ends)

    def _take(self, ends: list[int]) -> bytes:
        if not ends:
            return b""
        chunk, self._open = self._open[: ends[-1]], self._open[ends[-1] :]
        if not self._opened.is_open and not self._masker.may_hold(_visible(chunk)):
            return chunk
        parts = []
        start = 0
        for end in ends:
            parts.append(self._mask(chunk[start:end]))
            start = end
        return b"".join(parts)

    def _mask(self, piece: bytes) -> bytes:
        """One line, with its end if it has one."""
        line = piece.rstrip(b"\r\n")
        hits = self._masker.hits(_ANY_ESCAPE.sub(b"", line), self._opened)
        if not hits:
            return piece
        masked = bytearray(piece)
        offsets = _offsets(line)
        for hit in hits:
            for start, end in _hidden(hit):
                for index in range(start, end):
                    masked[offsets[index]] = ord("*")
        return bytes(masked)


def redact(data: bytes, masker: SecretMasker) -> bytes:
    """All of a stream at once."""
    raw = RawMasker(masker)
    return raw.feed(data) + raw.flush()


def redact_words(words: Sequence[str], masker: SecretMasker) -> tuple[str, ...]:
    """An argument vector whose words keep their lengths; what is behind an option like `--token` is read with it."""
    masked = []
    before = b""
    for word in words:
        data = word.encode("utf-8", "surrogatepass")
        alone = redact(redact(before + data, masker)[len(before) :], masker)
        masked.append(alone.decode("utf-8", "surrogatepass"))
        before = data + b" " if data.startswith(b"--") else b""
    return tuple(masked)


def _pieces(data: bytes) -> Iterator[int]:
    """Where lines end, and where a line is cut that is too long; not the end of the last one, which is not whole."""
    start = 0
    for match in _END.finditer(data):
        end = match.end()
        if end == start:
            continue
        while end - start > MAX_HELD:
            start += _cut(data[start : start + MAX_HELD])
            yield start
        start = end
        yield end
    while len(data) - start > MAX_HELD + _MARGIN:
        start += _cut(data[start : start + MAX_HELD])
        yield start


def _cut(window: bytes) -> int:
    """Where to cut a line that goes on beyond this window: behind a blank, if there is one."""
    ends = [match.end() for match in _SEPARATORS.finditer(window, MAX_HELD // 2, MAX_HELD - _SECRET_ROOM)]
    return ends[-1] if ends else MAX_HELD


def _visible(data: bytes) -> bytes:
    """What a reader sees, each line by itself."""
    return _ANY_ESCAPE.sub(lambda match: b"\n" if match["moving"] else b"", data) if _ESCAPE in data else data


def _offsets(line: bytes) -> list[int]:
    """Where each byte of the visible line stands in the line."""
    offsets: list[int] = []
    done = 0
    for match in _ANY_ESCAPE.finditer(line):
        offsets += range(done, match.start())
        done = match.end()
    return [*offsets, *range(done, len(line))]


def _hidden(hit: Hit) -> Iterator[tuple[int, int]]:
    """What of a secret must go: all but the characters that its masked form shows."""
    shown = len(hit.masked.partition(MASK)[0])
    for start, end in hit.spans:
        yield start + shown, end
