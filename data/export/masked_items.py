"""Masks what is exported: pieces of output keep their lengths and times, rows their shape. Pure.

A piece waits while what it ends with may still become a secret, and what came after it waits behind it.
"""

from collections import deque
from collections.abc import Iterator

from data.export.encoder import About
from data.export.masking import Masker, mask_value, mask_words
from stream.records import STREAMS, ExtractionEvent, StateChange
from stream.replay.items import Item
from stream.replay.playback import OutputPiece

_MOST_ITEMS = 4096  # that wait; then the beginnings of secrets that never went on are let through
_MOST_BYTES = 4 << 20


class ItemMasker:
    """Takes items in their order, and gives them back in the same."""

    def __init__(self) -> None:
        self._maskers = {stream: Masker() for stream in STREAMS}
        self._settled = {stream: bytearray() for stream in STREAMS}
        self._waiting: deque[Item] = deque()
        self._bytes = 0

    def feed(self, item: Item) -> Iterator[Item]:
        """The items that are settled by now."""
        value = item.value
        if isinstance(value, OutputPiece):
            self._settled[value.stream] += self._maskers[value.stream].feed(value.data)
            self._bytes += len(value.data)
        elif isinstance(value, ExtractionEvent | StateChange):
            item = item._replace(value=value._replace(**mask_value(value._asdict())))
        self._waiting.append(item)
        if len(self._waiting) > _MOST_ITEMS or self._bytes > _MOST_BYTES:
            return self.flush()
        return self._release()

    def flush(self) -> Iterator[Item]:
        """All the others."""
        for stream, masker in self._maskers.items():
            self._settled[stream] += masker.flush()
        return self._release()

    def _release(self) -> Iterator[Item]:
        while self._waiting:
            item = self._waiting[0]
            if isinstance(item.value, OutputPiece):
                settled, size = self._settled[item.value.stream], len(item.value.data)
                if len(settled) < size:
                    return
                item = item._replace(value=item.value._replace(data=bytes(settled[:size])))
                del settled[:size]
                self._bytes -= size
            self._waiting.popleft()
            yield item


def mask_about(about: About) -> About:
    """The same, with secrets masked in the command and in the reason of the verdict."""
    command, reason = mask_words(about.session.command), mask_value(about.session.verdict_reason)
    session = about.session._replace(command=command, verdict_reason=reason)
    return about._replace(session=session, header=about.header._replace(command=session.command))
