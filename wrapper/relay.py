"""From one of the agent's outputs into the recording, and then to our own output.

Memory is bounded by one buffer: what a slow reader has not taken stays in it, and until it is taken the agent's output
is not read, exactly as the agent alone would have to wait.
"""

import contextlib
import fcntl
import os
import sys
import termios
from collections.abc import Callable

from wrapper.loop import READ, WRITE, Loop
from wrapper.sink import Sink

BUFFER_BYTES = 1 << 20
_LF = 10
CATCH_UP_READS = 256  # what a PTY and its buffers hold, several times over
_READS_IN_A_ROW = 16  # of a PTY that is full each time: a poll of it waits for the kernel as a read does
GATHERED_BYTES = 1 << 14  # of a PTY, of which the kernel gives 0.5 to 4 KB at a time, taken as one read


class OutputRelay:
    """Owns `source`, the readable end of a pipe or of a PTY, and closes it at its end.

    `record` gets every piece before `sink` does, `taken` is called behind the last one of what was there, `closed` at
    the end of `source`.
    `held` is another descriptor of it if something still held the other end then, `open_line` says that the last line
    shown has no end yet.
    """

    def __init__(
        self,
        loop: Loop,
        source: int,
        sink: Sink,
        *,
        record: Callable[[memoryview], None],
        taken: Callable[[], None],
        closed: Callable[[], None],
    ) -> None:
        self.sink = sink
        self.held: int | None = None
        self.open_line = False
        self._loop = loop
        self._source = source
        self._record = record
        self._taken = taken
        self._closed = closed
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        # A pipe gives all it has, and its time counts.
        self._enough, self._in_a_row = (GATHERED_BYTES, _READS_IN_A_ROW) if os.isatty(source) else (1, 1)
        self._open = True
        self._left: int | None = None
        os.set_blocking(source, False)
        loop.watch(source, READ, self._relay)

    @property
    def done(self) -> bool:
        """All has been read, and shown to whoever still reads."""
        return not self._open and not self.sink.pending

    @property
    def at_end(self) -> bool:
        """Nothing more is read; `source` is closed."""
        return not self._open

    def finish(self) -> None:
        """Takes what is there now, however slowly it is read, and nothing that is written later."""
        if self._open and self._left is None:
            self._left = self._available()
            if not self.sink.pending:
                self._relay()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._loop.unwatch(self._source)
            os.close(self._source)
            self._closed()

    def catch_up(self) -> None:
        """Shows what is there now as far as its reader takes it, without waiting."""
        for _ in range(CATCH_UP_READS):
            if not self._open or self.sink.pending or not self._relay_once():
                return

    def abandon(self) -> None:
        """Shows nothing more, and takes what is there now."""
        self.sink.abandon()
        self._flush()
        self.finish()

    def insert(self, text: bytes) -> None:
        """Shows `text` of our own, behind what has been read so far."""
        self.sink.write(memoryview(text))
        self._wait_for_sink()

    def _relay(self) -> None:
        for _ in range(self._in_a_row):
            if not self._relay_once() or self.sink.pending:
                break
        while self._left is not None and self._open and not self.sink.pending:
            self._relay_once()

    def _relay_once(self) -> bool:
        """Whether there may be more at once."""
        size = self._take()
        if size is None:
            if self._left is not None:
                self._give_up()
            return False
        if not size:
            self.close()
            return False
        self.open_line = self._buffer[size - 1] != _LF
        self._taken()
        self._wait_for_sink()
        self._account(size)
        return self._open and size >= self._enough

    def _take(self) -> int | None:
        """Records and shows what is there now: how many bytes, 0 at the end, None when nothing is there.

        A read of a PTY waits until the kernel has moved up the next piece, which it does while this one is shown.
        """
        size = 0
        try:
            while size < self._enough and (read := os.readv(self._source, [self._buffer[size:]])):
                piece = self._buffer[size : size + read]
                self._record(piece)
                self.sink.write(piece)
                size += read
        except BlockingIOError:
            return size or None
        except OSError:  # EIO: every slave of the PTY is closed
            return size
        return size

    def _wait_for_sink(self) -> None:
        if self.sink.pending:
            if self._open:
                self._loop.unwatch(self._source)
            self._loop.watch(self.sink.fileno(), WRITE, self._flush)

    def _flush(self) -> None:
        self.sink.flush()
        if self.sink.pending:
            return
        self._loop.unwatch(self.sink.fileno())
        if self._open:
            self._loop.watch(self._source, READ, self._relay)
            self._account(0)
        if self._open and self._left is not None:
            self._relay()

    def _account(self, size: int) -> None:
        if self._left is not None:
            self._left -= size
            if self._left < 0:
                self._give_up()
        elif self.sink.gone and not self.sink.is_terminal:
            self._left = self._available()  # and then the agent's next write fails, as it would without us

    def _available(self) -> int:
        return int.from_bytes(fcntl.ioctl(self._source, termios.FIONREAD, bytes(4)), sys.byteorder)

    def _give_up(self) -> None:
        if not self.sink.gone:  # else the next write is to fail, as it would without us
            with contextlib.suppress(OSError):
                self.held = os.dup(self._source)
        self.close()
