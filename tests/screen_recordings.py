"""Recordings of terminals in `tests/screens`, and reading them in every way that a run may.

`NAME.json` has the size and the reads: seconds, and text or (of one in `tests/captures`) how many bytes.
`NAME.shown.txt` is what tmux 3.3a shows of it in the end, history included and soft wraps joined (`capture-pane -pJ
-S -`), of programs that do not take the whole screen. `NAME.lines.txt` is what a reader of the whole recording wants.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stream.line_blocks import Lines
from stream.lines import Reads
from stream.screen import Screen

SETTLE = 0.1  # seconds of quiet, as the pump has it
_FOLDER = Path(__file__).parent / "screens"
_CAPTURES = Path(__file__).parent / "captures"

NAMES = sorted(path.stem for path in _FOLDER.glob("*.json"))
SHOWN = sorted(path.name.removesuffix(".shown.txt") for path in _FOLDER.glob("*.shown.txt"))


class Line(NamedTuple):
    text: str
    number: int
    offset: int
    at: int


class Recording(NamedTuple):
    """`times` has the end of each read and when it came (µs); `idle` the offsets at which nothing came for a while."""

    columns: int
    rows: int
    data: bytes
    times: tuple[tuple[int, int], ...]
    idle: frozenset[int]


def recording(name: str) -> Recording:
    told = json.loads((_FOLDER / f"{name}.json").read_text())
    if "capture" in told:
        data = (_CAPTURES / told["capture"]).read_bytes()
        sizes = [size for _, size in told["reads"]]
    else:
        pieces = [text.encode() for _, text in told["reads"]]
        data, sizes = b"".join(pieces), [len(piece) for piece in pieces]
    moments = [at for at, _ in told["reads"]]
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    pauses = zip(ends, moments, [*moments[1:], moments[-1]], strict=True)
    return Recording(
        told["columns"],
        told["rows"],
        data,
        tuple((end, int(at * 1e6)) for end, at in zip(ends, moments, strict=True)),
        frozenset(end for end, at, following in pauses if following - at > SETTLE),
    )


def at_once(told: Recording) -> Recording:
    """The same output without its times: it came in one moment, and was quiet only at the end."""
    return told._replace(times=((len(told.data), 7),), idle=frozenset())


def beginning(told: Recording, size: int) -> Recording:
    size = min(size, len(told.data))
    before = [(stop, at) for stop, at in told.times if stop < size]
    last = next(at for stop, at in told.times if stop >= size)
    idle = frozenset(end for end in told.idle if end <= size)
    return told._replace(data=told.data[:size], times=(*before, (size, last)), idle=idle)


def expected(name: str, kind: str) -> list[str]:
    return stripped((_FOLDER / f"{name}.{kind}.txt").read_text().split("\n"))


def stripped(lines: list[str]) -> list[str]:
    """Lines as they can be compared: tabs as a terminal has them, no blanks at the end, no blank lines at the end."""
    texts = [line.expandtabs().rstrip() for line in lines]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def read_lines(told: Recording, cuts: list[int] | int, *, resume: bool = False) -> list[Line]:
    """The lines of a recording, cut into reads of so many bytes or at these offsets; `resume`: carried over."""
    places = set(range(cuts, len(told.data), cuts)) if isinstance(cuts, int) else {cut % len(told.data) for cut in cuts}
    screen = Screen(told.columns, told.rows)
    found: list[Line] = []
    start = 0
    for end in sorted((places | told.idle | {len(told.data)}) - {0}):
        found += _lines(screen.feed(_reads(told, start, end)))
        if end in told.idle:
            found += _lines(screen.idle(_time(told, end)))
        if resume:
            state = json.dumps(screen.state())
            screen = Screen(told.columns, told.rows)
            screen.resume(json.loads(state))
        start = end
    found += _lines(screen.flush(_time(told, start)))
    assert [line.number for line in found] == list(range(1, screen.count + 1))
    return found


def texts(lines: list[Line]) -> list[str]:
    return stripped([line.text for line in lines])


def _reads(told: Recording, start: int, end: int) -> Reads:
    inside = [(min(stop, end), at) for stop, at in told.times if stop > start]
    last = next(index for index, (stop, _) in enumerate(inside) if stop == end)
    return Reads("stdout", start, told.data[start:end], tuple(inside[: last + 1]))


def _time(told: Recording, end: int) -> int:
    return next(at for stop, at in told.times if stop >= end)


def _lines(block: Lines | None) -> Iterator[Line]:
    if block is not None:
        start = 0
        for index, text in enumerate(block.text.split(b"\n")[:-1]):
            where = block.locate(index, start)
            start += len(text) + 1
            yield Line(text.decode(), where.number, where.offset, where.at)
