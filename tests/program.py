"""Running the installed program the way a user does, and looking at what it left."""

import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

TIMEOUT = 300.0  # seconds after which a test gives up waiting: only a broken program takes that long
LOW_PORTS = 20_000, 30_000  # below those that Linux hands out

# All that is made from recordings, ids and block ownership aside.
CONTENTS = (
    """SELECT agent_name, session_id, timestamp, event_type, pattern, matched_value, original_line, line_number,
           metadata_json, risk_level, stream, byte_offset FROM extraction_events ORDER BY session_id, id""",
    """SELECT session_id, state, exit_code, started_at, ended_at, total_lines_processed, total_extraction_events,
           total_feedback_outcomes FROM process_sessions ORDER BY session_id""",
    """SELECT session_id, state, timestamp, exit_code, metadata_json FROM process_state_changes
           ORDER BY session_id, id""",
    "SELECT * FROM metric_buckets ORDER BY 1, 2, 3, 4, 5, 6",
    """SELECT o.session_id, language, content, o.line_start, o.line_end FROM code_block_occurrences o
           JOIN code_blocks b ON b.id = block_id ORDER BY 1, 4""",
)


class Place(NamedTuple):
    """Where a test's program runs: its working directory and environment."""

    directory: Path
    environ: dict[str, str]

    @property
    def database(self) -> Path:
        return self.directory / "data" / "wrapper.db"

    @property
    def recordings(self) -> Path:
        return Path(self.environ["HOME"], ".local/state/wrapper/recordings")

    def shell(self, script: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Runs lines of shell as a user types them."""
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
            **options,
        )

    def run(self, *words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Runs `wrapper` with these words; output is bytes, input is empty unless given."""
        given: dict[str, Any] = {"input": b"", "capture_output": True, "env": self.environ} | options
        return subprocess.run(["wrapper", *words], cwd=self.directory, timeout=TIMEOUT, check=False, **given)

    def start(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Starts `wrapper` with these words and leaves it running."""
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL, "env": self.environ} | options
        return subprocess.Popen(["wrapper", *words], cwd=self.directory, **given)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows from the database."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql, values).fetchall()

    def recording(self) -> Path:
        """The directory of the only recording there is."""
        (timing,) = self.recordings.glob("*/*/timing")
        return timing.parent


def new_place(folder: Path) -> Place:
    """An empty home and working directory below `folder`, and an environment without anything of ours.

    Runs wait until all is stored, on the slowest machine too: a test that is about the wait says how long it is.
    """
    home, work = folder / "home", folder / "work"
    home.mkdir()
    work.mkdir()
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("WRAPPER_", "XDG_", "PYTHON"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{keep['PATH']}"
    ours = {"HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8", "WRAPPER_DRAIN_TIMEOUT": str(TIMEOUT)}
    return Place(work, keep | ours)


def wait_until(condition: Callable[[], Any], what: str, pause: float = 0.01) -> Any:
    """The first true value of `condition`; fails when it does not come."""
    deadline = time.monotonic() + TIMEOUT
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(pause)
    return value


@contextmanager
def serving(place: Place, *options: str) -> Iterator[str]:
    """A running `wrapper serve` on a free port; its address."""
    server = place.start("serve", "--port", "0", *options, stderr=subprocess.PIPE)
    assert server.stderr is not None
    try:
        address = ""
        while not address:
            line = server.stderr.readline().decode()
            assert line, "the server ended"
            address = next((word.rstrip("/.,") for word in line.split() if word.startswith("http://")), "")
        yield address
    finally:
        server.terminate()
        server.stderr.close()
        server.wait(TIMEOUT)


def complaints(stderr: bytes | str) -> str:
    """What stands on stderr, without the line that tells who waits for a slow machine that it is still at work."""
    text = stderr if isinstance(stderr, str) else stderr.decode()
    return text.replace("wrapper: storing the rest of the recording …\n", "")


def unclaimed_port() -> int:
    """A port to come back to. The kernel gives nobody else one as low as this while it is free."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(*LOW_PORTS)))
            return int(probe.getsockname()[1])


def read_json(text: str | bytes) -> Any:
    return json.loads(text)
