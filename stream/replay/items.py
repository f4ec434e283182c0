"""What happened in a session, one thing after the other: output, window sizes, extracted events, states."""

from typing import NamedTuple

from stream.records import ExtractionEvent, StateChange
from stream.replay.playback import OutputPiece, ResizePiece


class Item(NamedTuple):
    """One of them; `at` is µs since the session's start."""

    at: int
    value: OutputPiece | ResizePiece | ExtractionEvent | StateChange
