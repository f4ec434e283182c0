"""The leader of the session that the agent has its PTY in: a process between the pump and the agent.

The kernel drops a terminal's SIGTSTP for a process group that has no parent in its session (an orphaned one), so that
Ctrl-Z would be dead if the agent led the session itself. The shim leads it, gives the agent a foreground group of its
own, reports what waitpid(2) says through a pipe, and ends with the agent. It is forked without an exec, to start early,
while the pump has one thread; it keeps no descriptor but that pipe and the PTY.
"""

import contextlib
import errno
import fcntl
import os
import signal
import struct
import termios
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from types import FrameType
from typing import NamedTuple, NoReturn

from wrapper.child import AgentNotStartedError, Stdio, close_all_but, execute, reset_signals, send_signal

_NUMBER = struct.Struct("i")


class SessionChild:
    """An agent that leads a foreground group of its own on the PTY, seen through its shim."""

    in_our_group = False

    def __init__(self, pid: int, shim: int, status_fd: int) -> None:
        self.pid = pid
        self.status_fd: int | None = status_fd
        self._shim = shim
        self._statuses = status_fd
        self._ended = False

    def statuses(self) -> Iterator[int]:
        while not self._ended:
            try:
                message = os.read(self._statuses, _NUMBER.size)
            except BlockingIOError:
                return
            # a shim that was killed has not said how the agent ended: its own end is what is known
            status = _NUMBER.unpack(message)[0] if message else os.waitpid(self._shim, 0)[1]
            self._ended = os.WIFEXITED(status) or os.WIFSIGNALED(status)
            yield status

    def send(self, number: int) -> None:
        if not self._ended:
            send_signal(self.pid, number, to_group=True)

    def close(self) -> None:
        os.close(self._statuses)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._shim, os.WNOHANG)


class _Start(NamedTuple):
    """What the forked processes need; `mask` is the signal mask that the agent gets."""

    command: Sequence[str]
    environ: Mapping[str, str]
    stdio: Stdio
    slave: int
    mask: Collection[int]


def start_in_session(
    command: Sequence[str], environ: Mapping[str, str], stdio: Stdio, slave: int, mask: Collection[int]
) -> SessionChild:
    """Starts the agent with `slave` as its controlling terminal, and the signals of `mask` blocked.

    Raises `AgentNotStartedError`.
    """
    status_read, status_write = os.pipe()
    failure_read, failure_write = os.pipe()
    ours = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    try:
        shim = os.fork()
        if not shim:
            _be_the_shim(_Start(command, environ, stdio, slave, mask), status_write, failure_write)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, ours)
    os.close(status_write)
    os.close(failure_write)
    failure = os.read(failure_read, _NUMBER.size)  # ends with the exec
    os.close(failure_read)
    agent = os.read(status_read, _NUMBER.size)
    if failure or not agent:
        os.close(status_read)
        os.waitpid(shim, 0)
        raise AgentNotStartedError(_NUMBER.unpack(failure)[0] if failure else errno.EAGAIN, command[0])
    os.set_blocking(status_read, False)
    return SessionChild(_NUMBER.unpack(agent)[0], shim, status_read)


def _be_the_shim(start: _Start, status: int, failure: int) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        os.setsid()
        fcntl.ioctl(start.slave, termios.TIOCSCTTY, 0)
        agent = os.fork()
        if not agent:
            _become_the_agent(start)
        with contextlib.suppress(PermissionError):  # it has done so itself and is past its exec
            os.setpgid(agent, agent)
        os.write(status, _NUMBER.pack(agent))
        os.close(failure)
        _report(agent, start, status)
    except AgentNotStartedError as error:
        os.write(failure, _NUMBER.pack(error.errno))
    except Exception as error:  # noqa: BLE001 (whatever it is, nobody else can say that no agent runs)
        os.write(failure, _NUMBER.pack(getattr(error, "errno", None) or errno.EINVAL))
    finally:
        os._exit(0)


def _become_the_agent(start: _Start) -> NoReturn:
    os.setpgid(0, 0)
    os.tcsetpgrp(start.slave, os.getpid())  # SIGTTOU is blocked
    for number, fd in enumerate(start.stdio):
        if fd != number:
            os.dup2(fd, number)
    reset_signals(start.mask)
    execute(start.command, start.environ, partial(_exec, start.environ))
    raise AssertionError("exec returned")


def _exec(environ: Mapping[str, str], path: str, arguments: list[str]) -> NoReturn:
    os.execve(path, arguments, environ)  # noqa: S606 - an agent is started without a shell


def _report(agent: int, start: _Start, status: int) -> None:
    close_all_but(start.slave, status)
    reset_signals({*start.mask, signal.SIGTTOU} - {signal.SIGCHLD})
    signal.signal(signal.SIGHUP, partial(_hang_up, agent))
    ended = False
    while not ended:
        _, said = os.waitpid(agent, os.WUNTRACED | os.WCONTINUED)
        ended = os.WIFEXITED(said) or os.WIFSIGNALED(said)
        os.write(status, _NUMBER.pack(said))
    # The kernel hangs up on the foreground group when a session's leader ends. What the agent has left running
    # would outlive it without us, so that group is ours by then.
    with contextlib.suppress(OSError):
        os.tcsetpgrp(start.slave, os.getpgrp())


def _hang_up(agent: int, number: int, _frame: FrameType | None) -> None:
    """The pump has gone. The kernel tells the session's leader alone, whose job it is to tell the others."""
    send_signal(agent, number, to_group=True)
    send_signal(agent, signal.SIGCONT, to_group=True)
