"""100 MB of an agent's output: how long the agent is held up, when all is stored, and how much memory that takes.

Through pipes beside `tee`, through a terminal beside `script` and `asciinema rec` (2.2, which the budget names; 2.4
reads more at once and takes two thirds of its time). Each round runs all of them after one another on the same corpus
and on fresh files; the figures are medians of the rounds. Linux only.
"""

import os
import pty
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.budget import Measurement, environment, medians, ratio, table, wrapper_command
from benchmarks.corpus import write_corpus
from benchmarks.memory import MEMORY_LIMIT, watched

SIZE = 100_000_000
ROUNDS = 7  # three differ by a third on a machine with two processors

_ASCIINEMA = str(Path(sys.executable).parent / "asciinema")
_AGENT = 'date +%s%N >"$1"; cat "$0"; date +%s%N >>"$1"'  # says when it began, and when its last byte was taken


class Run(NamedTuple):
    """Seconds that the agent took for its output, and seconds until all processes had ended."""

    held: float
    ended: float


def measure(scratch: Path, size: int = SIZE, rounds: int = ROUNDS) -> list[Measurement]:
    """All rows, after about a minute on two cores."""
    corpus = scratch / "corpus"
    write_corpus(corpus, size)
    memory = {"pump": 0, "indexer": 0}
    figures = medians([_round(scratch, corpus, memory) for _ in range(rounds)])
    return [*_pipe_rows(figures), *_terminal_rows(figures), *_memory_rows(memory)]


def _pipe_rows(figures: dict[str, float]) -> list[Measurement]:
    return [
        ratio("pipes: agent held", figures["pipe held"], figures["tee held"], 2, "tee"),
        ratio("pipes: all stored", figures["pipe ended"], figures["tee"], 1.5 / 0.14, "tee"),
    ]


def _terminal_rows(figures: dict[str, float]) -> list[Measurement]:
    held, ended = figures["terminal held"], figures["terminal ended"]
    return [
        ratio("terminal: agent held", held, figures["script held"], 1.3, "script -q"),
        ratio("terminal: agent held", held, figures["asciinema held"], 1, "asciinema 2.2"),
        ratio("terminal: all stored", ended, figures["script"], 2, "script -q"),
        ratio("terminal: all stored", ended, figures["asciinema"], 1, "asciinema 2.2"),
    ]


def _memory_rows(memory: dict[str, int]) -> list[Measurement]:
    return [
        Measurement(f"peak memory: {role}", "≤ 100 MB", f"{peak / 1e6:.0f} MB", peak <= MEMORY_LIMIT)
        for role, peak in memory.items()
    ]


def _round(scratch: Path, corpus: Path, memory: dict[str, int]) -> dict[str, float]:
    with _fresh(scratch) as folder:
        agent = ["sh", "-c", _AGENT, str(corpus), f"{folder}/stamp"]
        tee = _through_pipes(["sh", "-c", f"{shlex.join(agent)} | tee {folder}/copy"], folder)
    with _fresh(scratch) as folder:
        piped = _through_pipes(_recorded(folder, corpus, "--no-pty"), folder, memory)
        _check(folder, corpus)
    with _fresh(scratch) as folder:
        script = _in_terminal(["script", "-q", "-c", shlex.join(agent), f"{folder}/typescript"], folder)
    with _fresh(scratch) as folder:
        asciinema = _in_terminal([_ASCIINEMA, "rec", "-q", "-c", shlex.join(agent), f"{folder}/cast"], folder)
    with _fresh(scratch) as folder:
        shown = _in_terminal(_recorded(folder, corpus), folder, memory)
        _check(folder, corpus)
    return {
        "tee held": tee.held,
        "tee": tee.ended,
        "pipe held": piped.held,
        "pipe ended": piped.ended,
        "script held": script.held,
        "script": script.ended,
        "asciinema held": asciinema.held,
        "asciinema": asciinema.ended,
        "terminal held": shown.held,
        "terminal ended": shown.ended,
    }


@contextmanager
def _fresh(scratch: Path) -> Iterator[Path]:
    """A new folder of always the same name; nothing of it is left to be written back during the next run."""
    folder = scratch / "run"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _recorded(folder: Path, corpus: Path, *options: str) -> list[str]:
    agent = ["sh", "-c", _AGENT, str(corpus), f"{folder}/stamp"]
    return [*wrapper_command(folder, "--drain-timeout", "600", *options), "--", *agent]


def _check(folder: Path, corpus: Path) -> None:
    expected = corpus.read_bytes().count(b"\n")
    with sqlite3.connect(f"{folder}/bench.db") as database:
        stored = database.execute("SELECT total_lines_processed FROM process_sessions").fetchone()[0]
    if stored != expected:
        raise RuntimeError(f"{stored} lines are stored, {expected} were written")


def _through_pipes(command: Sequence[str], folder: Path, memory: dict[str, int] | None = None) -> Run:
    started = time.time_ns()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment())
    with watched(process.pid, memory):
        status = process.wait()
    return _finished(command, folder, started, status)


def _in_terminal(command: list[str], folder: Path, memory: dict[str, int] | None = None) -> Run:
    started = time.time_ns()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environment() | {"TERM": "xterm-256color"})
    termios.tcsetwinsize(terminal, (24, 80))
    with watched(pid, memory):
        _read_to_the_end(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return _finished(command, folder, started, status)


def _read_to_the_end(terminal: int) -> None:
    try:
        while os.read(terminal, 1 << 16):
            pass
    except OSError:
        return  # EIO: nobody has the other side open any more


def _finished(command: Sequence[str], folder: Path, started: int, status: int) -> Run:
    ended = time.time_ns()
    if status:
        raise subprocess.CalledProcessError(status, command)
    begun, written = map(int, (folder / "stamp").read_text().split())
    return Run((written - begun) / 1e9, (ended - started) / 1e9)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="throughput-") as scratch_name:
        print(table(measure(Path(scratch_name))))
