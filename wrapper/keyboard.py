"""What the user types, or what is piped to us instead, on its way into the agent's PTY.

Input is bounded: what the PTY does not take waits, and until it is taken nothing more is read. While a shell has the
terminal nothing is read from it and its settings are left alone.
"""

import os
import select
import stat
from collections.abc import Callable

from wrapper.loop import READ, WRITE, Loop
from wrapper.terminal import Modes, Terminal, end_of_file, takes_keys

Replies = Callable[[bytes], bytes]

CHUNK_BYTES = 1 << 16
LOOK_AGAIN = 0.2  # seconds; `fg` of a job that is running already tells nobody


class Keyboard:
    """Forwards `source` to the PTY of `master`. `terminal` is the user's if that is what `source` reads, else None.

    With `on_demand` the terminal is left to whoever else uses it until the agent asks for keys: its stdin is not the
    terminal, and the other end of the pipe may be asking for a password. It asks by taking its PTY out of line mode,
    or, once nobody is at the other end, by leaving a line open (`yes/no? `).
    """

    def __init__(
        self, loop: Loop, source: int, master: int, terminal: Terminal | None, *, on_demand: bool = False
    ) -> None:
        self._loop = loop
        self._source = source
        self._master = os.dup(master)
        self._terminal = terminal
        self._on_demand = on_demand
        self._line_shown_open = False
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
        self._loop.cancel(self._look_for_demand)
        self._loop.unwatch(self._source)
        if self._terminal is not None:
            self._terminal.restore()

    def notice_output(self, *, line_open: bool) -> None:
        """The agent has printed something: the moment to look whether it wants keys."""
        self._line_shown_open = line_open
        self._look_for_demand()

    def type(self, data: bytes) -> None:
        """Sends `data` to the agent as if it had been typed."""
        if not self._hung_up:
            self._pending += data
            self._flush()

    @property
    def has_room(self) -> bool:
        """Whether what is typed is read, more or less: an agent may ask for ever, and never read an answer."""
        return len(self._pending) < CHUNK_BYTES

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

    def _look_for_demand(self) -> None:
        if not self._on_demand or self._hung_up or self._terminal is None:
            return
        self._on_demand = not takes_keys(self._master, self._terminal.attributes)
        if self._on_demand and self._line_shown_open:
            self._on_demand = has_writer(0)
            if self._on_demand:
                self._loop.call_in(LOOK_AGAIN, self._look_for_demand)
        self.start()

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


def has_writer(fd: int) -> bool:
    """Whether another process may still write into what we read here: not into a file, and not once it has hung up."""
    if not stat.S_ISFIFO(mode := os.fstat(fd).st_mode) and not stat.S_ISSOCK(mode):
        return False
    poll = select.poll()
    poll.register(fd, 0)
    return not any(events & select.POLLHUP for _, events in poll.poll(0))


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
