"""Recorded runs of real tools in `tests/tools/<tool>/<case>/`: what they printed, and what a reader would note."""

import json
from pathlib import Path
from typing import Any

from chunking import HEADER, cut, reads_of
from stream.extractor import Extractor
from stream.patterns import load_packs
from stream.pipeline import Pipeline
from stream.records import ExtractionEvent
from stream.timing import TimingRecord

ROOT = Path(__file__).parent / "tools"
CASES = sorted(path.parent for path in ROOT.glob("*/*/raw"))
_EXTRACTOR = Extractor(load_packs("tool").patterns)


def events_of(output: bytes, places: list[int] | None = None, *, resume: bool = False) -> list[ExtractionEvent]:
    """What a pipeline finds in this output, cut at these offsets, carried over to another pipeline at each cut."""
    header = HEADER._replace(agent="tool")
    pipeline = Pipeline(header, _EXTRACTOR)
    found: list[ExtractionEvent] = []
    for read in reads_of(cut(output, places or [])):
        pipeline.feed(read)
        if resume:
            found += pipeline.take().events
            state = pipeline.state()
            pipeline = Pipeline(header, _EXTRACTOR)
            pipeline.resume(state)
    pipeline.record(TimingRecord("H", 9, 0, name="EXIT_CODE", value=1))
    return [*found, *pipeline.take().events]


def told(event: ExtractionEvent) -> dict[str, Any]:
    """An event as `expected.jsonl` has it: of its stack only how deep it is."""
    metadata = dict(event.metadata)
    if frames := metadata.pop("frames", None):
        metadata["depth"] = len(frames)
    return {
        "line": event.line_number,
        "type": event.event_type,
        "pattern": event.pattern,
        "value": event.matched_value,
        "metadata": metadata,
    }


def expected(case: Path) -> list[dict[str, Any]]:
    """The rows of a case."""
    return [json.loads(line) for line in (case / "expected.jsonl").read_text("utf-8").splitlines()]


def said_in(text: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Type, value and metadata of each event in this text."""
    return [(event.event_type, event.matched_value, dict(event.metadata)) for event in events_of(text.encode())]
