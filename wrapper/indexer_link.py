"""The pump's side of the indexer: start it, ring when bytes were recorded, wait at the end until all is stored.

Nothing here may fail or hold up the agent: an indexer that does not start or dies is reported at the end, and the
recording waits for the next command.
"""

import json
import os
import select
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_BELL_PAUSE = 0.001  # seconds between two rings; the indexer looks again after it has been rung for
_NOTICE_AFTER = 1.0  # seconds of waiting after which the user is told
_START = (
    "import gc, json, os, sys; gc.disable(); os.closerange(3, os.sysconf('SC_OPEN_MAX'));"
    "arguments = json.loads(sys.argv[1]); sys.path[:] = arguments['path'];"
    "from wrapper.indexer_process import main; main(arguments)"
)


class Stored(NamedTuple):
    """What the indexer said last. `error` is why not all is stored; it is empty when all is."""

    lines: int = 0
    events: int = 0
    error: str = ""


class IndexerLink:
    """An indexer process, from the outside."""

    def __init__(self, directory: Path, db: Path, patterns: Sequence[Path]) -> None:
        self._arguments = {
            "path": sys.path,
            "directory": os.fspath(directory),
            "db": os.fspath(db),
            "patterns": [os.fspath(path) for path in patterns],
        }
        self._doorbell = self._reports = -1
        self._rung = 0.0
        self._problem = "the indexer was not started"

    def start(self) -> None:
        """Starts it in a session of its own, at a lower priority, with nothing open but its two pipes.

        Not even what the user has opened (`3>file`): somebody may wait for its end. Isolated (`-I -S`): what it imports
        is found where we found it, whatever the user's directory or environment holds.
        """
        try:
            (doorbell, self._doorbell), (self._reports, reports) = _two_pipes()
        except OSError as error:  # no descriptors left
            self._problem = f"the indexer did not start: {error}"
            return
        os.set_blocking(self._doorbell, False)
        command = [sys.executable, "-I", "-S", "-c", _START, json.dumps(self._arguments)]
        actions = [
            (os.POSIX_SPAWN_DUP2, doorbell, 0),
            (os.POSIX_SPAWN_DUP2, reports, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        try:
            os.posix_spawn(sys.executable, command, os.environ, file_actions=actions, setsid=True)
        except OSError as error:
            self._problem = f"the indexer did not start: {error}"
        else:
            self._problem = "the indexer died"
        finally:
            os.close(doorbell)
            os.close(reports)

    def ring(self) -> None:
        """There is more to read. Never waits: a full pipe means that it knows, and so does a bell of just now."""
        now = time.monotonic()
        if now < self._rung + _BELL_PAUSE:
            return
        self._rung = now
        try:
            os.write(self._doorbell, b"\0")
        except OSError:
            return

    def wait(self, timeout: float, notice: Callable[[], None]) -> Stored:
        """Tells it that nothing more comes, and waits until all is stored; calls `notice` after a second of it."""
        if self._doorbell < 0:
            return Stored(error=self._problem)
        os.close(self._doorbell)
        started = time.monotonic()
        deadline, noticed = started + timeout, False
        poll = select.poll()
        poll.register(self._reports, select.POLLIN)
        text = b""
        error = self._problem
        while True:
            for line in text.split(b"\n")[:-1]:
                report: dict[str, Any] = json.loads(line)
                if report.get("stored"):
                    return Stored(report["lines"], report["events"])
                error = report["error"]
            text = text.rpartition(b"\n")[2]
            now = time.monotonic()
            if not noticed and now - started >= _NOTICE_AFTER:
                noticed = True
                notice()
            if now >= deadline:
                return Stored(error=error if error != self._problem else "it takes longer than --drain-timeout")
            until = deadline if noticed else min(deadline, started + _NOTICE_AFTER)
            if poll.poll(max(0.0, until - now) * 1000):
                data = os.read(self._reports, 1 << 16)
                if not data:
                    return Stored(error=error)
                text += data


def _two_pipes() -> tuple[tuple[int, int], tuple[int, int]]:
    """Both or none. Raises `OSError`."""
    one = os.pipe()
    try:
        return one, os.pipe()
    except OSError:
        for fd in one:
            os.close(fd)
        raise
