"""Output that no agent should print: how long until all is stored, and how much memory the processes take for it.

Sizes are those of the budget (one line of 1 GB), or as much as a few seconds allow. Through pipes, on Linux.
"""

import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.budget import Measurement, environment, table, wrapper_command
from benchmarks.memory import MEMORY_LIMIT, watched

_WRITE = "import os, sys; block = eval(sys.argv[1])\nfor _ in range(int(sys.argv[2])): os.write(1, block)"

# what → (a block of output as Python, how often it is written, how many lines that makes)
_EXTREMES = {
    "one line of 1 GB": ("b'x' * (1 << 20)", 1000, 1),
    "10 million empty lines": ("b'\\n' * 1_000_000", 10, 10_000_000),
    "256 MB of NUL bytes": ("bytes(1 << 20)", 256, 1),
    "64 MB of invalid UTF-8": ("b'\\xff\\xfe a line\\n' * 100_000", 64, 6_400_000),
    "an escape of 256 MB": ("b'\\x1b]0;' + b'x' * (1 << 20)", 256, 1),
    "256 MB in a fence that nobody closes": ("b'~~~\\n' + b'some code\\n' * 100_000", 256, 25_600_256),
    "a spinner of 64 MB on one line": ("b'\\rworking 12%' * 80_000", 64, 1),
}


def measure(scratch: Path) -> list[Measurement]:
    """A row for each; raises if not every line was stored."""
    rows = []
    for number, (what, (block, times, lines)) in enumerate(_EXTREMES.items()):
        folder = scratch / str(number)
        folder.mkdir()
        memory = {"pump": 0, "indexer": 0}
        options = ("--no-pty", "--drain-timeout", "600", "--", sys.executable, "-c", _WRITE, block, str(times))
        start = time.perf_counter()
        process = subprocess.Popen(
            wrapper_command(folder, *options), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment()
        )
        with watched(process.pid, memory):
            status = process.wait()
        took = time.perf_counter() - start
        with closing(sqlite3.connect(f"{folder}/bench.db")) as database:
            stored = database.execute("SELECT total_lines_processed FROM process_sessions").fetchone()[0]
        if status or stored != lines:
            raise RuntimeError(f"{what}: exit status {status}, {stored} lines of {lines} are stored")
        figures = ", ".join(f"{role} {peak / 1e6:.0f} MB" for role, peak in memory.items())
        met = max(memory.values()) <= MEMORY_LIMIT
        rows.append(Measurement(f"memory: {what}", "≤ 100 MB", f"{figures}, {took:.1f} s", met))
    return rows


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="extremes-") as scratch_name:
        print(table(measure(Path(scratch_name))))
