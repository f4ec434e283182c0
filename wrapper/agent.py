"""Connects the agent: pipes and PTYs for its streams, and the process behind them."""

import errno
import fcntl
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

from wrapper.child import AgentNotStartedError, Child, Stdio, start_directly
from wrapper.shim import start_in_session
from wrapper.terminal import Modes, Terminal, open_pty

PIPE_BYTES = 1 << 20  # what Linux lets anybody have
_COERCED = "LC_CTYPE"


class Agent(NamedTuple):
    """`outputs` has the readable end of each output by its stream; stdout alone if stderr goes the same way.

    `pty` names the stream that comes from a PTY, if one does.
    """

    child: Child
    outputs: Mapping[str, int]
    pty: str | None


class _End(NamedTuple):
    ours: int
    theirs: int


def start_agent(
    command: Sequence[str],
    environ: Mapping[str, str],
    modes: Modes,
    terminal: Terminal | None,
    window: bytes,
    *,
    mask: Collection[int],
) -> Agent:
    """`mask` are the signals that are blocked for it. Raises `AgentNotStartedError`."""
    with _failing_as_ours(command[0]), ExitStack() as theirs, ExitStack() as ours:

        def opened(pair: tuple[int, int]) -> _End:
            ours.callback(os.close, pair[0])
            theirs.callback(os.close, pair[1])
            return _End(*pair)

        whole = modes[1] == "pty"
        stdout = opened(open_pty(terminal, window, whole=True) if whole else _open_pipe())
        if modes[2] == modes[1] == "pty" or (modes[1] == modes[2] and _go_the_same_way(1, 2)):
            stderr = stdout
        else:
            stderr = opened(open_pty(terminal, window, whole=False) if modes[2] == "pty" else _open_pipe())
        stdio: Stdio = (stdout.theirs if modes[0] == "pty" else 0, stdout.theirs, stderr.theirs)
        child: Child = (
            start_in_session(command, environ, stdio, stdout.theirs, mask)
            if whole
            else start_directly(command, environ, stdio, mask)
        )
        ours.pop_all()
    outputs = {"stdout": stdout.ours} if stderr is stdout else {"stdout": stdout.ours, "stderr": stderr.ours}
    return Agent(child, outputs, "stdout" if whole else "stderr" if modes[2] == "pty" else None)


def agent_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What we were started with.

    In a C locale Python sets `LC_CTYPE` for itself and whatever it starts (PEP 538). An entry without a name cannot be
    passed on.
    """
    ours = {name: value for name, value in environ.items() if name}
    with suppress(OSError):  # not Linux: nobody knows what it was
        found = dict(entry.partition("=")[::2] for entry in os.fsdecode(_found_environment()).split("\0"))
        if ours.pop(_COERCED, None) is not None and _COERCED in found:
            ours[_COERCED] = found[_COERCED]
    return ours


def _found_environment() -> bytes:
    with open("/proc/self/environ", "rb") as file:
        return file.read()


@contextmanager
def _failing_as_ours(program: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # no pipe, no PTY or no process to be had
        raise AgentNotStartedError(error.errno or errno.EAGAIN, program, is_ours=True) from error


def fill_standard_streams() -> None:
    """Opens what is closed of descriptors 0 to 2 (`>&-`), before anything else of ours would become them."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one


def _open_pipe() -> tuple[int, int]:
    ends = os.pipe()
    with suppress(OSError, AttributeError):  # not Linux, or this user's pipes are at their limit
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return ends


def _go_the_same_way(one: int, other: int) -> bool:
    """Whether both descriptors write into one file, pipe or socket (`2>&1`): then only one pipe keeps the order."""
    first, second = os.fstat(one), os.fstat(other)
    return not stat.S_ISCHR(first.st_mode) and os.path.samestat(first, second)
