"""How late the events of a replay arrive: a recording of ten seconds over HTTP, at speed 1, 2 and 5.

The server runs in a process of its own. The clock starts when the client has the first event, so what is measured is
what a viewer sees. Budget: 20 ms.
"""

import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from httpx_sse import connect_sse

from benchmarks.budget import Measurement, table
from data.sqlite.recording_store import SQLiteRecordingStore
from stream.recording import RecordingHeader, RecordingWriter
from stream.records import Batch, Checkpoint, ExtractionEvent, Session, StateChange
from stream.timestamps import format_timestamp

BUDGET_MS = 20.0
SPEEDS = (1, 2, 5)
SECONDS = 10
READS = 2000

_SERVE = "import sys, pathlib, wrapper.server as s; s.serve(pathlib.Path(sys.argv[1]), '127.0.0.1', 0)"
# Wakes up every five milliseconds for so many seconds, and prints how late each time.
_SLEEPER = """
import sys, time
start, late = time.monotonic(), []
for step in range(int(float(sys.argv[1]) * 200)):
    time.sleep(max(0, start + step / 200 - time.monotonic()))
    late.append(1000 * (time.monotonic() - start - step / 200))
print(*late)
"""
_STARTED = 1_795_305_600_000_000


def record(folder: Path) -> Path:
    """A session with output at random times and an extraction at every tenth of them; returns its database."""
    source = random.Random(1)
    times = sorted(source.randrange(SECONDS * 1_000_000) for _ in range(READS))
    header = RecordingHeader("timed", "bench", ("true",), "/", _STARTED)
    directory = folder / "recordings" / "bench" / "timed"
    with RecordingWriter(directory, header) as writer:
        for at in times:
            writer.output("stdout", source.randbytes(source.choice([20, 200, 4000])).hex().encode() + b"\n", at)
        writer.finish(0, SECONDS * 1_000_000)
    _store(folder / "wrapper.db", directory, times[::10])
    return folder / "wrapper.db"


def lateness(url: str, speed: int) -> list[float]:
    """Milliseconds that each event came after it was due, in their order."""
    late = []
    with httpx.Client(timeout=60) as client, connect_sse(client, "GET", url, params={"speed": speed}) as source:
        events = source.iter_sse()
        next(events)
        start = time.monotonic()
        for event in events:
            now = time.monotonic()
            data = event.json()
            late.append(1000 * (now - start - data.get("t", SECONDS) / speed))
    return late


def measure(scratch: Path) -> list[Measurement]:
    """One row for each speed."""
    database = record(scratch)
    with subprocess.Popen([sys.executable, "-c", _SERVE, str(database)], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        announced = re.search(r"http://\S+", server.stderr.readline())
        assert announced is not None
        try:
            return [_row(f"{announced[0]}/api/replay/session/timed", speed) for speed in SPEEDS]
        finally:
            server.terminate()


def _row(url: str, speed: int) -> Measurement:
    """Not judged where the machine itself is late: a program that only sleeps runs beside the replay."""
    command = [sys.executable, "-c", _SLEEPER, str(SECONDS / speed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sleeper:
        late = sorted(lateness(url, speed))
        slept = sorted(float(line) for line in sleeper.communicate()[0].split())
    measured = f"{len(late)} events: {_spread(late)} (a bare sleep beside it: {_spread(slept)})"
    met = None if slept[-1] > BUDGET_MS / 2 else late[-1] <= BUDGET_MS
    return Measurement(f"replay at speed {speed}: how late an event comes", f"≤ {BUDGET_MS:g} ms", measured, met)


def _spread(late: list[float]) -> str:
    p50, p99, worst = (late[round(share * (len(late) - 1))] for share in (0.5, 0.99, 1.0))
    return f"p50 {p50:.1f}, p99 {p99:.1f}, max {worst:.1f} ms"


def _store(path: Path, directory: Path, times: list[int]) -> None:
    ended = format_timestamp(_STARTED + SECONDS * 1_000_000)
    session = Session("bench", "timed", started_at=format_timestamp(_STARTED), recording_path=str(directory))
    with SQLiteRecordingStore.open(path) as store:
        store.open_session(session)
        store.commit(
            Batch(
                "timed",
                Checkpoint(1, 0, 0, 0, 0, "", ""),
                events=tuple(
                    ExtractionEvent("bench", "timed", format_timestamp(_STARTED + at), "metric", "tick") for at in times
                ),
                state_changes=(
                    StateChange("timed", format_timestamp(_STARTED), "started"),
                    StateChange("timed", ended, "completed", 0),
                ),
            )
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(table(measure(Path(folder))))
