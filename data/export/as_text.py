"""Plain text: the lines of a pipe without colours and controls, written over ones resolved.

What a full-screen program painted comes as one line of fragments: no terminal is asked where it stood.
"""

from data.export.encoder import About
from stream.ansi import without_controls
from stream.lines import LineAssembler, LineBlock, Reads
from stream.records import STREAMS
from stream.replay.items import Item
from stream.replay.playback import OutputPiece


class PlainText:
    """Lines of both streams in the order in which they ended; holds at most one unfinished line of each."""

    def __init__(self, _: About) -> None:
        self._assemblers = {stream: LineAssembler() for stream in STREAMS}
        self._offsets = dict.fromkeys(STREAMS, 0)

    def begin(self) -> bytes:
        return b""

    def add(self, item: Item) -> bytes:
        if not isinstance(item.value, OutputPiece):
            return b""
        stream, data = item.value.stream, item.value.data
        offset = self._offsets[stream]
        self._offsets[stream] = end = offset + len(data)
        return _text(self._assemblers[stream].feed(Reads(stream, offset, data, ((end, item.at),))))

    def end(self) -> bytes:
        return b"".join(_text(assembler.flush(0)) for assembler in self._assemblers.values())


def _text(block: LineBlock | None) -> bytes:
    return without_controls(block.text) if block else b""
