"""Finishing what was interrupted: the indexer, without a child.

Whoever indexes a recording claims it first and looks at it then, so that two do not do the same.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import SessionNotFoundError, StoreError
from stream.grammars.kinds import kind_of
from stream.patterns import PatternError, PatternSet, load_packs
from stream.recording import LOGS, TIMING, RecordingError, RecordingHeader, is_being_written, read_header
from stream.repair import repair
from stream.timestamps import parse_timestamp
from wrapper.fingerprint_key import folder_of_key
from wrapper.indexer import Indexer
from wrapper.pending import mark_pending, pending_recordings, settle
from wrapper.redaction import redact_recording
from wrapper.ways_out import ways_out


class Recovered(NamedTuple):
    """What became of one recording. `problem` says why it could not be stored, `events` how many were."""

    session_id: str
    directory: Path
    db: Path
    events: int = 0
    problem: str = ""


@contextmanager
def claim(directory: Path, *, wait: bool = False) -> Iterator[bool]:
    """Whether nobody else is indexing this recording; nobody will, until the end of the block.

    With `wait` it is waited for whoever is.
    """
    fd = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)


def recover_pending(recordings: Path) -> list[Recovered]:
    """Stores every recording that was left behind, into its run's database and by its run's patterns.

    Running ones are left alone. One that cannot be stored says why, and is no obstacle to the others.
    """
    results = []
    for directory, db in pending_recordings(recordings):
        try:
            result = _recover(directory, db)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with one recording, the command goes on)
            result = Recovered(directory.name, directory, db, problem=_problem(directory.name, error))
        if result is not None:
            results.append(result)
    return results


def reindex(directory: Path, db: Path, user_patterns: Sequence[Path], recordings: Path) -> Recovered:
    """Forgets what the database knows of this recording and makes it again, by these patterns or its run's.

    If it is interrupted, the next command goes on with a recording in `recordings`, the user's own; of others nothing
    is written down. Raises `RecordingError` for one that is still being made, has lost some of its bytes, or is no
    recording, `StoreError` and `PatternError`.
    """
    header = read_header(directory)
    patterns = load_packs(kind_of(header), user_patterns or _patterns_of(header))
    with claim(directory) as claimed:
        if not claimed or not repair(directory):
            raise RecordingError(f"{header.session_id} is still running or being indexed; try again when it has ended")
        with SQLiteRecordingStore.open(db) as store:
            checkpoint = store.checkpoint(header.session_id)
            if checkpoint:
                _check_size(directory, "stdout", checkpoint.stdout_offset)
                _check_size(directory, "stderr", checkpoint.stderr_offset)
            if directory.parent.parent == recordings:
                mark_pending(directory, db)
            store.reset(header.session_id, patterns.digest)
            return _index(directory, db, store, patterns, folder_of_key(directory, recordings))


def find_recordings(
    recordings: Path, prefix: str = "", *, unusable: Callable[[RecordingError], None] = lambda _: None
) -> list[Path]:
    """Directories of recordings whose session id starts with `prefix`, at any depth, oldest first.

    Those that cannot be read are left out; `unusable` gets why.
    """
    found = []
    for timing in recordings.rglob(TIMING):
        if timing.parent.name.startswith(prefix):
            try:
                found.append((read_header(timing.parent).started, timing.parent))
            except RecordingError as error:
                unusable(error)
    return [directory for _, directory in sorted(found)]


def _recover(directory: Path, db: Path) -> Recovered | None:
    with claim(directory) as claimed:
        if not claimed or is_being_written(directory):
            return None
        header = read_header(directory)
        patterns = load_packs(kind_of(header), _patterns_of(header))
        with SQLiteRecordingStore.open(db) as store:
            if not repair(directory, _last_heard(store, header.session_id)):
                return None
            return _index(directory, db, store, patterns)


def _problem(session_id: str, error: Exception) -> str:
    """Why it is not stored; where no later attempt would do better, also what the user can do."""
    text = str(error) or type(error).__name__
    by_patterns = isinstance(error, PatternError)
    if by_patterns or (isinstance(error, StoreError) and "--db" in error.hint):
        return f"{text}; {ways_out(session_id, patterns=by_patterns)}"
    return text


def _index(
    directory: Path, db: Path, store: SQLiteRecordingStore, patterns: PatternSet, keys: Path | None = None
) -> Recovered:
    indexer = Indexer(directory, store, patterns, keys=keys)
    try:
        while not indexer.ended and not indexer.superseded:
            if not indexer.step() and not indexer.ended and not indexer.superseded:
                raise RecordingError(f"{directory} has no end")
    finally:
        indexer.close()
    if indexer.ended:
        redact_recording(directory)
        settle(directory)
    return Recovered(directory.name, directory, db, indexer.events)


def _last_heard(store: SQLiteRecordingStore, session_id: str) -> int | None:
    """The indexer's last heartbeat (µs since the epoch); None if it had none."""
    try:
        heartbeat = store.find_session(session_id).heartbeat_at
    except SessionNotFoundError:
        return None
    return None if heartbeat is None else parse_timestamp(heartbeat)


def _patterns_of(header: RecordingHeader) -> list[Path]:
    return [Path(path) for path in header.patterns]


def _check_size(directory: Path, stream: str, stored: int) -> None:
    """What is stored must not be given up for less."""
    log = directory / LOGS[stream]
    size = log.stat().st_size if log.exists() else 0
    if size < stored:
        raise RecordingError(f"{log} has {size:,} bytes of the {stored:,} that are stored; it is left as it is")
