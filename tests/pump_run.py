"""The pump alone, as a program to start, and what it recorded."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pexpect

from program import TIMEOUT, wait_until
from stream.recording import LOGS, TIMING
from stream.timing import TimingRecord, parse_timing

Terminal = pexpect.spawn  # a person at a terminal
Spawn = Callable[..., "Terminal[Any]"]

ROOT = Path(__file__).parent.parent
DRIVER = ROOT / "tests" / "wrapper" / "pump_driver.py"
ENVIRON = os.environ | {"PYTHONPATH": os.fspath(ROOT)}


class Process(subprocess.Popen[bytes]):
    """A program whose streams are pipes to us, unless said otherwise."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    def type(self, data: bytes) -> None:
        os.write(self.stdin.fileno(), data)


class PumpRun:
    """One run, recorded in `directory`. `argv` starts it."""

    def __init__(self, directory: Path, *command: str, options: tuple[str, ...] = ()) -> None:
        self.directory = directory
        self.argv = [sys.executable, os.fspath(DRIVER), *options, os.fspath(directory), "--", *command]

    def run(self, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Runs it through pipes, without a controlling terminal."""
        return subprocess.run(
            self.argv,
            input=stdin,
            capture_output=True,
            env=ENVIRON,
            timeout=TIMEOUT,
            start_new_session=True,
            check=False,
        )

    @contextmanager
    def started(self, **streams: Any) -> Iterator[Process]:
        """Runs it without a controlling terminal; what is still there at the end is killed."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
        with Process(self.argv, env=ENVIRON, start_new_session=True, **streams) as process:
            watchdog = threading.Timer(TIMEOUT, process.kill)
            watchdog.start()
            try:
                yield process
            finally:
                watchdog.cancel()
                process.kill()

    def log(self, stream: str = "stdout") -> bytes:
        return (self.directory / LOGS[stream]).read_bytes()

    def timing(self) -> list[TimingRecord]:
        return list(parse_timing((self.directory / TIMING).read_bytes()))

    def states(self) -> list[str]:
        return [record.fields["NAME"] for record in self.timing() if record.name == "STATE"]

    def wait_for(self, *what: str) -> None:
        """Waits until the timing file has a record whose name or new state is among `what`, as a follower would."""
        wait_until(
            lambda: any(record.name in what or record.fields.get("NAME") in what for record in self.timing()),
            f"{what} in {self.directory / TIMING}",
        )

    def header(self, name: str) -> Any:
        return next(record.value for record in self.timing() if record.name == name)

    def agent_pid(self) -> int:
        return int(next(record.fields["PID"] for record in self.timing() if record.fields.get("NAME") == "running"))

    def ended(self) -> dict[str, Any]:
        """What the pump returned."""
        result: dict[str, Any] = json.loads(self.directory.with_suffix(".ended").read_text())
        return result
