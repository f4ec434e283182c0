"""What is found in an agent's text, in every way that it may be cut and resumed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chunking import END, cut, reads_of, together
from stream.agent_reader import marks
from stream.extractor import Extractor
from stream.patterns import Pattern, load_packs
from stream.pipeline import Findings, Pipeline
from stream.recording import RecordingHeader
from stream.records import ExtractionEvent

CAPTURES = Path(__file__).parent / "captures"

# What a careless reader would find anywhere.
CARELESS = (
    Pattern("error_word", "error", r"(?i)\berror: (?P<value>.*)"),
    Pattern("warning_word", "warning", r"(?i)\bwarning: (?P<value>.*)"),
    Pattern("passed", "test_result", r"(?P<value>\d+ passed)"),
)


class Told(NamedTuple):
    """Of an event, what tests compare."""

    event_type: str
    value: str | None
    line: int | None


def header(agent: str, command: Sequence[str] = ("true",), **fields: Any) -> RecordingHeader:
    return RecordingHeader("0123456789abcdef", agent, tuple(command), "/w", 1_700_000_000_000_000, **fields)


def find(
    recording: RecordingHeader,
    stdout: str | bytes = "",
    stderr: str | bytes = "",
    *,
    patterns: Sequence[Pattern] = CARELESS,
    cuts: Sequence[int] = (),
    resume: bool = False,
    stderr_first: bool = True,
) -> Findings:
    """One pipeline over both streams; with `resume`, carried over to a new one after each read."""
    extractor = Extractor(patterns, marks(recording))
    pipeline = Pipeline(recording, extractor)
    parts = []
    streams = [("stderr", stderr), ("stdout", stdout)][:: 1 if stderr_first else -1]
    for stream, output in streams:
        data = output.encode() if isinstance(output, str) else output
        for read in reads_of(cut(data, list(cuts)), stream):
            pipeline.feed(read)
            if resume:
                parts.append(pipeline.take())
                state = pipeline.state()
                pipeline = Pipeline(recording, extractor)
                pipeline.resume(state)
    pipeline.record(END)
    parts.append(pipeline.take())
    return together(parts)


def find_in_capture(name: str, agent: str, command: Sequence[str], **options: Any) -> Findings:
    """With the packs in force, the capture's two streams or its PTY."""
    stdout = (CAPTURES / f"{name}.raw").read_bytes()
    errors = CAPTURES / f"{name}.stderr.raw"
    pty = not errors.exists()
    mode = ("pty", "pty", "pty") if pty else ("pipe", "pipe", "pipe")
    size = {"columns": 100, "rows": 30} if pty else {}
    recording = header(agent, command, mode=mode, **size)
    patterns = load_packs(agent).patterns
    return find(recording, stdout, b"" if pty else errors.read_bytes(), patterns=patterns, **options)


def told(events: Sequence[ExtractionEvent], *types: str) -> list[Told]:
    return [Told(e.event_type, e.matched_value, e.line_number) for e in events if not types or e.event_type in types]
