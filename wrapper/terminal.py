"""The user's terminal, and the PTY that stands in for it.

Only a foreground process group touches the terminal's settings: from the background it would be stopped for it, and
would take the settings away from the shell.
"""

import contextlib
import fcntl
import os
import struct
import termios
from collections.abc import Mapping
from typing import Any

Modes = tuple[str, str, str]

_IFLAG, _OFLAG, _CFLAG, _LFLAG, _CC = 0, 1, 2, 3, 6
_WINDOW = struct.Struct("HHHH")  # rows, columns, and both in pixels


def stream_modes(pty: bool | None, isatty: tuple[bool, bool, bool]) -> Modes:
    """How the agent's stdin, stdout and stderr are connected, one of `pty` and `pipe` each.

    `isatty` tells which of ours are terminals; `pty` forces (True, False) or leaves each stream what it is (None).
    Without a terminal as stdout the agent stays on the user's own terminal: its stdin is ours (`pipe`), as every
    stdin is that is not forwarded; and `less` in `wrapper x | less` has the keyboard for itself. A stderr that is a
    terminal then gets a PTY of its own.
    """
    if pty is not None:
        return ("pty", "pty", "pty") if pty else ("pipe", "pipe", "pipe")
    stdin, stdout, stderr = ("pty" if terminal else "pipe" for terminal in isatty)
    return (stdin, stdout, stderr) if stdout == "pty" else ("pipe", stdout, stderr)


class Terminal:
    """The terminal behind `fd`, its settings as they were found, and whether they have been changed to raw.

    Found from the background they are those that a shell edits its own lines by: the agent gets line mode.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        found = termios.tcgetattr(fd)
        self.attributes = found if self.in_foreground() else line_attributes(found)
        self.is_raw = False
        self._window = bytes(_WINDOW.size)

    def window(self) -> bytes:
        """The size as the kernel has it, pixels too; the last one of a terminal that has hung up."""
        with contextlib.suppress(OSError):
            self._window = fcntl.ioctl(self.fd, termios.TIOCGWINSZ, bytes(_WINDOW.size))
        return self._window

    def in_foreground(self) -> bool:
        """Whether it is ours to read from. A terminal without job control always is."""
        try:
            return os.tcgetpgrp(self.fd) == os.getpgrp()
        except OSError:
            return True

    def make_raw(self) -> None:
        """Every key reaches us as it is typed. What was typed before is kept."""
        with contextlib.suppress(termios.error):  # it has hung up
            self.attributes = self.attributes if self.is_raw else termios.tcgetattr(self.fd)
            termios.tcsetattr(self.fd, termios.TCSANOW, raw_attributes(self.attributes))
            self.is_raw = True

    def restore(self) -> None:
        """Puts the settings back, unless a shell has the terminal, which has settings of its own."""
        if self.is_raw and self.in_foreground():
            with contextlib.suppress(termios.error):  # it has hung up
                termios.tcsetattr(self.fd, termios.TCSANOW, self.attributes)
        self.is_raw = False


def find_terminal(modes: Modes) -> Terminal | None:
    """The terminal that a PTY of these modes stands in for, if there is one."""
    if "pty" in modes:
        for fd in (0, 1, 2):
            if modes[fd] == "pty" and os.isatty(fd):
                return Terminal(fd)
    return None


def terminal_size(modes: Modes, environ: Mapping[str, str]) -> tuple[int, int]:
    """Columns and rows of the agent's PTY: the terminal's, or `COLUMNS` and `LINES`, or 80x24; (0, 0) without a PTY."""
    if "pty" not in modes:
        return 0, 0
    if terminal := find_terminal(modes):
        return window_size(terminal.window())
    return _dimension(environ, "COLUMNS", 80), _dimension(environ, "LINES", 24)


def window_size(window: bytes) -> tuple[int, int]:
    """Columns and rows of what the kernel has."""
    rows, columns, _, _ = _WINDOW.unpack(window)
    return columns, rows


def pack_window(columns: int, rows: int) -> bytes:
    """What the kernel takes as a window size."""
    return _WINDOW.pack(rows, columns, 0, 0)


def set_window(fd: int, window: bytes) -> None:
    """Gives the PTY this size; the kernel tells its foreground group."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, window)


def raw_attributes(attributes: list[Any]) -> list[Any]:
    """`attributes` as cfmakeraw(3) makes them."""
    raw = [*attributes[:_CC], list(attributes[_CC])]
    raw[_IFLAG] &= ~(
        termios.IGNBRK
        | termios.BRKINT
        | termios.PARMRK
        | termios.ISTRIP
        | termios.INLCR
        | termios.IGNCR
        | termios.ICRNL
        | termios.IXON
    )
    raw[_OFLAG] &= ~termios.OPOST
    raw[_LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    raw[_CFLAG] = raw[_CFLAG] & ~(termios.CSIZE | termios.PARENB) | termios.CS8
    raw[_CC][termios.VMIN], raw[_CC][termios.VTIME] = 1, 0
    return raw


def line_attributes(attributes: list[Any]) -> list[Any]:
    """`attributes` as a shell gives them to its jobs: lines are edited and echoed, keys are signals."""
    line = [*attributes[:_CC], list(attributes[_CC])]
    line[_IFLAG] |= termios.ICRNL | termios.IXON
    line[_OFLAG] |= termios.OPOST | termios.ONLCR
    line[_LFLAG] |= termios.ICANON | termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ISIG | termios.IEXTEN
    line[_CC][termios.VLNEXT] = b"\x16"  # readline takes this key for itself
    return line


def open_pty(terminal: Terminal | None, window: bytes, *, whole: bool) -> tuple[int, int]:
    """Master and slave of a new PTY with the settings of `terminal`.

    One that is not the `whole` terminal, but its output alone, leaves line ends to the terminal. Without a terminal
    nothing is echoed: what the agent reads is not what it printed.
    """
    master, slave = os.openpty()
    attributes = termios.tcgetattr(slave) if terminal is None else list(terminal.attributes)
    if terminal is None:
        attributes[_LFLAG] &= ~termios.ECHO
    if not whole:
        attributes[_OFLAG] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    set_window(slave, window)
    return master, slave


def end_of_file(fd: int) -> bytes:
    """What a user of this PTY types to end the agent's input."""
    key = termios.tcgetattr(fd)[_CC][termios.VEOF]
    return key if isinstance(key, bytes) else b"\x04"


def takes_keys(fd: int, found: list[Any]) -> bool:
    """Whether the agent has taken this PTY out of the line mode or the echo that it was `found` with."""
    keys = termios.ICANON | termios.ECHO
    return bool((termios.tcgetattr(fd)[_LFLAG] ^ found[_LFLAG]) & keys)


def _dimension(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 1 << 16 else default
