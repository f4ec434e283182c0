"""The items of a session as events with names and JSON objects: what a replay sends, and what JSON exports hold."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stream.records import STREAMS, ExtractionEvent
from stream.replay.items import Item
from stream.replay.output_text import OutputData, OutputDecoder
from stream.replay.playback import OutputPiece, ResizePiece
from stream.timing import MICROSECONDS


class SessionEvent(NamedTuple):
    """`at` is µs since the session's start; `data` is an object that JSON can hold, with `t` in seconds."""

    at: int
    name: str
    data: Mapping[str, Any]


class Teller:
    """Makes events of items. Between two of them it holds the beginnings of characters that a read has cut."""

    def __init__(self) -> None:
        self._decoders = {stream: OutputDecoder() for stream in STREAMS}

    def tell(self, item: Item) -> SessionEvent | None:
        """The event; None for output that is only the beginning of a character."""
        at, value = item
        if isinstance(value, OutputPiece):
            decoded = self._decoders[value.stream].feed(value.data)
            return output_event(at, value.stream, decoded) if decoded else None
        if isinstance(value, ResizePiece):
            return SessionEvent(at, "resize", {"t": seconds(at), "cols": value.columns, "rows": value.rows})
        name = "extraction" if isinstance(value, ExtractionEvent) else "state_change"
        return SessionEvent(at, name, {"t": seconds(at)} | value._asdict())

    def flush(self, at: int) -> Iterator[SessionEvent]:
        """The beginnings whose ends never came."""
        for stream, decoder in self._decoders.items():
            if decoded := decoder.flush():
                yield output_event(at, stream, decoded)


def output_event(at: int, stream: str, decoded: OutputData) -> SessionEvent:
    """Output as text, or as base64 where it is none."""
    data = {"t": seconds(at), "stream": stream, "data": decoded.data}
    return SessionEvent(at, "output", data | ({"encoding": decoded.encoding} if decoded.encoding else {}))


def seconds(at: int) -> float:
    """µs as the seconds that clients get."""
    return at / MICROSECONDS
