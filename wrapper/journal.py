"""What the pump writes down, and the promise that writing it down never harms the agent.

An error of the disk interrupts the recording, not the run: it is kept in `error` and said once. Recording goes on when
the disk takes it again, and what is missing is recorded as a gap.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from wrapper import clock

RETRY = 1_000_000  # µs between attempts while the disk takes nothing


class Recorder(Protocol):
    """Where a run is recorded. Every method raises `OSError` when that fails; `at` is µs since the start."""

    def output(self, stream: str, data: bytes | memoryview, at: int) -> None: ...
    def resize(self, columns: int, rows: int, at: int) -> None: ...
    def signal(self, name: str, at: int) -> None: ...
    def state(self, state: str, at: int, **fields: object) -> None: ...
    def quiet(self, at: int) -> None: ...
    def idle(self, at: int) -> None: ...
    def gap(self, lost: Mapping[str, int], at: int) -> None: ...
    def finish(self, exit_code: int, at: int, signal: str | None = None) -> None: ...


class Journal:
    """Gives each record its time. `started` is `clock.now()` of the recording's start.

    `doorbell` tells who follows the recording that there is more; `complain` gets one line when the disk does not take
    a record, and one when it does again. What came in between is counted and recorded as a gap.
    """

    def __init__(
        self, recorder: Recorder, started: int, doorbell: Callable[[], None], complain: Callable[[str], None]
    ) -> None:
        self.error: OSError | None = None
        self._recorder = recorder
        self._started = started
        self._doorbell = doorbell
        self._complain = complain
        self._lost: dict[str, int] = {}
        self._retry = 0

    def output(self, stream: str, data: memoryview) -> None:
        """Records without ringing: the data is shown first."""
        if self.error is not None:
            self._lose(stream, len(data))
            return
        try:
            self._recorder.output(stream, data, self._now())
        except OSError as error:
            self._fail(error)
            self._lose(stream, len(data))

    def resize(self, columns: int, rows: int) -> None:
        self._record(lambda at: self._recorder.resize(columns, rows, at))

    def signal(self, name: str) -> None:
        self._record(lambda at: self._recorder.signal(name, at))

    def state(self, state: str, **fields: object) -> None:
        self._record(lambda at: self._recorder.state(state, at, **fields))

    def quiet(self) -> None:
        self._record(self._recorder.quiet)

    def idle(self) -> None:
        self._record(self._recorder.idle)

    def finish(self, exit_code: int, signal: str | None) -> None:
        if self.error is not None:
            self._try_again()
        self._record(lambda at: self._recorder.finish(exit_code, at, signal))

    def ring(self) -> None:
        if self.error is None:
            self._doorbell()

    def _record(self, write: Callable[[int], None]) -> None:
        if self.error is None:
            try:
                write(self._now())
            except OSError as error:
                self._fail(error)
            self.ring()

    def _lose(self, stream: str, size: int) -> None:
        self._lost[stream] = self._lost.get(stream, 0) + size
        if self._now() >= self._retry:
            self._try_again()

    def _try_again(self) -> None:
        self._retry = self._now() + RETRY
        try:
            self._recorder.gap(self._lost, self._now())
        except OSError as error:
            self.error = error
            return
        self._complain(f"recording goes on; {sum(self._lost.values()):,} bytes were not recorded")
        self.error, self._lost = None, {}

    def _now(self) -> int:
        return (clock.now() - self._started) // 1000

    def _fail(self, error: OSError) -> None:
        self.error = error
        self._retry = self._now() + RETRY
        self._complain(f"recording stopped: {error.strerror}; the agent goes on unrecorded until there is room")
