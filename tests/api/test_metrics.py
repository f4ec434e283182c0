"""What Prometheus is told, read by its own parser; and what is said of slow statements."""

import logging
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from httpx_sse import connect_sse
from prometheus_client.parser import text_string_to_metric_families

from api.context import Settings
from data.sqlite.read_pool import ReadPool
from data.sqlite.slow_queries import LOGGER, SlowQueries
from program import wait_until
from running_server import running
from sample_database import START, SampleDatabase
from sample_recording import Read, moment, record

NOW = START + 60_000_000


@pytest.fixture
def still(database: SampleDatabase) -> Settings:
    """A server for which it is always the same time."""
    return Settings(database.path, "1.2.3", now=lambda: NOW)


def figures(client: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def test_requests_are_counted_under_the_paths_of_their_routes(client: httpx.Client, database: SampleDatabase) -> None:
    database.session("one")
    for path in ("one", "one", "two"):
        client.get(f"/api/query/session/{path}")
    client.get("/nothing")
    client.get("/api/health", headers={"Host": "evil.example"})
    client.patch("/api/health")
    found = figures(client)
    requests = "wrapper_http_requests_total"
    path = "/api/query/session/{session_id}"
    assert found[key(requests, method="GET", path=path, status="200")] == 2
    assert found[key(requests, method="GET", path=path, status="404")] == 1
    assert found[key(requests, method="GET", path="", status="404")] == 1
    assert found[key(requests, method="GET", path="", status="421")] == 1
    assert found[key(requests, method="other", path="/api/health", status="405")] == 1
    assert found[key("wrapper_http_request_seconds_count", path=path)] == 3


def test_clients_of_event_streams_are_counted_while_they_are_there(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    record(database, tmp_path / "s1", [Read(3_600_000_000, b"in an hour")], end=None)
    live, replay = (key("wrapper_sse_clients", stream=stream) for stream in ("live", "replay"))
    assert (figures(client)[live], figures(client)[replay]) == (0, 0)
    with connect_sse(client, "GET", "/api/live") as one, connect_sse(client, "GET", "/api/replay/session/s1") as two:
        readers = [one.iter_sse(), two.iter_sse()]
        assert [next(reader).event for reader in readers] == ["live_start", "session_start"]
        assert (figures(client)[live], figures(client)[replay]) == (1, 1)
    wait_until(lambda: figures(client)[live] + figures(client)[replay] == 0, "the clients' leaving")


def test_events_sessions_and_the_lag_of_their_indexers(
    database: SampleDatabase, still: Settings, tmp_path: Path
) -> None:
    record(database, tmp_path / "s1", [Read(1, b"x" * 1000), Read(2, b"y" * 500, "stderr")], end=None)
    logs = {f"{stream}_log_path": str(tmp_path / "s1" / f"{stream}.log") for stream in ("stdout", "stderr")}
    database.connection.execute(
        "UPDATE process_sessions SET stdout_log_path = :stdout_log_path, stderr_log_path = :stderr_log_path", logs
    )
    database.session("s2", agent_name="claude", heartbeat_at=moment(50_000_000), stdout_log_path=str(tmp_path / "gone"))
    database.connection.execute("INSERT INTO checkpoints VALUES ('s1', 1, 0, 600, 0, 0, '', '')")
    for start, count in (("2026-11-21T00:00:00.000000Z", 4), ("2026-11-22T00:00:00.000000Z", 3)):
        database.bucket(start, "error", count, width="1d")
        database.bucket(start, "error", count)
    database.bucket("1970-01-01T00:00:00.000000Z", "error", 7, width="all")
    with running(still) as client:
        found = figures(client)
        assert found[key("wrapper_sessions_active")] == 2
        assert found[key("wrapper_events", agent="codex", type="error")] == 7
        assert found[key("wrapper_indexer_lag_bytes", agent="codex")] == 900
        assert found[key("wrapper_indexer_lag_bytes", agent="claude")] == 0
        assert found[key("wrapper_indexer_heartbeat_age_seconds", agent="codex")] == 60
        assert found[key("wrapper_indexer_heartbeat_age_seconds", agent="claude")] == 10
        assert found[key("wrapper_database_bytes", file="main")] == database.path.stat().st_size
        database.connection.execute("UPDATE process_sessions SET ended_at = ?", (moment(0),))
        assert key("wrapper_indexer_lag_bytes", agent="codex") not in figures(client)


class SteppingClock:
    """Each look at it finds the next of these times."""

    def __init__(self, *times: float) -> None:
        self._times = list(times)

    def __call__(self) -> float:
        return self._times.pop(0) if self._times else 1000.0


@pytest.mark.anyio
async def test_a_slow_statement_is_logged_with_its_values_and_its_plan(
    database: SampleDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    # BEGIN at 0; the first SELECT from 1 to 1.04, the second to 3, ROLLBACK.
    slow = SlowQueries(database.path, 0.1, SteppingClock(0, 1, 1.04, 3))
    with caplog.at_level(logging.WARNING, LOGGER.name):
        async with ReadPool(database.path, size=1, watch=slow.watch) as pool:
            values: Mapping[str, str] = {"agent": "codex"}
            await pool.read(
                lambda connection: [
                    connection.execute("SELECT 1").fetchall(),
                    connection.execute("SELECT * FROM extraction_events WHERE agent_name = :agent", values).fetchall(),
                ]
            )
        wait_until(lambda: caplog.records, "the log")
    (logged,) = caplog.records
    text = logged.getMessage()
    assert text.startswith("1.960 s: SELECT * FROM extraction_events WHERE agent_name = 'codex'\n")
    assert "SEARCH extraction_events USING INDEX" in text


@pytest.mark.anyio
async def test_waiting_between_two_questions_is_not_slow(
    database: SampleDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    slow = SlowQueries(database.path, 0.1, SteppingClock(0, 0, 0, 500, 500, 500))
    with caplog.at_level(logging.WARNING, LOGGER.name):
        async with ReadPool(database.path, size=1, watch=slow.watch) as pool:
            for _ in range(2):
                await pool.read(lambda connection: connection.execute("SELECT 1").fetchall())
    assert caplog.records == []
