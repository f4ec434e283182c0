"""One of our own outputs: takes what the agent wrote and never waits for a slow reader.

The descriptor is shared with other processes, so O_NONBLOCK is not ours to set on it. Linux opens a second description
of the same pipe or terminal, which is ours alone; elsewhere, and for sockets, at most `PIPE_BUF` bytes are written
whenever there is room for some. Regular files are written directly.
"""

import errno
import os
import select
import stat
from collections.abc import Callable

_NOTHING = memoryview(b"")
_READER_GONE = (errno.EPIPE, errno.EIO, errno.ECONNRESET)


class Sink:
    """`pending` is what the reader has not taken yet; `gone` says that nobody will take anything any more.

    `failed` is called if that is not because the reader went away. `fileno` becomes writable when `flush` is worth
    another call.
    """

    def __init__(self, fd: int, failed: Callable[[OSError], None] | None = None) -> None:
        self.pending = _NOTHING
        self.gone = False
        self.is_terminal = os.isatty(fd)
        self._fd = fd
        self._failed = failed
        self._own: int | None = None
        self._limit: int | None = None
        mode = os.fstat(fd).st_mode
        if stat.S_ISFIFO(mode) or self.is_terminal:
            self._own = _open_again(fd)
        if stat.S_ISSOCK(mode) or ((stat.S_ISFIFO(mode) or self.is_terminal) and self._own is None):
            self._limit = select.PIPE_BUF

    def fileno(self) -> int:
        return self._fd if self._own is None else self._own

    def write(self, data: memoryview) -> None:
        """Writes what can be written now; the rest is `pending` and refers to the same memory."""
        if not self.gone:
            self.pending = memoryview(bytes(self.pending) + data) if self.pending else data
            self.flush()

    def flush(self) -> None:
        fd = self.fileno()
        while self.pending:
            if self._limit and not select.select((), (fd,), (), 0)[1]:
                return
            try:
                written = os.write(fd, self.pending[: self._limit])
            except BlockingIOError:
                return
            except OSError as error:
                self.abandon()
                if self._failed and error.errno not in _READER_GONE:
                    self._failed(error)
                return
            self.pending = self.pending[written:]

    def abandon(self) -> None:
        """Nothing more is written."""
        self.gone = True
        self.pending = _NOTHING

    def close(self) -> None:
        """Lets go of our own description; the shared descriptor stays open."""
        self.abandon()
        if self._own is not None:
            os.close(self._own)
            self._own = None


def _open_again(fd: int) -> int | None:
    """A non-blocking description of what `fd` is open on, where the system gives one."""
    try:
        return os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
