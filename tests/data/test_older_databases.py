"""A database of the first schema: what later steps count of its rows is what the stores would have counted."""

import shutil
import sqlite3
from pathlib import Path

from data.rollups import count_buckets, count_minutes, count_types
from data.sqlite.database import open_writer
from data.sqlite.fulltext import take_in
from data.sqlite.migrate import MIGRATIONS, migrate
from samples import SESSION, an_event

TIMES = ("2026-11-22T23:59:59.999999Z", "2026-11-23T00:00:00.000000Z", "2026-11-23T07:04:59.500000Z")


def test_rows_of_the_first_schema_are_counted_and_can_be_searched(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(MIGRATIONS / "0001_initial.sql", first)
    events = [
        an_event(timestamp=time, risk_level=risk, pattern=pattern)
        for time in TIMES
        for risk, pattern in ((None, "p1"), ("critical", "p1"), ("high", "p2"), ("low", "p2"))
    ] * 100
    path = tmp_path / "wrapper.db"
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, first)
    connection.execute("INSERT INTO process_sessions (agent_name, session_id) VALUES ('codex', ?)", (SESSION,))
    connection.executemany(
        """INSERT INTO extraction_events (agent_name, session_id, timestamp, event_type, pattern, original_line,
            risk_level) VALUES (?, ?, ?, ?, ?, 'a line', ?)""",
        [(e.agent_name, e.session_id, e.timestamp, e.event_type, e.pattern, e.risk_level) for e in events],
    )
    for place, agent in enumerate(("codex", "claude", "codex", "codex")):
        if place < 2:
            connection.execute("INSERT INTO code_blocks (agent_name, session_id) VALUES (?, ?)", (agent, SESSION))
        connection.execute(
            "INSERT INTO code_block_occurrences (block_id, agent_name, session_id) VALUES (?, ?, ?)",
            (place % 2 + 1, agent, SESSION),
        )
    connection.close()
    writer = open_writer(path)
    while take_in(writer):
        continue
    assert {tuple(row)[:-1]: row["count"] for row in writer.execute("SELECT * FROM metric_buckets")} == {
        tuple(bucket): count for bucket, count in count_buckets(count_minutes(events)).items()
    }
    assert [tuple(row) for row in writer.execute("SELECT * FROM block_counts")] == [
        ("agent", "claude", 1),
        ("agent", "codex", 2),
        ("all", "", 2),
    ]
    assert {tuple(row)[:-1]: row["count"] for row in writer.execute("SELECT * FROM type_buckets")} == {
        tuple(bucket): count for bucket, count in count_types(count_buckets(count_minutes(events))).items()
    }
    assert [tuple(row) for row in writer.execute("SELECT * FROM session_kinds")] == [
        (SESSION, "codex", "error", "p1", "", 300),
        (SESSION, "codex", "error", "p1", "critical", 300),
        (SESSION, "codex", "error", "p2", "high", 300),
        (SESSION, "codex", "error", "p2", "low", 300),
    ]
    assert [tuple(row) for row in writer.execute("SELECT * FROM session_totals")] == [
        ("codex", "", 1, 0, 0, 0, 0, 0, 0.0)
    ]
    groups = [tuple(row) for row in writer.execute("SELECT * FROM event_span_groups")]
    assert groups == [(0, TIMES[0], TIMES[2])]
    spans = [tuple(row) for row in writer.execute("SELECT * FROM event_spans")]
    assert spans == [(0, TIMES[0], TIMES[2]), (1, TIMES[0], TIMES[2])]
    assert writer.execute("SELECT session_id, risky_events FROM process_sessions").fetchone()[:] == (SESSION, 600)
    found = writer.execute("SELECT COUNT(*) FROM event_search WHERE event_search MATCH 'line'").fetchone()
    assert found[0] == len(events)
    writer.close()
