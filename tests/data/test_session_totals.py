"""What is counted of sessions, whoever writes them: equal to counting them, after each change."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.queries import PageRequest, SessionFilter
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from sample_database import SampleDatabase, at
from stream.records import VERDICTS

pytestmark = pytest.mark.anyio

AGENTS = ("codex", "claude")
STATES = (None, "running", "completed", "failed")
COLUMNS = {
    "agent_name": st.sampled_from(AGENTS),
    "state": st.sampled_from(STATES),
    "started_at": st.integers(0, 9).map(at),
    "ended_at": st.none() | st.integers(10, 19).map(at),
    "heartbeat_at": st.none() | st.integers(20, 29).map(at),
    "exit_code": st.sampled_from([None, 0, 1]),
    "verdict": st.sampled_from([None, *VERDICTS]),
    "tokens_total": st.none() | st.integers(0, 10**9),
    "cost_usd": st.none() | st.sampled_from([0.25, 1.5, 8.0]),  # sums of them are exact
}
IDS = st.sampled_from(["a", "b", "c", "d"])


@settings(max_examples=20, deadline=None)
@given(st.data())
async def test_sessions_are_counted_after_every_change(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    database = SampleDatabase(tmp_path_factory.mktemp("sessions") / "wrapper.db")
    for _ in range(data.draw(st.integers(1, 12))):
        change(database, data)
    rows = [dict(row) for row in database.rows("SELECT * FROM process_sessions")]
    async with ReadPool(database.path, size=1) as pool:
        reader = SQLiteReader(pool)
        check_totals(await reader.overall_stats(), rows)
        for agent in AGENTS:
            check_totals(await reader.agent_stats(agent), [row for row in rows if row["agent_name"] == agent])
        await check_pages(reader, rows)
    database.close()


def change(database: SampleDatabase, data: Any) -> None:
    """A new session, other values of one that is there, or one less."""
    session_id = data.draw(IDS)
    if not database.rows("SELECT 1 FROM process_sessions WHERE session_id = ?", session_id):
        database.session(session_id, **data.draw(st.fixed_dictionaries(COLUMNS)))
    elif data.draw(st.booleans()):
        values = data.draw(st.fixed_dictionaries({}, optional=COLUMNS))
        for name, value in values.items():
            database.rows(f"UPDATE process_sessions SET {name} = ? WHERE session_id = ?", value, session_id)
    else:
        database.rows("DELETE FROM process_sessions WHERE session_id = ?", session_id)


def check_totals(stats: Any, rows: list[dict[str, Any]]) -> None:
    ended = [row for row in rows if row["ended_at"]]
    tokens, costs = ([row[name] for row in rows if row[name] is not None] for name in ("tokens_total", "cost_usd"))
    signs = [row["ended_at"] or row["heartbeat_at"] or row["started_at"] for row in rows]
    assert stats.total_sessions == len(rows)
    well = [
        row for row in ended if row["exit_code"] == 0 and row["verdict"] not in ("failed", "gave_up", "interrupted")
    ]
    assert stats.success_rate == (len(well) / len(ended) if ended else None)
    assert stats.first_seen == min((row["started_at"] for row in rows), default=None)
    assert stats.last_seen == max(signs, default=None)
    assert stats.tokens_total == (sum(tokens) if tokens else None)
    assert stats.cost_usd == (sum(costs) if costs else None)


async def check_pages(reader: SQLiteReader, rows: list[dict[str, Any]]) -> None:
    for agent in (None, *AGENTS):
        for state in STATES:
            for active in (None, True, False):
                found = [
                    row["id"]
                    for row in sorted(rows, key=lambda row: (row["started_at"], row["id"]), reverse=True)
                    if agent in (None, row["agent_name"])
                    and state in (None, row["state"])
                    and active in (None, row["ended_at"] is None)
                ]
                page = await reader.sessions(SessionFilter(agent, state, active), PageRequest())
                assert ([session.id for session in page.rows], page.total) == (found, len(found))


async def test_the_states_are_counted(tmp_path: Path) -> None:
    database = SampleDatabase(tmp_path / "wrapper.db")
    for session_id, state in (("a", "running"), ("b", "running"), ("c", None)):
        database.session(session_id, state=state)
    database.rows("UPDATE process_sessions SET state = 'failed' WHERE session_id = 'b'")
    async with ReadPool(database.path, size=1) as pool:
        stats = await SQLiteReader(pool).overall_stats()
    assert stats.sessions_by_state == {"running": 1, "failed": 1}
    database.close()
