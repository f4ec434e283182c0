"""A recording on disk: a directory with the raw bytes and their times. The journal that everything is made from.

    <recordings>/<agent>/<session_id>/
        timing        when, and how many bytes (`stream.timing`)
        stdout.log    the raw bytes of the agent's stdout, or of its PTY
        stderr.log    those of its stderr, unless both come from one PTY

Data is appended first, its timing record second: whoever follows reads only bytes that `timing` covers. The writer
holds an exclusive `flock` on `timing`, which the kernel drops with the process: that is how others know that it lives.
"""

import fcntl
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from stream.timestamps import format_timestamp, parse_timestamp
from stream.timing import TimingError, format_header, format_output, format_seconds, format_signal, parse_timing

TIMING = "timing"
LOGS = {"stdout": "stdout.log", "stderr": "stderr.log"}
KINDS = {"stdout": "O", "stderr": "E"}

_HEADER_BYTES = 1 << 20  # more than an argument vector may have beside it


class RecordingError(Exception):
    """A recording that cannot be made or read. The message names its path."""


class RecordingHeader(NamedTuple):
    """What a recording says about itself.

    `started` is µs since the epoch. `mode` tells how the streams were connected, one word each for stdin, stdout and
    stderr: `pty` or `pipe` (`pipe` for whatever was not a terminal). `database` is the file that the run was stored
    in, or None. `columns` and `rows` are 0 without a terminal. `environ` holds allowed variables only.
    """

    session_id: str
    agent: str
    command: tuple[str, ...]
    cwd: str
    started: int
    mode: tuple[str, str, str] = ("pipe", "pipe", "pipe")
    columns: int = 0
    rows: int = 0
    label: str | None = None
    database: str | None = None
    host: str = ""
    pid: int = 0
    boot_id: str = ""
    version: str = ""
    environ: Mapping[str, str] = {}

    @property
    def pty(self) -> bool:
        """Whether the agent's output went through a PTY."""
        return "pty" in self.mode[1:]


# Header names in the timing file, and the fields that they hold.
_FIELDS = {
    "SESSION": "session_id",
    "AGENT": "agent",
    "ARGV": "command",
    "CWD": "cwd",
    "MODE": "mode",
    "ENVIRONMENT": "label",
    "DATABASE": "database",
    "HOST": "host",
    "PID": "pid",
    "BOOT_ID": "boot_id",
    "WRAPPER_VERSION": "version",
    "ENVIRON": "environ",
}


def safe_name(agent: str) -> str:
    """An agent's name as a directory name: what is not a letter, digit, `.`, `_` or `-` becomes `_`."""
    return re.sub(r"[^\w.-]", "_", agent, flags=re.ASCII).lstrip(".")[:64] or "_"


class RecordingWriter:
    """Appends to a new recording. Not thread-safe; every method raises `OSError` when the disk does not take it."""

    def __init__(self, directory: Path, header: RecordingHeader) -> None:
        self.directory = directory
        self._last = 0
        for folder in (directory.parent.parent, directory.parent, directory):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._timing = self._open(TIMING)
        fcntl.flock(self._timing, fcntl.LOCK_EX)
        self._logs = {"stdout": self._open(LOGS["stdout"])}
        if header.mode[1:] != ("pty", "pty"):
            self._logs["stderr"] = self._open(LOGS["stderr"])
        _write(self._timing, format_headers(header))

    def output(self, stream: str, data: bytes | memoryview, at: int) -> None:
        """Appends what was read from `stream` at `at` (µs since the start)."""
        _write(self._logs[stream], data)
        _write(self._timing, format_output(KINDS[stream], at - self._last, len(data)))
        self._last = at

    def resize(self, columns: int, rows: int, at: int) -> None:
        """The terminal has another size from here on."""
        _write(self._timing, format_signal("SIGWINCH", at, {"ROWS": rows, "COLS": columns}))

    def state(self, state: str, at: int, **fields: object) -> None:
        """The agent is in another state (`running`, `paused`, `resumed`)."""
        _write(self._timing, format_signal("STATE", at, {"NAME": state, **fields}))

    def idle(self, at: int) -> None:
        """Nothing has come for the settle window: what stands on the screen stands."""
        _write(self._timing, format_signal("IDLE", at, {}))

    def finish(self, exit_code: int, at: int, signal: str | None = None) -> None:
        """The agent ended with this status (128+n after a signal, whose name is given). The recording is whole."""
        last = format_header("DURATION", format_seconds(at), at - self._last)
        if signal is not None:
            last += format_header("SIGNAL", signal)
        _write(self._timing, last + format_header("EXIT_CODE", exit_code))
        self._last = at

    def close(self) -> None:
        """Closes the files and lets go of the lock."""
        for fd in (*self._logs.values(), self._timing):
            os.close(fd)
        self._logs = {}

    def discard(self) -> None:
        """Takes the whole recording back: there was nothing to record."""
        self.close()
        for name in (TIMING, *LOGS.values()):
            (self.directory / name).unlink(missing_ok=True)
        self.directory.rmdir()

    def filenos(self) -> tuple[int, ...]:
        """The open descriptors: a forked process that does not exec must close them, or it would keep the lock."""
        return (self._timing, *self._logs.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _open(self, name: str) -> int:
        return os.open(self.directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)


def format_headers(header: RecordingHeader) -> bytes:
    """The first lines of a timing file."""
    plain: dict[str, Any] = {"START_TIME": format_timestamp(header.started)}
    if header.columns:
        plain |= {"COLUMNS": header.columns, "LINES": header.rows}
    plain |= {"COMMAND": " ".join(header.command), "TIMING_LOG": TIMING, "OUTPUT_LOG": LOGS["stdout"]}
    ours = {name: getattr(header, field) for name, field in _FIELDS.items()}
    return b"".join(format_header(name, value) for name, value in (plain | ours).items())


def read_header(directory: Path) -> RecordingHeader:
    """Raises `RecordingError` for what is not a recording."""
    try:
        with (directory / TIMING).open("rb") as file:
            data = file.read(_HEADER_BYTES)
        values: dict[str, Any] = {}
        for record in parse_timing(data):
            if record.kind != "H":
                break
            values[record.name] = record.value
        fields = {field: values[name] for name, field in _FIELDS.items()}
        fields["command"], fields["mode"] = tuple(fields["command"]), tuple(fields["mode"])
        return RecordingHeader(
            **fields,
            started=parse_timestamp(values["START_TIME"]),
            columns=int(values.get("COLUMNS", 0)),
            rows=int(values.get("LINES", 0)),
        )
    except (OSError, TimingError, ValueError, KeyError, TypeError) as error:
        raise RecordingError(f"{directory} is not a recording ({type(error).__name__}: {error})") from error


def is_being_written(directory: Path) -> bool:
    """Whether the process that makes this recording still lives."""
    with (directory / TIMING).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _write(fd: int, data: bytes | memoryview) -> None:
    written = os.write(fd, data)
    while written < len(data):
        written += os.write(fd, memoryview(data)[written:])
