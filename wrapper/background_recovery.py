"""What interrupted runs leave is stored while the server runs, by a process of its own: no answer waits for it.

A recording that cannot be stored is tried again later and later, at the longest every hour.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

from stream.recording import TIMING, is_being_written
from wrapper.pending import pending_recordings

INTERVAL = 10.0  # seconds between two looks

_RESTING = 5.0  # seconds without a word, after which a run's own indexer should have stored the rest
_LONGEST_WAIT = 3600.0
_LONGEST_RUN = 1800.0  # seconds that a recovery may take; the next one goes on where it was stopped
_START = """
import json, os, sys
os.nice(10)
arguments = json.loads(sys.argv[1])
sys.path[:] = arguments["path"]
from pathlib import Path
from wrapper.recovery import recover_pending
for result in recover_pending(Path(arguments["recordings"])):
    told = f"is not stored yet: {result.problem}" if result.problem else f"recovered: {result.events} events"
    print(f"wrapper: session {result.session_id} {told}", file=sys.stderr)
"""


class BackgroundRecovery:
    """Looks after `recordings` from its entry to its exit."""

    def __init__(self, recordings: Path, *, interval: float = INTERVAL) -> None:
        self._recordings = recordings
        self._arguments = {
            "path": sys.path,
            "recordings": os.fspath(recordings),
        }
        self._interval = interval
        self._stopped = threading.Event()
        self._waits: dict[Path, tuple[float, float]] = {}  # when it is tried again, and how long that was put off
        self._thread = threading.Thread(target=self._run, name="recovery", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopped.set()
        self._thread.join(timeout=_RESTING)

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            due = self._due(time.monotonic())
            if due:
                self._recover()

    def _due(self, now: float) -> list[Path]:
        """Recordings that were left behind and are to be tried now."""
        left = [path for path, _ in pending_recordings(self._recordings) if _left_behind(path)]
        due = [path for path in left if self._waits.get(path, (0.0, 0.0))[0] <= now]
        put_off = {path: min(_LONGEST_WAIT, 2 * self._waits.get(path, (0.0, self._interval))[1]) for path in due}
        self._waits = {path: self._waits[path] for path in left if path in self._waits}
        self._waits |= {path: (now + wait, wait) for path, wait in put_off.items()}
        return due

    def _recover(self) -> None:
        command = [sys.executable, "-I", "-S", "-c", _START, json.dumps(self._arguments)]
        deadline = time.monotonic() + _LONGEST_RUN
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                if self._stopped.wait(0.1) or time.monotonic() > deadline:
                    process.terminate()
                    return


def _left_behind(directory: Path) -> bool:
    """Nobody writes it, and nobody has for a while."""
    try:
        resting = time.time() - (directory / TIMING).stat().st_mtime > _RESTING
        return resting and not is_being_written(directory)
    except OSError:  # removed meanwhile
        return False
