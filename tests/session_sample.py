"""A recorded session of a minute with a bit of everything, for tests of its page."""

import json
from pathlib import Path
from typing import Any

from sample_database import SampleDatabase
from sample_recording import Read, moment, record

SECOND = 1_000_000
LENGTH = 60  # seconds
ERRORS = (10, 20, 40)  # seconds
PTY: dict[str, Any] = {"mode": ("pty", "pty", "pty"), "columns": 80, "rows": 24}
CODE = "def answer() -> int:\n    return 42  # <b>bold</b>\n"


def add(database: SampleDatabase, session: str, at: float, event_type: str, value: str, **metadata: Any) -> None:
    columns = {"timestamp": moment(round(at * SECOND)), "event_type": event_type, "pattern": "sample"}
    database.event(session, **columns, matched_value=value, original_line=f"line: {value}", metadata_json=metadata)


def record_sample(database: SampleDatabase, folder: Path, session: str = "s1") -> None:
    """Each second prints its number; `second N` is in row N of the terminal until it scrolls."""
    reads = [Read(number * SECOND, b"\r\nsecond %d" % number) for number in range(LENGTH)]
    record(database, folder / session, reads, end=LENGTH * SECOND, **PTY)
    database.connection.execute("UPDATE process_sessions SET command_json = ?", (json.dumps(["codex", "exec"]),))
    for at in ERRORS:
        add(database, session, at, "error", f"error at {at}")
    add(database, session, 5, "tool_use", "pytest -q", tool="shell", outcome="error", exit_code=1, duration_ms=1500)
    add(database, session, 15, "tool_use", "ls", tool="shell", outcome="ok", exit_code=0, duration_ms=20)
    add(database, session, 25, "file_operation", "src/a.py", operation="modified", added=3, removed=1)
    add(database, session, 26, "file_operation", "src/a.py", operation="modified", added=2, removed=2)
    add(database, session, 27, "file_operation", "src/new.py", operation="created", added=9)
    add(database, session, 30, "test_result", "3 passed", passed=3, failed=0)
    add(database, session, 50, "metric", "1200", tokens={"total": 1200, "output": 200}, cost_usd=0.5, scope="turn")
    database.connection.execute(
        """INSERT INTO usage_counts (session_id, start, model, agent_name, input_uncached, output, total, cost_usd)
           VALUES (?, ?, 'gpt-5.5', 'codex', 1000, 200, 1200, 0.5)""",
        (session, moment(0)),
    )
    database.block(session, CODE, timestamp=moment(12 * SECOND), line_start=3, line_end=6)
    database.block(session, "plain words", "", timestamp=moment(14 * SECOND), line_start=9, line_end=11)
