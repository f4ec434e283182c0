"""A long session: 20 MB of a terminal's output in an hour, half of it painted over, and 50,000 events."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.sqlite.recording_store import SQLiteRecordingStore
from stream.recording import RecordingHeader, RecordingWriter
from stream.records import Batch, Checkpoint, ExtractionEvent, Session, StateChange
from stream.timestamps import format_timestamp

SESSION = "a" * 16
PRINTED = "some ordinary output"  # what each line of the screen holds
BYTES, EVENTS, SECONDS = 20_000_000, 50_000, 3600

_AGENT = "codex"
_START = 1_790_000_000_000_000
_COLUMNS, _ROWS = 100, 30
_BATCH = 1000
_TYPES = (*["tool_use"] * 6, *["file_operation"] * 3, "error", "warning", "metric", "test_result", "permission", "git")


def build(database: Path) -> None:
    """Records the session beside the database, and stores its events as an indexer does."""
    recording = database.parent / SESSION
    header = RecordingHeader(
        SESSION, _AGENT, (_AGENT, "exec", "go on"), "/", _START, ("pty", "pty", "pty"), _COLUMNS, _ROWS
    )
    reads = list(_output(random.Random(1)))
    with RecordingWriter(recording, header) as writer:
        for number, data in enumerate(reads):
            writer.output("stdout", data, SECONDS * 1_000_000 * number // len(reads))
        writer.finish(0, SECONDS * 1_000_000)
    with SQLiteRecordingStore.open(database) as store:
        _store(store, recording)


def _output(dice: random.Random) -> Iterator[bytes]:
    """Reads of some kilobytes: lines that scroll by, and a program that paints its window again."""
    size, number = 0, 0
    while size < BYTES:
        data = b"".join(
            _scrolled(number) if number % 60 < 30 else _painted(number, dice) for number in range(number, number + 30)
        )
        yield data
        size, number = size + len(data), number + 30


def _scrolled(number: int) -> bytes:
    return b"\x1b[3%dmline %d\x1b[0m %s of a tool that prints a lot of text here\r\n" % (
        number % 8,
        number,
        PRINTED.encode(),
    )


def _painted(number: int, dice: random.Random) -> bytes:
    colour = b"\x1b[38;2;%d;%d;%dm" % tuple(dice.randrange(256) for _ in range(3))
    place = b"\x1b[%d;1H\x1b[2K" % (number % _ROWS + 1)
    return place + colour + b"\xe2\x97\x8f %s\x1b[0m \x1b[2mof step %d\x1b[22m" % (PRINTED.encode(), number)


def _store(store: SQLiteRecordingStore, recording: Path) -> None:
    dice = random.Random(2)
    store.open_session(
        Session(
            _AGENT,
            SESSION,
            started_at=format_timestamp(_START),
            stdout_log_path=str(recording / "stdout.log"),
            recording_path=str(recording),
            command=(_AGENT, "exec", "go on"),
        )
    )
    ended = StateChange(SESSION, format_timestamp(_START + SECONDS * 1_000_000), "completed", 0)
    for revision, first in enumerate(range(0, EVENTS, _BATCH), 1):
        found = tuple(_event(number, dice) for number in range(first, first + _BATCH))
        states = (ended,) if first + _BATCH >= EVENTS else ()
        checkpoint = Checkpoint(revision, first, first, 0, first, "{}", "patterns")
        store.commit(Batch(SESSION, checkpoint, found, (), states, lines=_BATCH))


def _event(number: int, dice: random.Random) -> ExtractionEvent:
    kind = dice.choice(_TYPES)
    return ExtractionEvent(
        _AGENT,
        SESSION,
        format_timestamp(_START + SECONDS * 1_000_000 * number // EVENTS),
        kind,
        "pattern",
        matched_value=f"{kind} number {number}: pytest tests/unit/test_module_{number % 97}.py -q --maxfail=3",
        original_line=f"the line of {number}",
        line_number=number + 1,
        metadata=_metadata(kind, dice),
        stream="stdout",
        byte_offset=number * 400,
    )


def _metadata(kind: str, dice: random.Random) -> dict[str, Any]:
    if kind == "tool_use":
        return {
            "tool": "shell",
            "outcome": dice.choice(("ok", "ok", "ok", "error")),
            "duration_ms": dice.randrange(9000),
        }
    return {"operation": "modified", "added": 3, "removed": 1} if kind == "file_operation" else {}
