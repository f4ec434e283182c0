"""From a line that the agent writes to its row, as another process sees it: 50 lines a second, one event each.

The first lines of a run wait for the indexer to start; they are left out of the percentiles and shown apart.
"""

import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.budget import Measurement, environment, table, wrapper_command

LINES = 300
WARM_UP = 50

_POLL = 0.0005  # seconds between two looks at the database
_PATIENCE = 60.0  # seconds without any row after which something must be wrong
_AGENT = """
import sys, time
for number in range(int(sys.argv[1])):
    print("Error:", time.monotonic_ns(), flush=True)
    time.sleep(0.02)
"""


def measure(scratch: Path, lines: int = LINES) -> list[Measurement]:
    """All rows. The clock is the one that all processes of the machine share."""
    count = WARM_UP + lines
    command = [*wrapper_command(scratch, "--no-pty"), "--", sys.executable, "-c", _AGENT, str(count)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment()):
        delays = list(_delays(_when_there(scratch / "bench.db"), count))
    percentiles = statistics.quantiles(delays[WARM_UP:], n=100, method="inclusive")
    return [
        _row("p50", percentiles[49], 20),
        _row("p99", percentiles[98], 100),
        Measurement("the first line of a run → row visible", "", f"{delays[0]:.1f} ms", None),
    ]


def _row(name: str, delay: float, limit: float) -> Measurement:
    return Measurement(f"line written → row visible, {name}", f"≤ {limit:g} ms", f"{delay:.1f} ms", delay <= limit)


def _when_there(path: Path) -> sqlite3.Connection:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            database.execute("SELECT 1 FROM extraction_events")
        except sqlite3.OperationalError:
            time.sleep(_POLL)
        else:
            return database
    raise TimeoutError(f"no table extraction_events in {path} after {_PATIENCE:g} s")


def _delays(database: sqlite3.Connection, count: int) -> Iterator[float]:
    """Milliseconds, one for each row, as the rows appear."""
    last, version, deadline = 0, -1, time.monotonic() + _PATIENCE
    while count > 0:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{count} rows are missing after {_PATIENCE:g} s")
        if version == (version := database.execute("PRAGMA data_version").fetchone()[0]):
            time.sleep(_POLL)
            continue
        rows = database.execute("SELECT id, matched_value FROM extraction_events WHERE id > ?", (last,)).fetchall()
        now = time.monotonic_ns()
        last = rows[-1][0] if rows else last
        count -= len(rows)
        for _, written in rows:
            yield (now - int(written)) / 1e6


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="latency-") as scratch_name:
        print(table(measure(Path(scratch_name))))
