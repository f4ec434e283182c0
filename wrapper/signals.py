"""Signals to us, as bytes on a pipe that the loop can wait for; and the ways in which we stop or end by one ourselves.

A signal that was ignored when we started (`nohup`) stays ignored, for us and for the agent.
"""

import contextlib
import os
import resource
import signal
from types import FrameType
from typing import Self

# What a terminal's job control sends to the whole foreground group.
JOB_CONTROL = (signal.SIGTSTP, signal.SIGTTIN)
ENDING = (signal.SIGTERM, signal.SIGHUP)
ASKS_TO_END = (signal.SIGINT, signal.SIGQUIT, *ENDING)
FORWARDED = (*JOB_CONTROL, *ASKS_TO_END, signal.SIGUSR1, signal.SIGUSR2)
CAUGHT = (*FORWARDED, signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT)

# Python ignores these for itself; the agent gets back what it would have had.
DEFAULT_IN_CHILD = (signal.SIGPIPE, signal.SIGXFSZ)


class SignalPipe:
    """Catches the signals of `CAUGHT` while it is entered. `fileno` is readable when `take` has something.

    SIGTTIN stops a whole group when one of it reads from the background. It is caught too unless we read from the
    terminal ourselves (`reads_terminal`): then we stop behind the agent, when all that it printed is shown.
    """

    def __init__(self, *, reads_terminal: bool) -> None:
        self.mask: set[int] = set()  # what was blocked when we started, and is for the agent
        self._caught = [number for number in CAUGHT if not (number == signal.SIGTTIN and reads_terminal)]

    def __enter__(self) -> Self:
        self.mask = {int(number) for number in signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD,))}
        self._read, write = os.pipe()
        self._write = write
        for fd in (self._read, write):
            os.set_blocking(fd, False)
        self._wakeup = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._handlers = {
            number: signal.signal(number, _note)
            for number in self._caught
            if number == signal.SIGCHLD or signal.getsignal(number) is not signal.SIG_IGN
        }
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        return self._read

    def take(self) -> list[int]:
        """The signals that came since the last call, in their order."""
        with contextlib.suppress(BlockingIOError):
            return list(os.read(self._read, 4096))
        return []


def stop_ourselves(pid: int) -> None:
    """Stops us as Ctrl-Z would; returns when we are continued.

    `pid` as in kill(2): 0 stops our whole process group. Where no shell could continue us (an orphaned process group)
    the kernel drops the signal, and this returns at once.
    """
    handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(pid, signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, handler)


def raise_signal(number: int) -> int:
    """Ends this process by the signal that ended the agent, without a second core dump.

    Returns the exit status to use where the signal does not end us (it is blocked, or stops us only).
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    with contextlib.suppress(OSError):  # SIGKILL has no action to set
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (number,))
    os.kill(os.getpid(), number)
    return 128 + number


def signal_name(number: int) -> str:
    """`15` → `SIGTERM`."""
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"SIG{number}"


def _note(_number: int, _frame: FrameType | None) -> None:
    """Nothing: the C handler has written the signal's number to the pipe."""
