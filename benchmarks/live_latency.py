"""From a commit to 200 clients of the live feed: 20 commits a second of five events each, for ten seconds.

The clock starts before the commit, so that its fsync counts. Budget: p99 250 ms.
"""

import asyncio
import tempfile
import threading
import time
from contextlib import aclosing
from pathlib import Path

from benchmarks.budget import Measurement, table
from benchmarks.event_streams import listen, percentile, resident, served, spread
from data.sqlite.recording_store import SQLiteRecordingStore
from stream.records import Batch, Checkpoint, ExtractionEvent, Session
from stream.timestamps import format_timestamp

CLIENTS = 200
BUDGET_MS = 250.0

_COMMITS = 200
_PER_COMMIT = 5
_PAUSE = 0.05
_PATIENCE = 120.0


def measure(scratch: Path) -> list[Measurement]:
    """One row."""
    database = scratch / "wrapper.db"
    store(database).close()
    with served(database) as server:
        return asyncio.run(_measure(database, server.port, server.pid))


def store(database: Path) -> SQLiteRecordingStore:
    """An open store with one session."""
    opened = SQLiteRecordingStore.open(database)
    opened.open_session(Session("bench", "live", started_at=format_timestamp(0)))
    return opened


async def _measure(database: Path, port: int, pid: int) -> list[Measurement]:
    ready = asyncio.Semaphore(0)
    total = _COMMITS * _PER_COMMIT
    clients = [asyncio.create_task(_client(port, ready, total)) for _ in range(CLIENTS)]
    async with asyncio.timeout(_PATIENCE):
        for _ in clients:
            await ready.acquire()
        commits: list[float] = []
        writer = threading.Thread(target=_write, args=(database, commits))
        writer.start()
        received = await asyncio.gather(*clients)
        memory = resident(pid)
    await asyncio.to_thread(writer.join)
    late = [1000 * (at - commits[index // _PER_COMMIT]) for times in received for index, at in enumerate(times)]
    measured = f"{spread(late)}, {len(late)} events; the server holds {memory / 1e6:.0f} MB"
    met = percentile(late, 0.99) <= BUDGET_MS
    return [Measurement(f"commit → {CLIENTS} live clients", f"p99 ≤ {BUDGET_MS:g} ms", measured, met)]


async def _client(port: int, ready: asyncio.Semaphore, total: int) -> list[float]:
    """When each event came, in the order of their ids."""
    times: list[float] = []
    async with aclosing(listen(port, "/api/live?type=metric")) as events:
        async for event in events:
            if event.name == "live_start":
                ready.release()
            else:
                times.append(event.at)
                if int(event.event_id.partition(".")[0]) != len(times):
                    raise RuntimeError(f"{event.event_id} is the event number {len(times)}")
            if len(times) == total:
                break
    return times


def _write(database: Path, commits: list[float]) -> None:
    event = ExtractionEvent("bench", "live", format_timestamp(0), "metric", "tick", original_line="x" * 100)
    with store(database) as opened:
        for revision in range(1, _COMMITS + 1):
            commits.append(time.monotonic())
            opened.commit(Batch("live", Checkpoint(revision, 0, 0, 0, 0, "", ""), events=(event,) * _PER_COMMIT))
            time.sleep(_PAUSE)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="live-") as scratch_name:
        print(table(measure(Path(scratch_name))))
