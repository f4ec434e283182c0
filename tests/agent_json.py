"""Agents' JSON for the tests: records as lines, and what a pipeline makes of them in every way that a run may."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from chunking import together
from stream.agent_reader import marks
from stream.extractor import Extractor
from stream.lines import Reads
from stream.patterns import Pattern
from stream.pipeline import Findings, Pipeline
from stream.recording import RecordingHeader
from stream.records import ExtractionEvent
from stream.timing import TimingRecord

HEADER = RecordingHeader("0123456789abcdef", "agent", ("true",), "/w", 1_700_000_000_000_000)
PATTERNS = (
    Pattern("error_line", "error", r"^(?:error|Error): (?P<value>.*)"),
    Pattern("file_error", "error", r"^\w+: (?P<value>cannot \w+ .*)"),
    Pattern("warning_line", "warning", r"^warning: (?P<value>.*)"),
    Pattern("passed", "test_result", r"^(?P<value>\d+ passed)"),
)
EXTRACTOR = Extractor(PATTERNS, marks(HEADER))
END = TimingRecord("H", 9_000_000, 0, name="EXIT_CODE", value=0)

Record = Mapping[str, Any]


def lines_of(records: Iterable[Record]) -> bytes:
    """One line each."""
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def read(data: bytes, *, size: int = 0, resume: bool = False) -> Findings:
    """What is found in this output, read in pieces of `size`; with `resume`, by a new pipeline for each piece."""
    pipeline = Pipeline(HEADER, EXTRACTOR)
    parts = []
    for start in range(0, len(data), size or max(1, len(data))):
        piece = data[start : start + (size or len(data))]
        pipeline.feed(Reads("stdout", start, piece, ((start + len(piece), 7),)))
        if resume:
            parts.append(pipeline.take())
            state = pipeline.state()
            pipeline = Pipeline(HEADER, EXTRACTOR)
            pipeline.resume(state)
    pipeline.record(END)
    parts.append(pipeline.take())
    return together(parts)


def read_records(*records: Record) -> Findings:
    """What is found in these records, one line each."""
    return read(lines_of(records))


def of_type(findings: Findings, event_type: str) -> list[ExtractionEvent]:
    """The events of one type."""
    return [event for event in findings.events if event.event_type == event_type]


def values(findings: Findings, event_type: str) -> list[str | None]:
    """The values of the events of one type."""
    return [event.matched_value for event in of_type(findings, event_type)]
