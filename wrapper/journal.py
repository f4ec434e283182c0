"""What the pump writes down, and the promise that writing it down never harms the agent.

The first error of the disk ends the recording, not the run: it is kept in `error`, said once, and what comes later is
not recorded.
"""

from collections.abc import Callable
from time import monotonic_ns
from typing import Protocol


class Recorder(Protocol):
    """Where a run is recorded. Every method raises `OSError` when that fails; `at` is µs since the start."""

    def output(self, stream: str, data: bytes | memoryview, at: int) -> None: ...
    def resize(self, columns: int, rows: int, at: int) -> None: ...
    def state(self, state: str, at: int, **fields: object) -> None: ...
    def idle(self, at: int) -> None: ...
    def finish(self, exit_code: int, at: int, signal: str | None = None) -> None: ...


class Journal:
    """Gives each record its time. `started` is `time.monotonic_ns()` of the recording's start.

    `doorbell` tells who follows the recording that there is more; `complain` gets one line if recording fails.
    """

    def __init__(
        self, recorder: Recorder, started: int, doorbell: Callable[[], None], complain: Callable[[str], None]
    ) -> None:
        self.error: OSError | None = None
        self._recorder = recorder
        self._started = started
        self._doorbell = doorbell
        self._complain = complain

    def output(self, stream: str, data: memoryview) -> None:
        """Records without ringing: the data is shown first."""
        if self.error is None:
            try:
                self._recorder.output(stream, data, self._now())
            except OSError as error:
                self._fail(error)

    def resize(self, columns: int, rows: int) -> None:
        self._record(lambda at: self._recorder.resize(columns, rows, at))

    def state(self, state: str, **fields: object) -> None:
        self._record(lambda at: self._recorder.state(state, at, **fields))

    def idle(self) -> None:
        self._record(self._recorder.idle)

    def finish(self, exit_code: int, signal: str | None) -> None:
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

    def _now(self) -> int:
        return (monotonic_ns() - self._started) // 1000

    def _fail(self, error: OSError) -> None:
        self.error = error
        self._complain(f"recording stopped: {error}; the agent goes on unrecorded")
