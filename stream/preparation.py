"""What can be done with output before it is its turn: cleaning, finding the lines of interest, looking at them.

None of it depends on what came before, so it may be done elsewhere and meanwhile. Pure.
"""

from typing import NamedTuple, Protocol

from stream.ansi import without_controls
from stream.extractor import NOTHING, Extractor, Plain
from stream.fences import may_be_fence
from stream.lines import Clean, FoundLine, LineBlock, Prepared, Reads
from stream.secrets.masker import SecretMasker


class Preparer(Protocol):
    """Says of bytes of a stream, which begin at `offset` there, what they are on their own."""

    def prepare(self, stream: str, offset: int, raw: bytes, clean: Clean) -> Prepared:
        """Of whole lines."""
        ...

    def plain_end(self, stream: str, offset: int, data: bytes) -> tuple[int, bool]:
        """What `stream.screens.plain_output.plain_end` says of a PTY's output."""
        ...


class Preparation(NamedTuple):
    """Whole lines, prepared, and what `Extractor.look` saw in those of interest, as plain values."""

    prepared: Prepared
    seen: dict[bytes, Plain]


def prepare(
    raw: bytes, clean: Clean, extractor: Extractor, masker: SecretMasker | None, *, awaits_opening: bool = False
) -> Preparation:
    """Whole lines as `LineAssembler` has them, each at most `MAX_LINE` long; for who `awaits_opening`, or not."""
    text = clean(raw)
    position = LineBlock(text, Reads("", 0, raw, ()), 0, 0, frozenset()).position
    found = []
    seen: dict[bytes, Plain] = {}
    index = counted = 0
    few = extractor.lines_before_opening(text) if awaits_opening else None
    for start, end in extractor.lines_of_interest(text) if few is None else few:
        index += text.count(b"\n", counted, start)
        counted = start
        line = without_controls(text[start:end])
        if line not in seen:
            seen[line] = extractor.as_plain(extractor.look(line))
        if seen[line] == NOTHING and not may_be_fence(line):  # mostly nobody will ask where it stands
            found.append(FoundLine(start, end, index))
        else:
            raw_start = position(index, start)
            found.append(FoundLine(start, end, index, raw_start, raw.index(b"\n", raw_start)))
    no_secrets = masker is None or not masker.may_hold(text)
    lines = index + text.count(b"\n", counted)
    return Preparation(Prepared(text, lines, tuple(found), no_secrets, few is not None), seen)
