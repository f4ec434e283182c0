"""The indexer as a process of its own: what `wrapper.indexer_link` executes.

Standard input is the doorbell: a byte when something was recorded, its end when the pump is gone. Standard output
takes reports, one JSON object a line: `{"error": …}` while the database does not take what was found, at the end
`{"stored": true, "lines": …, "events": …}`. Nothing is ever printed on the user's terminal.
"""

import gc
import json
import os
import select
import time
from pathlib import Path
from typing import Any, NoReturn

from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import StoreError
from stream.grammars.kinds import kind_of
from stream.patterns import PatternError, load_packs
from stream.recording import open_private, read_header
from stream.repair import repair
from wrapper.fingerprint_key import FingerprintKeyError
from wrapper.indexer import HEARTBEAT, Indexer
from wrapper.pending import settle
from wrapper.recovery import claim, recover_pending
from wrapper.redaction import redact_recording

NICENESS = 19  # the agent comes first: where the processor is short, we wait

_DOORBELL, _REPORTS = 0, 1
_GATHER = 0.005  # seconds in which small reads gather: indexing each on its own costs ten times as much
# While the agent prints more than can be indexed meanwhile, the indexer rests. Most such floods are over in a moment,
# and what they left is read in no time.
_FLOOD_IS_SHORT = 5.0  # seconds
_REST = 0.5  # seconds between two steps in a short one
_LONG_REST = 1.5  # times as long as each step, in a long one
_AGAIN = 0.02  # seconds after which a bell that has rung is not relied on: it does not ring for each read
_RETRY = 1.0  # seconds between attempts at a database that does not answer
_LOCK_WAIT = 5.0  # seconds that a dying pump may take to let go of its lock


def main(arguments: dict[str, Any]) -> NoReturn:
    """Follows the recording `directory` into the database `db`, with the user's `patterns`; never returns."""
    os.nice(NICENESS)
    gc.freeze()  # what was loaded stays; looking through it while it was loaded would have taken a tenth of the start
    gc.enable()
    directory = Path(arguments["directory"])
    try:
        with claim(directory, wait=True):  # another process may be recovering it, if it was quick
            _store(directory, Path(arguments["db"]), [Path(path) for path in arguments["patterns"]])
        recover_pending(directory.parent.parent)
    except (StoreError, PatternError, FingerprintKeyError) as error:
        _report(error=str(error))
    except Exception:  # noqa: BLE001 (the outermost edge: nobody above could tell the user)
        import traceback

        with open(directory / "indexer.log", "w", opener=open_private) as log:
            log.write(traceback.format_exc())
        _report(error=f"the indexer failed; see {directory / 'indexer.log'}")
    os._exit(0)


def _store(directory: Path, db: Path, user_patterns: list[Path]) -> None:
    patterns = load_packs(kind_of(read_header(directory)), user_patterns)
    doorbell = _Doorbell()
    lines = events = 0
    last = False  # attempt: nobody waits for more than one behind the pump's end
    while True:
        try:
            with SQLiteRecordingStore.open(db) as store:
                file = db.stat()
                indexer = Indexer(directory, store, patterns)
                try:
                    _follow(indexer, doorbell, directory)
                finally:
                    lines, events = lines + indexer.lines, events + indexer.events
        except StoreError as error:
            _report(error=str(error))
            if last:
                raise
            last = doorbell.closed
            doorbell.wait(_RETRY)
            time.sleep(_RETRY)
        else:
            if os.path.exists(db) and os.path.samestat(db.stat(), file):
                break
            lines = events = 0  # it was removed meanwhile (`git clean`): once more, into a new one
    # Only now, with the database closed: whoever waits for this may read it at once, and must not find it locked.
    if indexer.superseded:
        _report(error="another process has taken over")
    else:
        redact_recording(directory)
        settle(directory)
        _report(stored=True, lines=lines, events=events)


def _follow(indexer: Indexer, doorbell: "_Doorbell", directory: Path) -> None:
    """Stores the recording to its end, or until another process does."""
    timeout = HEARTBEAT
    flooded: float | None = None  # since then
    doorbell.wait(0)  # it may be all over
    try:
        while not indexer.ended and not indexer.superseded:
            if doorbell.closed:
                indexer.hurry()
            started = time.monotonic()
            if indexer.step():
                if not indexer.is_behind:
                    flooded = None
                    doorbell.rest(_GATHER)
                elif doorbell.wait(0):  # it has printed all the while
                    flooded, now = flooded or started, time.monotonic()
                    doorbell.rest(_REST if now - flooded < _FLOOD_IS_SHORT else _LONG_REST * (now - started))
            elif not doorbell.closed:
                timeout = _AGAIN if doorbell.wait(timeout) else HEARTBEAT
            elif not indexer.ended and not indexer.step():
                _repair_soon(directory)
    finally:
        indexer.close()


def _repair_soon(directory: Path) -> None:
    """The pump died without an end: its lock goes a moment later than its end of the doorbell."""
    deadline, died = time.monotonic() + _LOCK_WAIT, time.time_ns() // 1000
    while not repair(directory, died):
        if time.monotonic() > deadline:
            raise StoreError(f"{directory} is still being written by a process that does not ring")
        time.sleep(0.01)


class _Doorbell:
    """Wakes the indexer. A poll sees the pump's end at once, however it ends."""

    def __init__(self) -> None:
        self.closed = False
        self._poll = select.poll()
        self._poll.register(_DOORBELL, select.POLLIN)
        self._end = select.poll()
        self._end.register(_DOORBELL, 0)  # its end is told all the same

    def wait(self, timeout: float) -> bool:
        """Returns when it rings, when nobody can ring it any more, or, False, after `timeout` seconds."""
        ready = self._poll.poll(timeout * 1000)
        if not ready:
            return False
        self.closed = not os.read(_DOORBELL, 1 << 16) or bool(ready[0][1] & select.POLLHUP)
        return True

    def rest(self, seconds: float) -> None:
        """Returns after so many seconds, however often it rings, or when nobody can ring it any more."""
        self._end.poll(seconds * 1000)


def _report(**fields: Any) -> None:
    try:
        os.write(_REPORTS, json.dumps(fields).encode() + b"\n")
    except BrokenPipeError:
        return  # the pump has stopped waiting
