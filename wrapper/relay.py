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
GATHERED_BYTES = 1 << 14  # of a PTY, of which the kernel gives 0.5 to 4 KB at a time, handed on as one read
_IN_A_ROW = 16  # of these without a look at anything else
_PIECE_BYTES = 1 << 12  # shown at once while the next ones are read
_AHEAD_BYTES = 1 << 16  # that have been read and were not taken yet, from which on nothing more is read


class OutputRelay:
    """Owns `source`, the readable end of a pipe or of a PTY, and closes it at its end.

    `record` gets every chunk before `sink` does, `shown` is called behind both (while a PTY is full each time it is
    read, behind `record` alone), `closed` at the end of `source`.
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
        shown: Callable[[], None],
        closed: Callable[[], None],
    ) -> None:
        self.sink = sink
        self.held: int | None = None
        self.open_line = False
        self._loop = loop
        self._source = source
        self._record = record
        self._shown = shown
        self._closed = closed
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._end = 0  # of what has been recorded, in the buffer
        self._handed_on = 0  # of that, to the sink
        # A pipe gives all it has, and its time counts.
        self._enough, self._in_a_row = (GATHERED_BYTES, _IN_A_ROW) if os.isatty(source) else (1, 1)
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
        self._show()
        self.sink.write(memoryview(text))
        self._wait_for_sink()

    def _relay(self) -> None:
        """Reads of a PTY, and polls, wait until the kernel has moved up more: what came before is shown meanwhile."""
        for left in reversed(range(self._in_a_row)):
            if not self._relay_once(shows_later=left > 0) or self._end - self._handed_on >= _AHEAD_BYTES:
                break
        self._show()
        self._wait_for_sink()
        while self._left is not None and self._open and not self.sink.pending:
            self._relay_once()

    def _relay_once(self, *, shows_later: bool = False) -> bool:
        """Whether there may be more at once, behind which this may be shown."""
        if not self.sink.pending and self._handed_on == self._end:
            self._handed_on = self._end = 0
        size = self._read()
        if size is None:
            if self._left is not None:
                self._give_up()
            return False
        if not size:
            self.close()
            return False
        read = self._buffer[self._end : self._end + size]
        self.open_line = read[-1] != _LF
        self._record(read)
        self._end += size
        full = size >= self._enough
        if not (full and shows_later):
            self._show()
            self._wait_for_sink()
        self._shown()
        self._account(size)
        return full and self._open

    def _read(self) -> int | None:
        """Reads what is there now into the buffer: how many bytes, 0 at the end, None when nothing is there."""
        size = 0
        try:
            while size < self._enough and (read := os.readv(self._source, [self._buffer[self._end + size :]])):
                size += read
                if self._handed_on < self._end:
                    self._show(_PIECE_BYTES)
        except BlockingIOError:
            return size or None
        except OSError:  # EIO: every slave of the PTY is closed
            return size
        return size

    def _show(self, most: int | None = None) -> None:
        """Hands on what has been recorded; a piece of it only if the sink has taken the one before."""
        self.sink.flush()
        if self._handed_on < self._end and (most is None or not self.sink.pending):
            end = self._end if most is None else min(self._end, self._handed_on + most)
            self.sink.write(self._buffer[self._handed_on : end])
            self._handed_on = end

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
