"""What `wrapper` adds to the start of a run: until the agent starts, and until all of a run of `true` is stored."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.budget import Measurement, environment, medians, ratio, seconds, table, wrapper_command

ROUNDS = 15


def measure(scratch: Path, rounds: int = ROUNDS) -> list[Measurement]:
    """Both rows; the three sides take turns."""
    reference = [sys.executable, "-c", "import click"]
    run = [*wrapper_command(scratch, "--no-pty"), "--"]
    seconds(reference)
    seconds([*run, "true"])  # makes the database
    figures = medians(
        [
            {"click": seconds(reference), "stored": seconds([*run, "true"]), "started": _until_started(run)}
            for _ in range(rounds)
        ]
    )
    click = figures["click"]
    return [
        ratio("start: until the agent starts", figures["started"], click, 1.5, "import click"),
        ratio("start: `true`, until all is stored", figures["stored"], click, 3, "import click"),
    ]


def _until_started(run: list[str]) -> float:
    """Seconds until the agent, which says what time it is, was there to say so."""
    start = time.time_ns()
    command = [*run, "date", "+%s%N"]
    said = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment())
    return (int(said.stdout) - start) / 1e9


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="startup-") as scratch_name:
        print(table(measure(Path(scratch_name))))
