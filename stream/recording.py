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

RESERVE, _RESERVED = "reserve", 4096  # a file that gives its room to the last records when the disk is full
# Linux takes 6 MB of arguments at the most. They stand here twice, and JSON may take six bytes for a byte of them.
_HEADER_BYTES = 64 << 20


class RecordingError(Exception):
    """A recording that cannot be made or read. The message names its path."""


class RecordingHeader(NamedTuple):
    """What a recording says about itself.

    `started` is µs since the epoch. `mode` tells how the streams were connected, one word each for stdin, stdout and
    stderr: `pty` or `pipe` (`pipe` for whatever was not a terminal). `database` is the file that the run was stored
    in, or None; `patterns` the user's pattern files. `columns` and `rows` are 0 without a terminal. `environ` holds
    allowed variables only. `redact` says that secrets are masked before the database; `redacted`, whether they have
    been masked in the recording itself, None where nobody asked for it.
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
    patterns: tuple[str, ...] = ()
    kind: str | None = None
    redact: bool = True
    redacted: bool | None = None

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
    "PATTERNS": "patterns",
    "KIND": "kind",
    "REDACT": "redact",
    "REDACTED": "redacted",
}
_NEWER = ("KIND", "REDACT", "REDACTED")  # recordings made before have them not
_LISTS = ("command", "mode", "patterns")


def safe_name(agent: str) -> str:
    """An agent's name as a directory name: what is not a letter, digit, `.`, `_` or `-` becomes `_`."""
    return re.sub(r"[^\w.-]", "_", agent, flags=re.ASCII).lstrip(".")[:64] or "_"


def open_private(path: str, flags: int) -> int:
    """An opener for `open`: a file that it makes is readable by its owner alone."""
    return os.open(path, flags, 0o600)


class RecordingWriter:
    """Appends to a new recording. Not thread-safe.

    Every method raises `OSError` when the disk does not take it, and has then recorded nothing: what was appended in
    part is taken back, so that a later attempt goes on from a whole recording.
    """

    def __init__(self, directory: Path, header: RecordingHeader) -> None:
        self.directory = directory
        self._last = 0
        for folder in (directory.parent.parent, directory.parent, directory):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._timing = _Appended(directory / TIMING)
        self._logs: dict[str, _Appended] = {}
        try:
            fcntl.flock(self._timing.fd, fcntl.LOCK_EX)
            self._logs["stdout"] = _Appended(directory / LOGS["stdout"])
            if header.mode[1:] != ("pty", "pty"):
                self._logs["stderr"] = _Appended(directory / LOGS["stderr"])
            self._timing.append(format_headers(header))
            with open(directory / RESERVE, "wb", opener=open_private) as reserve:
                reserve.write(bytes(_RESERVED))
        except OSError:
            self.discard()
            raise

    def output(self, stream: str, data: bytes | memoryview, at: int) -> None:
        """Appends what was read from `stream` at `at` (µs since the start)."""
        log = self._logs[stream]
        before = log.size
        log.append(data)
        try:
            self._timing.append(format_output(KINDS[stream], at - self._last, len(data)))
        except OSError:
            log.truncate(before)
            raise
        self._last = at

    def gap(self, lost: Mapping[str, int], at: int) -> None:
        """So many bytes of each stream were not recorded, up to here."""
        records = [format_signal("GAP", at, {"STREAM": stream, "BYTES": size}) for stream, size in lost.items()]
        self._append_last(b"".join(records))

    def resize(self, columns: int, rows: int, at: int) -> None:
        """The terminal has another size from here on."""
        self._timing.append(format_signal("SIGWINCH", at, {"ROWS": rows, "COLS": columns}))

    def signal(self, name: str, at: int) -> None:
        """The agent was sent a signal that asks it to end (`SIGINT`)."""
        self._timing.append(format_signal(name, at, {}))

    def state(self, state: str, at: int, **fields: object) -> None:
        """The agent is in another state (`running`, `paused`, `resumed`)."""
        self._timing.append(format_signal("STATE", at, {"NAME": state, **fields}))

    def quiet(self, at: int) -> None:
        """Nothing has come for a moment: what was written at once has been."""
        self._timing.append(format_signal("QUIET", at, {}))

    def idle(self, at: int) -> None:
        """Nothing has come for the settle window: what stands on the screen stands."""
        self._timing.append(format_signal("IDLE", at, {}))

    def finish(self, exit_code: int, at: int, signal: str | None = None) -> None:
        """The agent ended with this status (128+n after a signal, whose name is given). The recording is whole."""
        last = format_header("DURATION", format_seconds(at), at - self._last)
        if signal is not None:
            last += format_header("SIGNAL", signal)
        self._append_last(last + format_header("EXIT_CODE", exit_code))
        self._last = at

    def close(self) -> None:
        """Closes the files and lets go of the lock."""
        for file in (*self._logs.values(), self._timing):
            os.close(file.fd)
        self._logs = {}
        (self.directory / RESERVE).unlink(missing_ok=True)

    def discard(self) -> None:
        """Takes the whole recording back: there was nothing to record."""
        self.close()
        for name in (TIMING, *LOGS.values()):
            (self.directory / name).unlink(missing_ok=True)
        self.directory.rmdir()
        if not any(self.directory.parent.iterdir()):
            self.directory.parent.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _append_last(self, records: bytes) -> None:
        """Appends what must find room even on a full disk: the reserve is given up for it."""
        try:
            self._timing.append(records)
        except OSError:
            (self.directory / RESERVE).unlink(missing_ok=True)
            self._timing.append(records)


class _Appended:
    """A new file that is appended to, whole or not at all; `size` in bytes."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.size = 0

    def append(self, data: bytes | memoryview) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self.fd, memoryview(data)[written:] if written else data)
        except OSError:
            self.truncate(self.size)
            raise
        self.size += written

    def truncate(self, size: int) -> None:
        os.ftruncate(self.fd, size)
        self.size = size


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
        values = _headers(directory)
        fields = {field: values[name] for name, field in _FIELDS.items() if name in values or name not in _NEWER}
        return RecordingHeader(
            **fields | {name: _texts(fields[name]) for name in _LISTS},
            started=parse_timestamp(values["START_TIME"]),
            columns=int(values.get("COLUMNS", 0)),
            rows=int(values.get("LINES", 0)),
        )
    except (OSError, TimingError, ValueError, KeyError, TypeError) as error:
        raise RecordingError(f"{directory} is not a recording ({type(error).__name__}: {error})") from error


def _headers(directory: Path) -> dict[str, Any]:
    """What the first lines of the timing file say, by their names."""
    values: dict[str, Any] = {}
    room = _HEADER_BYTES
    with (directory / TIMING).open("rb") as file:
        while line := file.readline(room):
            for record in parse_timing(line):
                if record.kind != "H":
                    return values
                values[record.name] = record.value
            room -= len(line)
    return values


def _texts(values: Any) -> tuple[str, ...]:
    if isinstance(values, list) and all(isinstance(value, str) for value in values):
        return tuple(values)
    raise TypeError(f"{values!r} is no list of texts")


def is_being_written(directory: Path) -> bool:
    """Whether the process that makes this recording still lives."""
    with (directory / TIMING).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
