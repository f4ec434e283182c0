"""What every export format is: bytes that come first, bytes for each item, bytes that come last."""

from typing import NamedTuple, Protocol

from stream.recording import RecordingHeader
from stream.records import Session
from stream.replay.items import Item


class About(NamedTuple):
    """What is exported: the session, what its recording says of itself, how long it took (µs), and who exports it."""

    session: Session
    header: RecordingHeader
    duration: int
    version: str


class Encoder(Protocol):
    """Makes one file of one session; it is made with an `About`, and holds little of what was added."""

    def begin(self) -> bytes: ...
    def add(self, item: Item) -> bytes: ...
    def end(self) -> bytes: ...
