"""What a replay is made of: three sources of items, each with rising times, each read lazily and in short reads."""

import heapq
from collections.abc import AsyncGenerator, Iterable, Iterator
from functools import partial
from pathlib import Path

from api.reading import read_in_thread
from data.queries import Reader
from stream.follow import Position
from stream.recording import RecordingError, RecordingHeader
from stream.records import StateChange
from stream.replay.items import Item
from stream.replay.playback import START, OutputPiece, Playback, ResizePiece
from stream.timestamps import parse_timestamp

_READ_AHEAD = 1 << 17  # bytes of output: many may be read at once
_READ_PIECES = 256
_ROWS = 200
# Events are stored a batch at a time, first those of one stream: neighbours may be out of order.
_REORDERED = {"one stream": 100, "two streams": 2000}


class RecordedOutput:
    """Output and window sizes of a recording from `position` on, read in other threads; close it afterwards."""

    def __init__(self, directory: Path, position: Position = START) -> None:
        self._playback = Playback(directory, position)

    async def items(self, end: int) -> AsyncGenerator[Item, None]:
        """What follows up to `end` bytes of the timing file. Raises `RecordingError`."""
        pieces = self._playback.pieces(end)
        try:
            while True:
                batch, error = await read_in_thread(partial(_read_ahead, pieces))
                for piece in batch:
                    yield Item(piece.at, piece)
                if error is not None:
                    raise error
                if not batch:
                    return
        finally:
            pieces.close()

    def close(self) -> None:
        """Closes the recording's files."""
        self._playback.close()


async def extraction_items(
    reader: Reader, header: RecordingHeader, after: int, last: int
) -> AsyncGenerator[Item, None]:
    """The session's rows with ids above `after`, up to `last`. Raises `StoreError`."""
    waiting: list[tuple[int, int, Item]] = []
    session_id, started = header.session_id, header.started
    reordered = _REORDERED["one stream" if header.mode[1:] == ("pty", "pty") else "two streams"]
    while rows := await reader.session_extractions(session_id, after, last, _ROWS):
        for row in rows:
            after = row.id or last
            item = Item(_since(row.timestamp, started), row)
            heapq.heappush(waiting, (item.at, after, item))
        while len(waiting) > reordered:
            yield heapq.heappop(waiting)[-1]
    while waiting:
        yield heapq.heappop(waiting)[-1]


async def state_items(changes: Iterable[StateChange], started: int) -> AsyncGenerator[Item, None]:
    """These rows; `started` is µs since the epoch."""
    for change in changes:
        yield Item(_since(change.timestamp, started), change)


async def in_order(*sources: AsyncGenerator[Item, None], begin: int = 0) -> AsyncGenerator[Item, None]:
    """All items, the earliest first, among equals that of the earlier source.

    Time begins at `begin` (µs) and never goes back.
    """
    try:
        heads = {number: head for number, source in enumerate(sources) if (head := await anext(source, None))}
        at = begin
        while heads:
            number = min(heads, key=lambda number: (heads[number].at, number))
            head = heads.pop(number)
            at = max(at, head.at)
            yield head._replace(at=at)
            if following := await anext(sources[number], None):
                heads[number] = following
    finally:
        for source in sources:
            await source.aclose()


def _since(timestamp: str | None, started: int) -> int:
    return max(0, parse_timestamp(timestamp) - started) if timestamp else 0


def _read_ahead(
    pieces: Iterator[OutputPiece | ResizePiece],
) -> tuple[list[OutputPiece | ResizePiece], RecordingError | None]:
    """The next pieces; an error goes beside those that came before it."""
    batch: list[OutputPiece | ResizePiece] = []
    size = 0
    try:
        for piece in pieces:
            batch.append(piece)
            size += len(piece.data) if isinstance(piece, OutputPiece) else 0
            if size >= _READ_AHEAD or len(batch) >= _READ_PIECES:
                break
    except RecordingError as error:
        return batch, error
    return batch, None
