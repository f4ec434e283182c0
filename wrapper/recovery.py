"""Finishing what was interrupted: the indexer, without a child.

`<recordings>/.pending/` holds an empty file named after each recording that goes into a database and is not stored to
its end, so that finding work does not mean looking at every recording there is.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import StoreError
from stream.patterns import load_packs
from stream.recording import TIMING, RecordingError, is_being_written, read_header
from stream.repair import repair
from wrapper.indexer import Indexer
from wrapper.pending import pending_recordings, settle


class Recovered(NamedTuple):
    """What became of one recording. `problem` says why it could not be stored, `events` how many were."""

    session_id: str
    directory: Path
    events: int = 0
    problem: str = ""


@contextmanager
def claim(directory: Path) -> Iterator[bool]:
    """Whether nobody else is indexing this recording; nobody will, until the end of the block."""
    fd = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)


def recover_pending(recordings: Path, user_patterns: Sequence[Path]) -> list[Recovered]:
    """Stores every recording that was left behind, into the database that it names. Running ones are left alone."""
    results = []
    for directory in pending_recordings(recordings):
        if (directory / TIMING).exists() and is_being_written(directory):
            continue
        try:
            with claim(directory) as claimed:
                if claimed:
                    results.append(_recover(directory, user_patterns))
        except (StoreError, RecordingError, OSError, ValueError) as error:
            results.append(Recovered(directory.name, directory, problem=str(error)))
    return results


def reindex(directory: Path, db: Path, user_patterns: Sequence[Path]) -> Recovered:
    """Forgets what the database knows of this recording and makes it again.

    Raises `RecordingError` for one that is still being made or no recording, `StoreError` and `PatternError`.
    """
    header = read_header(directory)
    if not repair(directory):
        raise RecordingError(f"{header.session_id} is still running; reindex it when it has ended")
    patterns = load_packs(header.agent, user_patterns)
    with claim(directory) as claimed, SQLiteRecordingStore.open(db) as store:
        if not claimed:
            raise RecordingError(f"{header.session_id} is being indexed by another process")
        store.reset(header.session_id, patterns.digest)
        return _index(directory, header.session_id, Indexer(directory, store, patterns))


def find_recordings(recordings: Path, prefix: str = "") -> list[Path]:
    """Directories of recordings whose session id starts with `prefix`, oldest first."""
    found = [timing.parent for timing in recordings.glob(f"*/{_escape(prefix)}*/{TIMING}")]
    return sorted(found, key=lambda directory: read_header(directory).started)


def _recover(directory: Path, user_patterns: Sequence[Path]) -> Recovered:
    repair(directory)
    header = read_header(directory)
    if header.database is None:
        settle(directory)
        return Recovered(header.session_id, directory, problem="its run had no database")
    with SQLiteRecordingStore.open(Path(header.database)) as store:
        return _index(directory, header.session_id, Indexer(directory, store, load_packs(header.agent, user_patterns)))


def _index(directory: Path, session_id: str, indexer: Indexer) -> Recovered:
    try:
        while indexer.step() or not (indexer.ended or indexer.superseded):
            continue
    finally:
        indexer.close()
    if indexer.ended:
        settle(directory)
    return Recovered(session_id, directory, indexer.events)


def _escape(prefix: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in prefix)
