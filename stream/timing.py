"""The timing file: util-linux's advanced timing format, and what we add to it.

One record a line: a type, the seconds since the record before, and the rest.

    H 0.000000 START_TIME 2026-11-22T01:34:53.000000Z   headers: util-linux's names as plain text, ours as JSON
    O 0.012345 4096                                     4096 bytes were read from the agent's stdout (or its PTY)
    E 0.000100 17                                       17 bytes from its stderr
    S 0.000000 SIGWINCH ROWS=24 COLS=80 AT=1.500000     a signal, a state, idleness; the next O carries the time,
                                                        AT says when it was, in seconds since the start
    H 0.100000 DURATION 12.345678                       the end: EXIT_CODE is the last record of a whole recording
    H 0.000000 EXIT_CODE 0

Source: util-linux 2.38, `script(1)`, `--log-timing` with `--logging-format advanced`. Everything here is pure: bytes
in, records out. A delta is the difference of two rounded times, so that the sum does not drift.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MICROSECONDS = 1_000_000

# Headers that util-linux knows are plain text, for `scriptreplay --summary`; all others are JSON.
_PLAIN_HEADERS = frozenset(
    {"START_TIME", "TERM", "COLUMNS", "LINES", "COMMAND", "TIMING_LOG", "OUTPUT_LOG", "DURATION"}
)


class TimingError(ValueError):
    """A line of a timing file that cannot be read. The message holds the line."""


class TimingRecord(NamedTuple):
    """One record. `at` is µs since the start, `end` the offset in the timing file behind it.

    `kind` is `O` or `E` (`size` bytes were read), `S` (`name` and `fields`) or `H` (`name` and `value`).
    """

    kind: str
    at: int
    end: int
    size: int = 0
    name: str = ""
    fields: Mapping[str, str] = {}
    value: Any = None


def format_output(kind: str, delta: int, size: int) -> bytes:
    """A record of `size` bytes read `delta` µs after the record before; `kind` is `O` or `E`."""
    return b"%s %d.%06d %d\n" % (kind.encode(), *divmod(delta, MICROSECONDS), size)


def format_signal(name: str, at: int, fields: Mapping[str, object]) -> bytes:
    """A record of something that is not output. Values of fields hold no blanks."""
    words = [name, *(f"{key}={value}" for key, value in fields.items()), f"AT={format_seconds(at)}"]
    return f"S 0.000000 {' '.join(words)}\n".encode()


def format_header(name: str, value: object, delta: int = 0) -> bytes:
    """A header line. Line ends inside a plain value become blanks."""
    text = " ".join(str(value).splitlines()) if name in _PLAIN_HEADERS else json.dumps(value)
    return f"H {format_seconds(delta)} {name} {text}\n".encode("utf-8", "replace")


def format_seconds(microseconds: int) -> str:
    """`1_500_000` → `1.500000`."""
    return "%d.%06d" % divmod(microseconds, MICROSECONDS)


def parse_seconds(text: bytes | str) -> int:
    """Microseconds of a decimal number of seconds, without going through a float."""
    whole, _, fraction = (text.decode() if isinstance(text, bytes) else text).partition(".")
    return int(whole) * MICROSECONDS + int(fraction.ljust(6, "0")[:6] or 0)


def parse_timing(data: bytes, offset: int = 0, at: int = 0) -> Iterator[TimingRecord]:
    """The whole lines of `data`, which stands at `offset` of a timing file; `at` is the time of the record before.

    A last line without its end is left for later. Raises `TimingError`.
    """
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        line = data[start:end]
        start = end + 1
        record = _parse_line(line, at, offset + start)
        at = record.at
        yield record


def _parse_line(line: bytes, at: int, end: int) -> TimingRecord:
    try:
        kind, delta, rest = line.split(b" ", 2)
        at += parse_seconds(delta)
        if kind in (b"O", b"E"):
            return TimingRecord(kind.decode(), at, end, size=int(rest))
        if kind == b"S":
            name, *fields = rest.decode().split(" ")
            return TimingRecord("S", at, end, name=name, fields=dict(field.split("=", 1) for field in fields))
        if kind == b"H":
            name, _, value = rest.decode().partition(" ")
            return TimingRecord("H", at, end, name=name, value=value if name in _PLAIN_HEADERS else json.loads(value))
    except ValueError as error:
        raise TimingError(f"not a timing record: {line[:200]!r}") from error
    raise TimingError(f"not a timing record: {line[:200]!r}")
