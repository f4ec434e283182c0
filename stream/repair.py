"""Makes a recording whole whose writer died: nothing that was recorded is lost, and it has an end.

What the writer had appended but not yet covered by a timing record gets one, a timing record that was written in part
is taken back, and the state `interrupted` is recorded. All under the writer's own lock.
"""

import fcntl
import os
from pathlib import Path

from stream.recording import KINDS, LOGS, RESERVE, TIMING, read_header
from stream.records import FINAL_STATES
from stream.timing import TimingRecord, format_output, format_signal, parse_timing


def repair(directory: Path, heard: int | None = None) -> bool:
    """Returns False, and does nothing, while the writer lives. Doing it twice does nothing more.

    The session ended when it was last `heard` of (µs since the epoch), or at its last record if that was later: an
    agent that was silent for hours writes none. Raises `OSError` when the recording cannot be written, `TimingError`
    and `RecordingError` when it cannot be read.
    """
    with (directory / TIMING).open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        data = file.read()
        records = list(parse_timing(data))
        end, at = (records[-1].end, records[-1].at) if records else (0, 0)
        if end < len(data):
            file.truncate(end)
        if not any(ends(record) for record in records):
            if heard is not None:
                at = max(at, heard - read_header(directory).started)
            file.seek(end)
            file.write(_uncovered(directory, records) + format_signal("STATE", at, {"NAME": "interrupted"}))
        (directory / RESERVE).unlink(missing_ok=True)
    return True


def ends(record: TimingRecord) -> bool:
    """Whether nothing follows this record: the agent's exit code, or the state that a repair has left."""
    return record.name == "EXIT_CODE" or (record.name == "STATE" and record.fields["NAME"] in FINAL_STATES)


def _uncovered(directory: Path, records: list[TimingRecord]) -> bytes:
    """Timing records for bytes that stand in the logs behind all that is covered."""
    tails = b""
    for stream, kind in KINDS.items():
        log = directory / LOGS[stream]
        covered = sum(record.size for record in records if record.kind == kind)
        size = os.stat(log).st_size if log.exists() else 0
        if size > covered:
            tails += format_output(kind, 0, size - covered)
    return tails
