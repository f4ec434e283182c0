"""One run of an agent, wired: recording, indexer and pump, in the order in which they start and stop."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from stream.recording import RecordingError, RecordingHeader, RecordingWriter, safe_name
from wrapper import clock
from wrapper.agent import fill_standard_streams
from wrapper.child import AgentNotStartedError
from wrapper.config import Settings
from wrapper.indexer_link import IndexerLink, Stored
from wrapper.interrupts import whatever_ends_us_interrupts
from wrapper.pending import mark_pending, settle
from wrapper.place import working_directory
from wrapper.pump import AgentExit, PumpOptions, run_agent
from wrapper.replies import TerminalReplies
from wrapper.terminal import stream_modes, terminal_size
from wrapper.version import VERSION
from wrapper.ways_out import ways_out

# Variables that explain an agent's output and hold no secrets; no other is recorded.
_RECORDED_VARIABLES = ("TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "SHELL")
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def run_session(
    agent: str, command: Sequence[str], settings: Settings, *, pty: bool | None, environ: Mapping[str, str]
) -> AgentExit:
    """Runs the agent, records it, and waits until what happened is stored.

    Whatever fails on our side is a line on stderr and changes nothing for the agent. Raises `AgentNotStartedError`, and
    `OSError` where there are too few descriptors for an agent.
    """
    fill_standard_streams()
    modes = stream_modes(pty, (os.isatty(0), os.isatty(1), os.isatty(2)))
    started, origin = time.time_ns() // 1000, clock.now()
    columns, rows = terminal_size(modes, environ)
    header = RecordingHeader(
        session_id=os.urandom(8).hex(),
        agent=agent,
        command=tuple(command),
        cwd=working_directory(environ),
        started=started,
        mode=modes,
        columns=columns,
        rows=rows,
        label=settings.environment,
        kind=settings.kind,
        database=os.fspath(settings.db) if settings.enable_db else None,
        host=os.uname().nodename,
        pid=os.getpid(),
        boot_id=_boot_id(),
        version=VERSION,
        environ={name: environ[name] for name in _RECORDED_VARIABLES if name in environ},
        patterns=tuple(map(os.fspath, settings.patterns)),
        redact=settings.redact,
        redacted=False if settings.redact_recording else None,
    )
    is_new_database = settings.enable_db and not os.path.exists(settings.db)
    directory = settings.recordings / safe_name(agent) / header.session_id
    recorder = _open_recording(directory, header)
    indexer = IndexerLink(directory, settings.db, settings.patterns) if recorder and settings.enable_db else None
    pids: list[int] = []

    def on_started(pid: int) -> None:
        pids.append(pid)
        if indexer:
            indexer.start()

    try:
        ended = run_agent(
            command,
            {**environ, "WRAPPER_SESSION": header.session_id},
            modes,
            recorder or _Unrecorded(),
            started=origin,
            size=(columns, rows),
            on_started=on_started,
            doorbell=indexer.ring if indexer else _silent,
            options=PumpOptions(stop_grace=settings.stop_grace),
            replies=TerminalReplies(columns, rows) if header.pty else None,
        )
    except (AgentNotStartedError, OSError):
        if recorder and not pids:
            _take_back(recorder)
        raise
    if recorder:
        with suppress(OSError):  # what cannot be closed or removed any more is no failure of the agent
            recorder.close()
        if indexer is None and settings.redact_recording:
            _redact(directory)
    if os.isatty(2):
        _write("\x1b[0m\n" if ended.open_line else "\x1b[0m")  # the agent's last line and colour are not ours
    _say_end(header, directory, _wait(indexer, settings.drain_timeout) if indexer else None)
    if is_new_database and os.path.exists(settings.db):
        _say_excluded(settings.db)
    return ended


class _Unrecorded:
    """Takes the place of a recording that could not be made."""

    def output(self, stream: str, data: bytes | memoryview, at: int) -> None: ...
    def resize(self, columns: int, rows: int, at: int) -> None: ...
    def signal(self, name: str, at: int) -> None: ...
    def state(self, state: str, at: int, **fields: object) -> None: ...
    def quiet(self, at: int) -> None: ...
    def idle(self, at: int) -> None: ...
    def gap(self, lost: Mapping[str, int], at: int) -> None: ...
    def finish(self, exit_code: int, at: int, signal: str | None = None) -> None: ...


def _open_recording(directory: Path, header: RecordingHeader) -> RecordingWriter | None:
    try:
        recorder = RecordingWriter(directory, header)
        try:
            if header.database is not None:
                mark_pending(directory, Path(header.database))
        except OSError:
            recorder.discard()
            raise
    except OSError as error:
        _say(f"cannot record to {error.filename or directory}: {error.strerror}; the agent runs unrecorded")
        return None
    return recorder


def _take_back(recorder: RecordingWriter) -> None:
    with suppress(OSError):
        settle(recorder.directory)
        recorder.discard()


def _wait(indexer: IndexerLink, timeout: float) -> Stored:
    """What is stored in the end. Who does not want to wait may interrupt us: the status is the agent's all the same."""
    try:
        with whatever_ends_us_interrupts():
            return indexer.wait(timeout, _say_waiting)
    except KeyboardInterrupt:
        return Stored(error="interrupted")


def _say_end(header: RecordingHeader, directory: Path, stored: Stored | None) -> None:
    """One line: always when something is not stored, on a terminal also when all is well."""
    if stored is not None and stored.error:
        _say(f"session {header.session_id} is recorded, but not all is stored: {stored.error}")
        others = ways_out(header.session_id, patterns=bool(header.patterns))
        _say(f"`wrapper recover` stores the rest once nothing is in its way; {others}")
    elif os.isatty(2) and stored is not None:
        lines, events = _count(stored.lines, "line"), _count(stored.events, "event")
        _say(f"recorded {lines}, {events}. Look: wrapper show {header.session_id}")
    elif os.isatty(2):
        _say(f"recorded in {directory}. To search it: wrapper reindex {header.session_id}")


def _say_excluded(db: Path) -> None:
    from wrapper.git_exclude import exclude_from_git

    if done := exclude_from_git(db):
        _say(done)


def _redact(directory: Path) -> None:
    from wrapper.redaction import redact_recording

    try:
        with whatever_ends_us_interrupts():
            redact_recording(directory)
    except (OSError, RecordingError, KeyboardInterrupt) as error:
        why = "interrupted" if isinstance(error, KeyboardInterrupt) else error
        _say(f"secrets may be left in {directory}: {why}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _say_waiting() -> None:
    _say("storing the rest of the recording …")


def _say(text: str) -> None:
    _write(f"wrapper: {text}\n")


def _write(text: str) -> None:
    with suppress(OSError):  # a closed stderr is no reason to fail
        os.write(2, text.encode("utf-8", "backslashreplace"))


def _silent() -> None:
    """The doorbell of a run without an indexer."""


def _boot_id() -> str:
    try:
        with open(_BOOT_ID) as file:
            return file.read().strip()
    except OSError:  # not Linux
        return ""
