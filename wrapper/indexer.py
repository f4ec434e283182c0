"""The second process of a run: follows the recording and stores what happened, one transaction a batch.

It goes on where the database says it was left, so that a live run, a recovered one and one that is made again are the
same loop. A locked or broken database only delays it: the recording is the queue.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.stores import RecordingStore
from stream.agent_reader import marks
from stream.extractor import Extractor
from stream.follow import Follower, Position
from stream.lines import Reads
from stream.patterns import PatternSet
from stream.pipeline import Pipeline
from stream.recording import LOGS, RecordingHeader, read_header
from stream.records import Batch, Checkpoint, Session
from stream.secrets.masker import SecretMasker
from stream.timestamps import format_timestamp
from wrapper.fingerprint_key import fingerprint_key
from wrapper.sealed_state import seal, unseal

if TYPE_CHECKING:
    from wrapper.read_ahead import ReadAhead

BATCH_EVENTS = 1000
BATCH_BYTES = 8 << 20  # of output without any event, after which a commit saves the way
BEHIND = 1 << 18  # bytes in one step that show a backlog
_WORTH_IT = 4 << 20  # bytes left to index, from which on a second process is worth its start
HEARTBEAT = 5.0  # seconds; also the longest that a commit which only moves the checkpoint waits


class Indexer:
    """Indexes one recording into one store. `step` does what there is to do, and never waits.

    `lines` and `events` count what this one has stored; `is_behind` says that the last step had a lot to read, and
    `superseded` that another indexer has taken the recording over. After a `StoreError` make a new one: it goes on
    where the database is. `keys` is the folder of the fingerprints' key, where that is not the recording's own.
    """

    def __init__(
        self,
        directory: Path,
        store: RecordingStore,
        patterns: PatternSet,
        *,
        keys: Path | None = None,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._wall = wall
        self._clock = clock
        self._header = read_header(directory)
        self._digest = patterns.digest
        self._extractor = Extractor(patterns, marks(self._header))
        self._key = fingerprint_key(keys or directory.parent.parent) if self._header.redact else None
        self._masker = masker = SecretMasker(self._key, self._header.columns) if self._key else None
        self._pipeline = Pipeline(self._header, self._extractor, masker)
        self._ahead: ReadAhead | None = None
        self._alone = True
        store.open_session(_session(directory, self._header, patterns.digest, masker))
        checkpoint = self._resume(store)
        self._revision = checkpoint.revision if checkpoint else 0
        self._follower = Follower(directory, _position(checkpoint))
        self._committed = self._follower.position
        self._bytes = self.lines = self.events = 0
        self._last_commit = self._last_heartbeat = clock()
        self.superseded = self.is_behind = False

    @property
    def ended(self) -> bool:
        """Whether all is stored, to the recording's end."""
        return self._pipeline.ended and self._committed == self._follower.position and not self._pipeline.pending()

    def step(self) -> bool:
        """Stores what has come. Returns False when nothing had, or when somebody else does this recording."""
        items = self._follower.read()
        before = self._bytes
        for item in items:
            if isinstance(item, Reads):
                self._pipeline.feed(item)
                self._bytes += len(item.data)
            else:
                self._pipeline.record(item)
        self.is_behind = self._bytes - before >= BEHIND
        if self._should_commit(more=bool(items)):
            self._commit()
        self._beat()
        return bool(items) and not self.superseded

    def hurry(self) -> None:
        """Nobody writes to the recording any more: what is left is worth a second process, if it is much.

        The caller may have no other threads.
        """
        if not self._alone or self._follower.left() < _WORTH_IT:
            return
        self._alone = False
        from wrapper.read_ahead import ReadAhead  # few runs leave so much

        try:
            self._ahead = ReadAhead.start(self._follower, self._pipeline, self._extractor, self._masker)
        except OSError:
            return  # no process to be had: it takes longer
        self._pipeline.prepare_with(self._ahead)

    def close(self) -> None:
        """Closes the recording's files; the store is the caller's."""
        if self._ahead:
            self._ahead.close()
        self._follower.close()

    def _resume(self, store: RecordingStore) -> Checkpoint | None:
        checkpoint = store.checkpoint(self._header.session_id)
        if checkpoint is None:
            return None
        state = unseal(checkpoint.state, self._key) if self._key else checkpoint.state
        if state is None or checkpoint.config_version != self._digest:
            store.reset(self._header.session_id, self._digest)
            return None
        self._pipeline.resume(state)
        return checkpoint

    def _should_commit(self, *, more: bool) -> bool:
        if self._pipeline.pending() >= BATCH_EVENTS or self._bytes >= BATCH_BYTES:
            return True
        if more:
            return False
        stale = self._clock() - self._last_commit >= HEARTBEAT and self._committed != self._follower.position
        return bool(self._pipeline.pending()) or stale

    def _commit(self) -> None:
        findings = self._pipeline.take()
        position = self._follower.position
        self._revision += 1
        state = self._pipeline.state()
        checkpoint = Checkpoint(
            revision=self._revision,
            timing_offset=position.timing,
            stdout_offset=position.stdout,
            stderr_offset=position.stderr,
            clock=position.clock,
            state=seal(state, self._key) if self._key else state,
            config_version=self._digest,
        )
        batch = Batch(self._header.session_id, checkpoint, *findings)
        self.superseded = not self._store.commit(batch)
        self._committed = position
        self._bytes = 0
        self.lines += findings.lines
        self.events += len(findings.events)
        self._last_commit = self._clock()

    def _beat(self) -> None:
        if self._clock() - self._last_heartbeat >= HEARTBEAT:
            self._store.heartbeat(self._header.session_id, format_timestamp(int(self._wall() * 1e6)))
            self._last_heartbeat = self._clock()


def _position(checkpoint: Checkpoint | None) -> Position:
    if checkpoint is None:
        return Position()
    return Position(checkpoint.timing_offset, checkpoint.stdout_offset, checkpoint.stderr_offset, checkpoint.clock)


def _session(directory: Path, header: RecordingHeader, digest: str, masker: SecretMasker | None) -> Session:
    logs = {stream: directory / name for stream, name in LOGS.items()}
    return Session(
        agent_name=header.agent,
        session_id=header.session_id,
        environment=header.label,
        started_at=format_timestamp(header.started),
        stdout_log_path=os.fspath(logs["stdout"]),
        stderr_log_path=os.fspath(logs["stderr"]) if logs["stderr"].exists() else None,
        extraction_config_version=digest,
        recording_path=os.fspath(directory),
        command=masker.mask_words(header.command) if masker else header.command,
        heartbeat_at=None,
    )
