"""Pages of a hundred events with varied filters, over loopback, while a writer adds events: requests a second, latency.

`python -m benchmarks.http_load [SECONDS [EVENTS]]` starts a server of its own over a database of its own. The load
comes from `wrk` where it is installed (Debian has it), which takes little of the machine, else from our own client.
"""

import asyncio
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.budget import WRAPPER, Measurement, environment, table
from benchmarks.large_database import AGENTS, TYPES, build, session_id
from data.sqlite.recording_store import SQLiteRecordingStore
from stream.records import Batch, Checkpoint, ExtractionEvent, Session
from stream.timestamps import format_timestamp

SECONDS, EVENTS, CONNECTIONS = 10, 200_000, 16
REQUESTS_PER_SECOND, P95 = 1000, 50.0  # ms

_PAUSE = 0.1  # between two batches of the writer
_LUA = """
local paths = {%s}
local next = 0
request = function() next = next %% #paths + 1; return wrk.format("GET", paths[next]) end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %%d %%d %%.3f %%.3f\\n", summary.requests, summary.errors.status + summary.errors.read,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000))
end
"""


class Load(NamedTuple):
    """What a run of `seconds` has shown; latencies in ms."""

    requests: int
    failed: int
    p50: float
    p95: float


def paths(number: int = 500) -> list[str]:
    """Requests for full pages, each by other filters."""
    dice = random.Random(1)
    filters = (
        lambda: f"agent={dice.choice(AGENTS)}",
        lambda: f"type={dice.choice(TYPES)}",
        lambda: f"agent={dice.choice(AGENTS[:2])}&type={dice.choice(TYPES)}",
        lambda: f"pattern=pattern_{dice.randrange(20):02}",
        lambda: f"session={session_id(dice.randrange(1000))}",
        lambda: "risk=high",
        lambda: f"after={dice.randrange(EVENTS // 2)}",
        lambda: "limit=100",
    )
    return [f"/api/query/extractions?{dice.choice(filters)()}" for _ in range(number)]


@contextmanager
def serving(database: Path) -> Iterator[int]:
    """A server of its own process; its port."""
    command = [WRAPPER, "serve", "--db", str(database), "--recordings", str(database.parent / "none"), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as server:
        assert server.stderr is not None
        try:
            yield int(re.search(r"http://[^ ]+:(\d+)", server.stderr.readline())[1])  # type: ignore[index]
        finally:
            server.terminate()


@contextmanager
def writing(database: Path) -> Iterator[None]:
    """A thread that stores a hundred events ten times a second."""
    over = threading.Event()
    writer = threading.Thread(target=_write, args=(database, over))
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def _write(database: Path, over: threading.Event) -> None:
    found = tuple(
        ExtractionEvent("codex", "f" * 16, format_timestamp(time.time_ns() // 1000), "error", "p", None, f"line {n}")
        for n in range(100)
    )
    with SQLiteRecordingStore.open(database) as store:
        store.open_session(Session("codex", "f" * 16))
        revision = 0
        while not over.wait(_PAUSE):
            revision += 1
            store.commit(Batch("f" * 16, Checkpoint(revision, 0, 0, 0, 0, "{}", "patterns"), found))


def by_wrk(wrk: str, port: int, seconds: int, folder: Path) -> Load:
    script = folder / "load.lua"
    script.write_text(_LUA % ", ".join(json.dumps(path) for path in paths()))
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    requests, failed, p50, p95 = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+)", output).groups()  # type: ignore[union-attr]
    return Load(int(requests), int(failed), float(p50), float(p95))


async def by_ourselves(port: int, seconds: int) -> Load:
    times: list[float] = []
    failed = await asyncio.gather(*(_client(port, time.monotonic() + seconds, times) for _ in range(CONNECTIONS)))
    times.sort()
    return Load(len(times), sum(failed), times[len(times) // 2] * 1000, times[int(len(times) * 0.95)] * 1000)


async def _client(port: int, until: float, times: list[float]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    wanted, failed = paths(), 0
    while (start := time.monotonic()) < until:
        path = random.choice(wanted)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1]))  # type: ignore[index]
        failed += not head.startswith(b"HTTP/1.1 200")
        times.append(time.monotonic() - start)
    writer.close()
    await writer.wait_closed()
    return failed


def measure(folder: Path, seconds: int = SECONDS, events: int = EVENTS) -> list[Measurement]:
    """Throughput and latency, by wrk if there is one."""
    database = folder / "wrapper.db"
    build(database, events)
    wrk = shutil.which("wrk")
    with serving(database) as port, writing(database):
        load = by_wrk(wrk, port, seconds, folder) if wrk else asyncio.run(by_ourselves(port, seconds))
    rate = load.requests / seconds
    assert not load.failed, f"{load.failed} requests failed"
    tool = "wrk" if wrk else "our own client"
    return [
        Measurement(
            f"HTTP, pages of 100, a writer active, {CONNECTIONS} connections of {tool}, {os.cpu_count()} processors",
            f"≥ {REQUESTS_PER_SECOND} requests/s",
            f"{rate:.0f} requests/s",
            rate >= REQUESTS_PER_SECOND,
        ),
        Measurement(
            "the same, latency", f"p95 < {P95:g} ms", f"p50 {load.p50:.1f} ms, p95 {load.p95:.1f} ms", load.p95 < P95
        ),
    ]


def main() -> None:
    """Prints the table."""
    given = [int(word) for word in sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="http-") as scratch:
        print(table(measure(Path(scratch), *given)))


if __name__ == "__main__":
    main()
