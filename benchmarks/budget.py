"""A measured figure beside its budget, and what the benchmarks share: the programs they run and how long those take."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

WRAPPER = str(Path(sys.executable).parent / "wrapper")


class Measurement(NamedTuple):
    """One row of the report. `met` is None for a figure that has no budget of its own."""

    what: str
    budget: str
    measured: str
    met: bool | None


def wrapper_command(folder: Path, *options: str) -> list[str]:
    """`wrapper` with database and recordings in `folder`; `--` and the agent's command are to follow."""
    return [
        WRAPPER,
        "bench",
        "--enable-db",
        "--db",
        f"{folder}/bench.db",
        "--recordings",
        f"{folder}/recordings",
        *options,
    ]


def environment() -> dict[str, str]:
    """Ours, without settings of the user's that would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WRAPPER_")}


def seconds(command: Sequence[str]) -> float:
    """How long a command takes until it has ended well, its output thrown away."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment())
    return time.perf_counter() - start


def medians(rounds: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over the rounds."""
    rows = list(rounds)
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def ratio(what: str, value: float, reference: float, limit: float, name: str) -> Measurement:
    """`value` against `limit` times the `reference` (both seconds) that is called `name`."""
    measured = f"{value:.3f} s = {value / reference:.2f} of {reference:.3f} s"
    return Measurement(what, f"≤ {limit:.3g} of {name}", measured, value <= limit * reference)


def table(rows: Sequence[Measurement]) -> str:
    """The rows as text, in columns."""
    verdicts = {True: "met", False: "NOT MET", None: ""}
    cells = [("what", "budget", "measured", ""), *((*row[:3], verdicts[row.met]) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    return "\n".join("  ".join((*map(str.ljust, row[:3], widths), row[3])).rstrip() for row in cells)
