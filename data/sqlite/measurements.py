"""How far the indexers are and how much there is: figures for those who watch over the server."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from stream.timestamps import parse_timestamp

_EVENTS = "SELECT agent_name, event_type, SUM(count) FROM metric_buckets WHERE width = 'all' GROUP BY 1, 2"
_RUNNING = """
    SELECT s.agent_name, s.started_at, s.heartbeat_at, s.stdout_log_path, s.stderr_log_path,
        COALESCE(c.stdout_offset, 0) + COALESCE(c.stderr_offset, 0)
    FROM process_sessions AS s LEFT JOIN checkpoints AS c ON c.session_id = s.session_id WHERE s.ended_at IS NULL
"""
_FILES = {"main": "", "wal": "-wal", "shm": "-shm"}


class Lag(NamedTuple):
    """How far an indexer is behind its recording, and how long ago (seconds) it was last heard of."""

    bytes: int
    seconds: float


class Measurements(NamedTuple):
    """Events by agent and type; sessions that have not ended, and the greatest lag of any of them by agent."""

    events: Mapping[tuple[str, str], int]
    active: int
    lags: Mapping[str, Lag]


def measure(connection: sqlite3.Connection, now: int) -> Measurements:
    """What the database says; `now` is µs since the epoch."""
    events = {(agent, event_type): count for agent, event_type, count in connection.execute(_EVENTS)}
    running = connection.execute(_RUNNING).fetchall()
    lags: dict[str, Lag] = {}
    for agent, started, heartbeat, stdout, stderr, stored in running:
        heard = heartbeat or started
        behind = max(0, _size(stdout) + _size(stderr) - stored)
        silent = max(0.0, (now - parse_timestamp(heard)) / 1e6) if heard else 0.0
        most = lags.get(agent, Lag(0, 0.0))
        lags[agent] = Lag(max(most.bytes, behind), max(most.seconds, silent))
    return Measurements(events, len(running), lags)


def database_sizes(path: Path) -> dict[str, int]:
    """Bytes of the database's files."""
    return {name: _size(f"{path}{ending}") for name, ending in _FILES.items()}


def _size(path: str | None) -> int:
    try:
        return Path(path).stat().st_size if path else 0
    except OSError:  # removed, or on a disk that is not there
        return 0
