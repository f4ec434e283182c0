"""Cutting bytes into reads, and running a pipeline over them in every way that a run may."""

from itertools import pairwise

from hypothesis import strategies as st

from stream.code_blocks import language_of
from stream.extractor import Extractor
from stream.lines import Reads
from stream.patterns import Pattern
from stream.pipeline import Findings, Pipeline
from stream.recording import RecordingHeader
from stream.timing import TimingRecord

HEADER = RecordingHeader("0123456789abcdef", "codex", ("true",), "/", 1_700_000_000_000_000)

PATTERNS = (
    Pattern("error", "error", r"^(?:error|Error): (?P<value>.*)"),
    Pattern("file", "error", r"^(?P<file>\w+)\.py:(?P<line>\d+): "),
    Pattern("warning", "warning", r"(?i)\bwarning: (?P<value>.*)$"),
    Pattern("passed", "test_result", r"(?P<value>\d+) passed"),
)
EXTRACTOR = Extractor(PATTERNS)
language_of("py")  # loads the names of languages: later, that would count against the deadline of an example

# What lines are made of: all that the cleaning, the fences and the patterns look at, and bytes that break UTF-8.
PIECES = [
    b"error: ", b"Error: x", b"warning: w", b"a.py:3: ", b"3 passed", b"```", b"````", b"~~~", b"python", b" ", b"   ",
    b"\t", b"text", b"\xc3\xa9", b"\xe2\x82", b"\xff", b"\x1b[31m", b"\x1b[0m", b"\x1b[", b"\x1b]0;title\x07",
    b"\x1b]0;ti", b"\x1b[2K", b"\x1b[K", b"\x1b[1G", b"\x08", b"\r", b"\r\n", b"\n", b"\n", b"\n", b"\x00", b"\x07",
]  # fmt: skip

outputs = st.lists(st.sampled_from(PIECES), max_size=80).map(b"".join)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    """`data` in pieces, cut at these offsets (taken modulo its length)."""
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


def reads_of(pieces: list[bytes], stream: str = "stdout", offset: int = 0) -> list[Reads]:
    """One read each, all at the same time, so that how they are cut cannot show in the times."""
    reads = []
    for piece in pieces:
        reads.append(Reads(stream, offset, piece, ((offset + len(piece), 7),)))
        offset += len(piece)
    return reads


END = TimingRecord("H", 9, 0, name="EXIT_CODE", value=0)


def run(reads: list[Reads], *, resume_every: int = 0) -> Findings:
    """What a pipeline finds in these reads; with `resume_every`, carried over to a new one after so many."""
    pipeline = Pipeline(HEADER, EXTRACTOR)
    parts = []
    for number, read in enumerate(reads, 1):
        pipeline.feed(read)
        if resume_every and number % resume_every == 0:
            parts.append(pipeline.take())
            state = pipeline.state()
            pipeline = Pipeline(HEADER, EXTRACTOR)
            pipeline.resume(state)
    pipeline.record(END)
    parts.append(pipeline.take())
    return together(parts)


def together(parts: list[Findings]) -> Findings:
    """What was taken bit by bit, as if it had been taken at once."""
    return Findings(
        events=tuple(event for part in parts for event in part.events),
        blocks=tuple(block for part in parts for block in part.blocks),
        state_changes=tuple(change for part in parts for change in part.state_changes),
        lines=sum(part.lines for part in parts),
        outcomes=sum(part.outcomes for part in parts),
        usages=tuple(usage for part in parts for usage in part.usages),
        verdict=parts[-1].verdict,
    )
