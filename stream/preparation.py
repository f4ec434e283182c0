"""What can be done with whole lines before it is their turn: cleaning, finding the lines of interest, looking at them.

None of it depends on what came before, so it may be done elsewhere and meanwhile. Pure.
"""

from typing import NamedTuple

from stream.ansi import without_controls
from stream.extractor import Extractor, Plain
from stream.lines import Clean, FoundLine, LineBlock, Prepared, Reads
from stream.secrets.masker import SecretMasker


class Preparation(NamedTuple):
    """Whole lines, prepared, and what `Extractor.look` saw in those of interest, as plain values."""

    prepared: Prepared
    seen: dict[bytes, Plain]


def prepare(raw: bytes, clean: Clean, extractor: Extractor, masker: SecretMasker | None) -> Preparation:
    """Whole lines as `LineAssembler` has them, each at most `MAX_LINE` long."""
    text = clean(raw)
    locate = LineBlock(text, Reads("", 0, raw, ((len(raw), 0),)), 0, 0, frozenset()).locate
    found = []
    seen = {}
    index = counted = 0
    for start, end in extractor.lines_of_interest(text):
        index += text.count(b"\n", counted, start)
        counted = start
        raw_start = locate(index, start).offset
        found.append(FoundLine(start, end, index, raw_start, raw.index(b"\n", raw_start)))
        line = without_controls(text[start:end])
        seen[line] = extractor.as_plain(extractor.look(line))
    no_secrets = masker is None or not masker.may_hold(text)
    return Preparation(Prepared(text, index + text.count(b"\n", counted), tuple(found), no_secrets), seen)
