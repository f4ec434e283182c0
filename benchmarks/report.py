"""What `make bench` prints: each budget, what was measured, and whether it was met. Always exits 0."""

import sys
import tempfile
from pathlib import Path

from benchmarks import (
    extremes,
    first_paint,
    http_load,
    labels,
    latency,
    live_latency,
    queries,
    replay_timing,
    screens,
    session_opening,
    startup,
    throughput,
)
from benchmarks.budget import Measurement, table

_BENCHMARKS = (
    labels,
    startup,
    latency,
    throughput,
    screens,
    extremes,
    queries,
    http_load,
    first_paint,
    session_opening,
    live_latency,
    replay_timing,
)


def main() -> None:
    """Runs them all, each in a folder of its own; one that fails is a row that says so."""
    rows: list[Measurement] = []
    for benchmark in _BENCHMARKS:
        name = benchmark.__name__.rpartition(".")[2]
        print(f"{name} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix=f"{name}-") as scratch:
            try:
                rows += benchmark.measure(Path(scratch))
            except Exception as error:  # noqa: BLE001 - the other figures are worth having
                rows.append(Measurement(name, "", f"failed: {error}", met=False))
    print(table(rows))


if __name__ == "__main__":
    main()
