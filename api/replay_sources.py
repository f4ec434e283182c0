"""What a replay is made of: three sources of events, each with rising times, each read lazily and in short reads."""

import heapq
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, NamedTuple

from anyio import to_thread

from api.output_text import OutputData, OutputDecoder
from api.rows import event_json, state_change_json
from data.queries import Reader
from stream.playback import OutputPiece, ResizePiece, play
from stream.recording import RecordingError
from stream.records import STREAMS, StateChange
from stream.timestamps import parse_timestamp
from stream.timing import MICROSECONDS

_READ_AHEAD = 1 << 19  # bytes of output
_READ_PIECES = 256
_ROWS = 500
# Events of the two streams are stored a batch at a time: neighbours may be out of order.
_REORDERED = 2000


class ReplayEvent(NamedTuple):
    """`at` is µs since the session's start; `data` is what the client gets."""

    at: int
    name: str
    data: Mapping[str, Any]


async def output_events(directory: Path, end: int) -> AsyncGenerator[ReplayEvent, None]:
    """Output and window sizes up to `end` bytes of the timing file. Raises `RecordingError`."""
    decoders = {stream: OutputDecoder() for stream in STREAMS}
    at = 0
    async with aclosing(_pieces(directory, end)) as pieces:
        async for piece in pieces:
            at = piece.at
            if isinstance(piece, ResizePiece):
                yield ReplayEvent(at, "resize", {"t": seconds(at), "cols": piece.columns, "rows": piece.rows})
            elif decoded := decoders[piece.stream].feed(piece.data):
                yield _output_event(at, piece.stream, decoded)
    for stream, decoder in decoders.items():
        if decoded := decoder.flush():
            yield _output_event(at, stream, decoded)


async def extraction_events(
    reader: Reader, session_id: str, last: int, started: int
) -> AsyncGenerator[ReplayEvent, None]:
    """The session's rows up to the id `last`; `started` is µs since the epoch. Raises `StoreError`."""
    waiting: list[tuple[int, int, ReplayEvent]] = []
    after = 0
    while rows := await reader.session_extractions(session_id, after, last, _ROWS):
        for row in rows:
            after = row.id or last
            event = _row_event("extraction", event_json(row), started)
            heapq.heappush(waiting, (event.at, after, event))
        while len(waiting) > _REORDERED:
            yield heapq.heappop(waiting)[-1]
    while waiting:
        yield heapq.heappop(waiting)[-1]


async def state_events(changes: Iterable[StateChange], started: int) -> AsyncGenerator[ReplayEvent, None]:
    """These rows; `started` is µs since the epoch."""
    for change in changes:
        yield _row_event("state_change", state_change_json(change), started)


def seconds(at: int) -> float:
    """µs as the seconds that clients get."""
    return at / MICROSECONDS


def _row_event(name: str, row: dict[str, Any], started: int) -> ReplayEvent:
    at = max(0, parse_timestamp(row["timestamp"]) - started) if row["timestamp"] else 0
    return ReplayEvent(at, name, {"t": seconds(at)} | row)


def _output_event(at: int, stream: str, decoded: OutputData) -> ReplayEvent:
    data = {"t": seconds(at), "stream": stream, "data": decoded.data}
    return ReplayEvent(at, "output", data | ({"encoding": decoded.encoding} if decoded.encoding else {}))


async def _pieces(directory: Path, end: int) -> AsyncGenerator[OutputPiece | ResizePiece, None]:
    pieces = play(directory, end)
    try:
        while True:
            batch, error = await to_thread.run_sync(_read_ahead, pieces)
            for piece in batch:
                yield piece
            if error is not None:
                raise error
            if not batch:
                return
    finally:
        pieces.close()


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
