"""What the user types, or what is piped to us instead, on its way into the agent's PTY.

Input is bounded: what the PTY does not take waits, and until it is taken nothing more is read. While a shell has the
terminal nothing is read from it and its settings are left alone.
"""

import os
from collections.abc import Callable

from wrapper.loop import READ, WRITE, Loop
from wrapper.terminal import Modes, Terminal, end_of_file, takes_keys

Replies = Callable[[bytes], bytes]

CHUNK_BYTES = 1 << 16
LOOK_AGAIN = 0.2  # seconds; `fg` of a job that is running already tells nobody


class Keyboard:
    """Forwards `source` to the PTY of `master`. `terminal` is the user's if that is what `source` reads, else None.

    With `on_demand` the terminal is left to whoever else uses it until the agent takes its PTY out of line mode: the
    agent's stdin is not the terminal, and the other end of the pipe may be asking for a password.
    """

    def __init__(
        self, loop: Loop, source: int, master: int, terminal: Terminal | None, *, on_demand: bool = False
    ) -> None:
        self._loop = loop
        self._source = source
        self._master = os.dup(master)
        self._terminal = terminal
        self._on_demand = on_demand
        self._pending = b""
        self._line_open = False
        self._reading = False
        self._hung_up = False

    def start(self) -> None:
        """Takes the terminal as soon as we are in its foreground."""
        if self._reading or self._on_demand or self._hung_up:
            return
        if self._terminal is not None:
            if not self._terminal.in_foreground():
                self._loop.call_in(LOOK_AGAIN, self.start)
                return
            self._terminal.make_raw()
        self._reading = True
        self._wait()

    def stop(self) -> None:
        """Gives the terminal back as it was."""
        self._reading = False
        self._loop.cancel(self.start)
        self._loop.unwatch(self._source)
        if self._terminal is not None:
            self._terminal.restore()

    def notice_output(self) -> None:
        """The agent has printed something: the moment to look whether it wants keys."""
        if self._on_demand and not self._hung_up and self._terminal is not None:
            self._on_demand = not takes_keys(self._master, self._terminal.attributes)
            self.start()

    def type(self, data: bytes) -> None:
        """Sends `data` to the agent as if it had been typed."""
        if not self._hung_up:
            self._pending += data
            self._flush()

    def hang_up(self) -> None:
        """The PTY is at its end: nothing more can be typed."""
        if not self._hung_up:
            self._hung_up = True
            self._reading = False
            self._loop.unwatch(self._source)
            self._loop.unwatch(self._master)
            os.close(self._master)

    def close(self) -> None:
        self.hang_up()
        if self._source != 0:
            os.close(self._source)

    def _forward(self) -> None:
        try:
            data = os.read(self._source, CHUNK_BYTES)
        except OSError:  # the terminal has hung up
            data = b""
        if data:
            self._line_open = not data.endswith(b"\n")
            self.type(data)
            return
        self._reading = False
        self._loop.unwatch(self._source)
        if self._terminal is None:
            # behind the start of a line the first one only hands that over
            self.type(end_of_file(self._master) * (2 if self._line_open else 1))

    def _flush(self) -> None:
        try:
            while self._pending:
                self._pending = self._pending[os.write(self._master, self._pending) :]
        except BlockingIOError:
            pass
        except OSError:  # nobody holds the PTY any more
            self._pending = b""
        self._wait()

    def _wait(self) -> None:
        if self._pending:
            self._loop.unwatch(self._source)
            self._loop.watch(self._master, WRITE, self._flush)
        else:
            self._loop.unwatch(self._master)
            if self._reading:
                self._loop.watch(self._source, READ, self._forward)


def find_keyboard(loop: Loop, modes: Modes, master: int, terminal: Terminal | None) -> Keyboard | None:
    """What goes into the PTY of `master`: our stdin; or the keyboard on demand, where the agent has our stdin."""
    if modes[0] == "pty":
        return Keyboard(loop, 0, master, terminal if os.isatty(0) else None)
    if terminal is None:
        return None
    try:
        source = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:  # the terminal is not our controlling one
        return None
    return Keyboard(loop, source, master, terminal, on_demand=True)
