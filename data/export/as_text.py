"""Plain text: what a reader saw, line by line: colours gone, what was written over resolved.

Through a PTY that is what a terminal of the recorded size showed, each line once, as extraction reads it
(docs/extraction.md).
"""

from data.export.encoder import About
from stream.ansi import without_controls
from stream.line_blocks import Lines
from stream.lines import Reads
from stream.records import STREAMS
from stream.replay.items import Item
from stream.replay.playback import OutputPiece, ResizePiece
from stream.screen import Screen, lines_of

_SETTLED = 100_000  # µs without output, after which a screen stands: as the recorder has it


class PlainText:
    """Lines of both streams in the order in which they ended; holds an unfinished line of each, or a screen."""

    def __init__(self, about: About) -> None:
        self._readers = {stream: lines_of(about.header, stream) for stream in STREAMS}
        self._offsets = dict.fromkeys(STREAMS, 0)
        self._at = 0  # of the last output

    def begin(self) -> bytes:
        return b""

    def add(self, item: Item) -> bytes:
        if isinstance(item.value, ResizePiece):
            columns, rows = item.value.columns, item.value.rows
            return b"".join(_text(screen.resize(columns, rows, item.at)) for screen in self._screens())
        if not isinstance(item.value, OutputPiece):
            return b""
        stood = self._settle(item.at)
        self._at = item.at
        stream, data = item.value.stream, item.value.data
        offset = self._offsets[stream]
        self._offsets[stream] = end = offset + len(data)
        return stood + _text(self._readers[stream].feed(Reads(stream, offset, data, ((end, item.at),))))

    def end(self) -> bytes:
        return b"".join(_text(reader.flush(self._at)) for reader in self._readers.values())

    def _settle(self, at: int) -> bytes:
        """What stood on the screens while nothing came."""
        if at - self._at <= _SETTLED:
            return b""
        return b"".join(_text(screen.idle(self._at + _SETTLED)) for screen in self._screens())

    def _screens(self) -> list[Screen]:
        return [reader for reader in self._readers.values() if isinstance(reader, Screen)]


def _text(lines: Lines | None) -> bytes:
    return without_controls(lines.text) if lines else b""
