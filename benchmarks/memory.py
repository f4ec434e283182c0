"""The largest resident size of a run's processes, while it goes on. Linux only."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY_LIMIT = 100_000_000  # bytes a process, whatever the agent prints


@contextmanager
def watched(pid: int, memory: dict[str, int] | None) -> Iterator[None]:
    """Keeps the largest resident size (bytes) of the pump and of its indexer in `memory`, if there is one."""
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(pid, {} if memory is None else memory, done))
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(pid: int, memory: dict[str, int], done: threading.Event) -> None:
    while memory and not done.wait(0.05):
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            memory["pump"] = max(memory["pump"], _peak(str(pid)))
            for child in children:
                if b"indexer" in Path(f"/proc/{child}/cmdline").read_bytes():
                    memory["indexer"] = max(memory["indexer"], _peak(child))
        except FileNotFoundError:
            continue  # a process has just ended


def _peak(pid: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
