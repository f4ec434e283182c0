"""Removing recordings and what the database holds of them, for good. What is still being made is refused."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from data.sqlite.deletion import Deleted, delete_all, delete_sessions
from stream.recording import LOGS, TIMING, RecordingError, is_being_written, read_header
from wrapper.pending import settle
from wrapper.recovery import claim

_PATIENCE = 5.0  # seconds

NOTHING = Deleted(0, 0, 0, overwritten=True)


class RemovalError(Exception):
    """A session that cannot be removed now. `hint` says what the user can do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Target(NamedTuple):
    """A session to remove: whether the database has it, and its recording, if there is one."""

    session_id: str
    stored: bool
    recording: Path | None


class Removed(NamedTuple):
    """What is gone: rows, and recordings with their size in bytes."""

    rows: Deleted
    recordings: Sequence[Path]
    size: int


def remove_sessions(targets: Sequence[Target], db: Path) -> Removed:
    """Removes rows and recordings.

    Raises `RemovalError` before anything is gone if one of the sessions is running, or has no recording of ours where
    the database names one.
    """
    recordings = _recordings(targets)
    with _nobody_else(recordings):
        stored = [target.session_id for target in targets if target.stored]
        # A mark that stayed would have a recording that is half gone stored again.
        for directory in recordings:
            settle(directory)
        rows = delete_sessions(db, stored) if stored else NOTHING
        return Removed(rows, recordings, sum(map(_remove, recordings)))


def remove_everything(targets: Sequence[Target], db: Path) -> Removed:
    """Removes all rows of the database and these recordings. Raises `RemovalError` as `remove_sessions` does."""
    recordings = _recordings(targets)
    with _nobody_else(recordings):
        for directory in recordings:
            settle(directory)
        rows = delete_all(db) if db.exists() else NOTHING
        return Removed(rows, recordings, sum(map(_remove, recordings)))


def recording_of(session_id: str, path: str | None) -> Path | None:
    """The directory that the database names, unless it is gone or is another session's recording.

    One that does not say whose it is (its `timing` is damaged or gone) is not left behind in silence: removing it
    works, or is refused.
    """
    if path is None or not Path(path).is_dir():
        return None
    try:
        return Path(path) if read_header(Path(path)).session_id == session_id else None
    except RecordingError:
        return Path(path)


def _recordings(targets: Sequence[Target]) -> list[Path]:
    recordings = []
    for session_id, _, directory in targets:
        if directory is not None:
            if not _is_recording(session_id, directory):
                raise RemovalError(
                    f"the database names {directory} as the recording of session {session_id}, but it is none",
                    "look at it, move it away or remove it, and try again",
                )
            recordings.append(directory)
    return recordings


def _is_recording(session_id: str, directory: Path) -> bool:
    """Whether it is this session's: it says so itself, or has its name and our logs, or nothing at all, in it."""
    if directory.is_symlink():
        return False
    try:
        return read_header(directory).session_id == session_id
    except RecordingError:
        names = {path.name for path in directory.iterdir()}
        return directory.name == session_id and (not names or not names.isdisjoint(LOGS.values()))


@contextmanager
def _nobody_else(recordings: Sequence[Path]) -> Iterator[None]:
    """Nobody writes or indexes any of these recordings until the end of the block."""
    with ExitStack() as claims:
        for directory in recordings:
            if (directory / TIMING).exists() and is_being_written(directory):
                raise RemovalError(f"session {directory.name} is running", "stop its agent first")
            _wait_for(directory, claims)
        yield


def _wait_for(directory: Path, claims: ExitStack) -> None:
    """An indexer that has stored everything lets go a moment later."""
    deadline = time.monotonic() + _PATIENCE
    while not claims.enter_context(claim(directory)):
        if time.monotonic() > deadline:
            raise RemovalError(f"session {directory.name} is being stored", "try again when that is done")
        time.sleep(0.05)


def _remove(directory: Path) -> int:
    size = sum(path.lstat().st_size for path in directory.rglob("*"))
    shutil.rmtree(directory)
    if not any(directory.parent.iterdir()):
        directory.parent.rmdir()
    return size
