"""What an agent says on both its streams is said once. Pure.

`codex exec` prints its final message on stdout, and the whole transcript, that message included, on stderr. Which of
them comes first is chance. So each thing that was found counts as often as the stream says it that says it more often:
a stream is only listened to where it says something for the second time, and the other has said it but once. No time
is compared: the result is the same however the streams were read.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from stream.records import STREAMS, CodeBlock, ExtractionEvent

_MOST = 300  # different things that are remembered; the one that was said longest ago is forgotten first
_TYPES = frozenset({"code_block", "error", "warning"})


class Echoes:
    """How often each stream has said what, of a recording with two of them."""

    def __init__(self) -> None:
        self._said: OrderedDict[str, list[int]] = OrderedDict()

    def is_echo(self, event: ExtractionEvent) -> bool:
        """Whether the other stream has said this, and more often. Asked once for each event, in their order."""
        if event.event_type not in _TYPES or event.stream is None:
            return False
        key = _key(event)
        said = self._said.setdefault(key, [0] * len(STREAMS))
        self._said.move_to_end(key)
        if len(self._said) > _MOST:
            self._said.popitem(last=False)
        before = max(said)
        said[STREAMS.index(event.stream)] += 1
        return max(said) == before

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return dict(self._said)

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._said = OrderedDict((key, list(counts)) for key, counts in state.items())


def without_echoes(
    events: Iterable[ExtractionEvent], blocks: Iterable[CodeBlock], echoes: Echoes
) -> tuple[tuple[ExtractionEvent, ...], tuple[CodeBlock, ...]]:
    """Events and the blocks that belong to them, without those that the other stream had already."""
    kept, echoed = [], Counter[tuple[Any, ...]]()
    for event in events:
        if not echoes.is_echo(event):
            kept.append(event)
        elif event.event_type == "code_block":
            echoed[event.stream, event.line_number, event.metadata.get("digest")] += 1
    if not echoed:
        return tuple(kept), tuple(blocks)
    left = []
    for block in blocks:
        place = block.stream, block.line_start, block.digest
        if echoed[place]:
            echoed[place] -= 1
        else:
            left.append(block)
    return tuple(kept), tuple(left)


def _key(event: ExtractionEvent) -> str:
    metadata = event.metadata
    digest = metadata.get("digest")
    same = (digest,) if digest else (event.matched_value, *map(metadata.get, ("kind", "file", "line", "column")))
    text = "\0".join(map(str, (event.event_type, *same)))
    return blake2b(text.encode("utf-8", "replace"), digest_size=9).hexdigest()
