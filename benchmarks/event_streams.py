"""A server in a process of its own, and clients of its event streams that cost next to nothing themselves."""

import asyncio
import re
import subprocess
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.budget import WRAPPER, environment


class Served(NamedTuple):
    """Where the server is."""

    port: int
    pid: int


class Event(NamedTuple):
    """An event, and when it came: `at` is of the monotonic clock."""

    at: float
    event_id: str
    name: str
    data: bytes


@contextmanager
def served(database: Path) -> Iterator[Served]:
    """`wrapper serve` over the database."""
    command = [WRAPPER, "serve", "--port", "0", "--db", str(database), "--recordings", str(database.parent / "none")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as server:
        assert server.stderr is not None
        told = (re.search(r"http://127\.0\.0\.1:(\d+)", line) for line in server.stderr)
        announced = next(filter(None, told), None)
        assert announced is not None, "the server ended"
        try:
            yield Served(int(announced[1]), server.pid)
        finally:
            server.terminate()


async def listen(port: int, path: str) -> AsyncGenerator[Event, None]:
    """The events of a stream."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        rest = b""
        while data := await reader.read(1 << 20):
            now = time.monotonic()
            *whole, rest = (rest + data).split(b"\n\n")
            for text in whole:
                # Without the sizes of chunks: a chunk holds whole events.
                fields = dict(
                    line.split(b": ", 1) for line in text.split(b"\n") if line[:1].islower() and b": " in line
                )
                yield Event(now, fields[b"id"].decode(), fields[b"event"].decode(), fields[b"data"])
    finally:
        writer.close()


async def post(port: int, path: str, body: str) -> None:
    """Sends a command and waits for its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    writer.write(f"{head}\r\n\r\n{body}".encode())
    answer = await reader.read()
    writer.close()
    if b" 200 " not in answer.partition(b"\r\n")[0]:
        raise RuntimeError(answer.decode())


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return sorted(values)[round(share * (len(values) - 1))]


def spread(values: Sequence[float]) -> str:
    """Percentiles of milliseconds, as text."""
    p50, p99, worst = (percentile(values, share) for share in (0.5, 0.99, 1.0))
    return f"p50 {p50:.1f}, p99 {p99:.1f}, max {worst:.1f} ms"


def resident(pid: int) -> int:
    """Bytes of memory that a process holds now. Linux only."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
