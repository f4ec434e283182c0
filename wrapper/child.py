"""Starts the agent's program and hears of its end, its stops and its continuing.

As the child of a shell would be started: our own descriptors close on exec, those that the user opened for the agent
(`3>file`) stay open, ignored signals stay ignored, and what Python has changed for itself is put back.
"""

import contextlib
import errno
import os
import signal
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from wrapper.signals import DEFAULT_IN_CHILD

_T = TypeVar("_T")

Stdio = tuple[int, int, int]

_SHORTAGES = (errno.EAGAIN, errno.ENOMEM)
_FIRST_LINE = 80  # bytes that tell a script without `#!` from a program of another machine, as shells look at them


class AgentNotStartedError(Exception):
    """No program could be started. `exit_code` is what a shell would say: 127 not found, 126 not executable.

    125 is what it is where the failure `is_ours`: the program was not to blame.
    """

    def __init__(self, number: int, program: str, *, is_ours: bool = False) -> None:
        super().__init__(f"cannot start {program!r}: {os.strerror(number)}")
        self.errno = number
        self.program = program
        self.is_ours = is_ours or number in _SHORTAGES

    @property
    def exit_code(self) -> int:
        if self.is_ours:
            return 125
        return 127 if self.errno in (errno.ENOENT, errno.ENOTDIR) else 126


class Child(Protocol):
    """A running agent. `status_fd` becomes readable when `statuses` has something; without one SIGCHLD says so."""

    pid: int
    in_our_group: bool

    @property
    def status_fd(self) -> int | None: ...

    def statuses(self) -> Iterator[int]:
        """What waitpid(2) has said since the last call: ended, stopped or continued."""

    def send(self, number: int) -> None:
        """Signals the agent, with its process group if that is its own."""

    def close(self) -> None: ...


class DirectChild:
    """An agent that is our own child, on pipes."""

    status_fd: int | None = None

    def __init__(self, pid: int, *, in_our_group: bool) -> None:
        self.pid = pid
        self.in_our_group = in_our_group
        self._ended = False

    def statuses(self) -> Iterator[int]:
        while not self._ended:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if not pid:
                return
            self._ended = os.WIFEXITED(status) or os.WIFSIGNALED(status)
            yield status

    def send(self, number: int) -> None:
        if not self._ended:
            send_signal(self.pid, number, to_group=not self.in_our_group)

    def close(self) -> None:
        """Nothing: there is no descriptor."""


def start_directly(
    command: Sequence[str], environ: Mapping[str, str], stdio: Stdio, mask: Collection[int]
) -> DirectChild:
    """Starts the agent with these descriptors as its standard streams, and these signals blocked.

    With a controlling terminal it stays in our process group, which is the shell's job; else it gets its own. Raises
    `AgentNotStartedError`.
    """
    in_our_group = has_controlling_terminal()
    actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(stdio) if fd != number]

    def spawn(path: str, arguments: list[str]) -> int:
        spawned = partial(
            os.posix_spawn, path, arguments, environ, file_actions=actions, setsigdef=DEFAULT_IN_CHILD, setsigmask=mask
        )
        return spawned() if in_our_group else spawned(setpgroup=0)

    return DirectChild(execute(command, environ, spawn), in_our_group=in_our_group)


def execute(command: Sequence[str], environ: Mapping[str, str], start: Callable[[str, list[str]], _T]) -> _T:
    """Calls `start` with path and argument vector of the programs that `command` may mean, until one starts.

    As execvp(3) has it: along `PATH`, and a script without `#!` is given to the shell. Raises `AgentNotStartedError`.
    """
    program, *arguments = command
    refused = errno.ENOENT
    folders = [""] if "/" in program else os.get_exec_path(environ)
    if not program:  # joined to a folder it would be the folder
        folders = []
    for path in (os.path.join(folder, program) for folder in folders):
        if not os.path.exists(path):  # an attempt would cost a process
            continue
        try:
            return start(path, [*command])
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError:
            refused = errno.EACCES
        except OSError as error:
            if error.errno == errno.ENOEXEC and _is_text(path):
                return start("/bin/sh", ["/bin/sh", path, *arguments])
            raise AgentNotStartedError(error.errno or errno.EIO, program) from error
    raise AgentNotStartedError(refused, program)


def send_signal(pid: int, number: int, *, to_group: bool) -> None:
    """Signals a process or its group; one that has just ended, or is another user's by now, is left alone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if to_group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def has_controlling_terminal() -> bool:
    """Whether a terminal's job control can reach us."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def close_all_but(*kept: int) -> None:
    """Of this process."""
    low = 0
    for fd in sorted(kept):
        os.closerange(low, fd)
        low = fd + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def reset_signals(mask: Iterable[int]) -> None:
    """In a forked child: the signals as a program expects them, those that were ignored before us excepted."""
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number in DEFAULT_IN_CHILD:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _is_text(path: str) -> bool:
    with open(path, "rb") as file:
        return b"\0" not in file.read(_FIRST_LINE)
