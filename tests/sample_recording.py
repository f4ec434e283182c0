"""A recording, its session and its rows, as a run with the database on leaves them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from sample_database import START, SampleDatabase
from stream.recording import RecordingHeader, RecordingWriter
from stream.timestamps import format_timestamp


class Read(NamedTuple):
    """What was read from `stream` at `at` (µs since the start)."""

    at: int
    data: bytes
    stream: str = "stdout"


def moment(at: int) -> str:
    """The timestamp `at` µs after the start of the session."""
    return format_timestamp(START + at)


def header(session_id: str, **fields: Any) -> RecordingHeader:
    given: dict[str, Any] = {"agent": "codex", "command": ("true",), "cwd": "/", "started": START} | fields
    return RecordingHeader(session_id, **given)


def record(database: SampleDatabase, directory: Path, reads: Iterable[Read], end: int | None, **fields: Any) -> None:
    """Session `directory.name`, which ended with status 0 at `end` (µs), or still runs."""
    with RecordingWriter(directory, header(directory.name, **fields)) as writer:
        for read in reads:
            writer.output(read.stream, read.data, read.at)
        if end is not None:
            writer.finish(0, end)
    store(database, directory, end)


def store(database: SampleDatabase, directory: Path, end: int | None) -> None:
    """The rows of a session that has been recorded."""
    session_id = directory.name
    database.session(session_id, started_at=moment(0), recording_path=str(directory))
    database.state(session_id, "started", timestamp=moment(0))
    if end is not None:
        database.state(session_id, "completed", timestamp=moment(end), exit_code=0)
        database.connection.execute(
            "UPDATE process_sessions SET ended_at = ?, exit_code = 0, state = 'completed' WHERE session_id = ?",
            (moment(end), session_id),
        )
