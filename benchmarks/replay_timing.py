"""Replays over HTTP: how late events come at five speeds, fifty replays at once, and how soon a command takes effect.

The server runs in a process of its own. The clock starts when the client has the first event, so what is measured is
what a viewer sees. Budgets: an event 20 ms, a command 100 ms, both p99.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

from benchmarks.budget import Measurement, table
from benchmarks.event_streams import Served, listen, percentile, post, resident, served, spread
from data.sqlite.recording_store import SQLiteRecordingStore
from stream.recording import RecordingHeader, RecordingWriter
from stream.records import Batch, Checkpoint, ExtractionEvent, Session, StateChange
from stream.timestamps import format_timestamp

BUDGET_MS = 20.0
CONTROL_BUDGET_MS = 100.0
MEMORY_BUDGET = 100_000_000  # bytes of the server, whatever it replays
SPEEDS = (0.5, 1, 2, 5, 10)
SECONDS = 10
READS = 2000
AT_ONCE = 50
COMMANDS = 100

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
    silent = directory.with_name("silent")
    with RecordingWriter(silent, header._replace(session_id="silent")) as writer:
        writer.output("stdout", b"now", 0)
        writer.output("stdout", b"in ten hours", 36_000_000_000)
        writer.finish(0, 36_000_000_000)
    _store(folder / "wrapper.db", silent, [])
    return folder / "wrapper.db"


def measure(scratch: Path) -> list[Measurement]:
    """A row for each speed, one for many replays at once, one for commands."""
    with served(record(scratch)) as server:
        rows = [_row(server, speed) for speed in SPEEDS]
        return [*rows, _many(server), _commands(server)]


async def lateness(port: int, speed: float) -> list[float]:
    """Milliseconds that each event came after it was due, in their order."""
    late = []
    async with aclosing(listen(port, f"/api/replay/session/timed?speed={speed:g}")) as events:
        start = (await anext(events)).at
        async for event in events:
            due = _time(event.data) / speed
            late.append(1000 * (event.at - start - due))
            if event.name == "replay_complete":
                break
    return late


def _time(data: bytes) -> float:
    """`t` comes first in the data; parsing all of it would make the client late."""
    return float(data[5 : data.index(b",")]) if data.startswith(b'{"t":') else SECONDS


async def many(port: int, pid: int) -> tuple[list[float], int]:
    """The lateness of all events of many replays at once, and the server's memory in their midst."""
    replays = [asyncio.create_task(lateness(port, 1)) for _ in range(AT_ONCE)]
    await asyncio.sleep(SECONDS / 2)
    memory = resident(pid)
    return [late for replay in await asyncio.gather(*replays) for late in replay], memory


async def control_delays(port: int) -> list[float]:
    """Milliseconds from a command (a jump) to its effect, in a replay that waits for hours."""
    delays = []
    async with aclosing(listen(port, "/api/replay/session/silent")) as events:
        replay_id = json.loads((await anext(events)).data)["replay_id"]
        for number in range(COMMANDS):
            start = time.monotonic()
            sent = asyncio.create_task(post(port, f"/api/replay/control/{replay_id}/seek", f'{{"t": {number % 7}}}'))
            while (event := await anext(events)).name != "keyframe":
                continue
            delays.append(1000 * (event.at - start))
            await sent
    return delays


def _row(server: Served, speed: float) -> Measurement:
    """Not judged where the machine itself is late: a program that only sleeps runs beside the replay."""
    command = [sys.executable, "-c", _SLEEPER, str(SECONDS / speed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sleeper:
        late = asyncio.run(lateness(server.port, speed))
        slept = sorted(float(line) for line in sleeper.communicate()[0].split())
    measured = f"{len(late)} events: {spread(late)} (a bare sleep beside it: {spread(slept)})"
    met = None if percentile(slept, 0.99) > BUDGET_MS / 2 else percentile(late, 0.99) <= BUDGET_MS
    return Measurement(f"replay at speed {speed:g}: how late an event comes", f"p99 ≤ {BUDGET_MS:g} ms", measured, met)


def _many(server: Served) -> Measurement:
    late, memory = asyncio.run(many(server.port, server.pid))
    measured = f"{memory / 1e6:.0f} MB; {len(late)} events: {spread(late)}"
    budget = f"≤ {MEMORY_BUDGET / 1e6:.0f} MB"
    return Measurement(f"{AT_ONCE} replays at once", budget, measured, memory <= MEMORY_BUDGET)


def _commands(server: Served) -> Measurement:
    delays = asyncio.run(control_delays(server.port))
    met = percentile(delays, 0.99) <= CONTROL_BUDGET_MS
    return Measurement("a command to a replay → its effect", f"p99 ≤ {CONTROL_BUDGET_MS:g} ms", spread(delays), met)


def _store(path: Path, directory: Path, times: list[int]) -> None:
    ended = format_timestamp(_STARTED + SECONDS * 1_000_000)
    session_id = directory.name
    session = Session("bench", session_id, started_at=format_timestamp(_STARTED), recording_path=str(directory))
    with SQLiteRecordingStore.open(path) as store:
        store.open_session(session)
        store.commit(
            Batch(
                session_id,
                Checkpoint(1, 0, 0, 0, 0, "", ""),
                events=tuple(
                    ExtractionEvent("bench", session_id, format_timestamp(_STARTED + at), "metric", "tick")
                    for at in times
                ),
                state_changes=(
                    StateChange(session_id, format_timestamp(_STARTED), "started"),
                    StateChange(session_id, ended, "completed", 0),
                ),
            )
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(table(measure(Path(folder))))
