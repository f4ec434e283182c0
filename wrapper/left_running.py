"""What the agent leaves running may go on printing: without us nothing would kill a server that it has started.

We end with the agent, and with us the other end of its pipe or PTY: the next output would be its end. So a process
stays that takes it, as long as there is somebody who may print. Nothing of it is recorded.
"""

import contextlib
import os
import select
import signal
import stat
from collections.abc import Mapping
from typing import NoReturn

from wrapper.child import close_all_but, reset_signals

_CHUNK_BYTES = 1 << 16


def hand_on(outputs: Mapping[int, int]) -> None:
    """Leaves a process behind that hands on what comes from each of these descriptors to the other.

    A file or terminal gets it, as it would without us. A pipe or socket does not: its reader waits for our end.
    """
    with contextlib.suppress(OSError):  # no process to be had: then it is killed
        if not os.fork():
            _stay(outputs)


def _stay(outputs: Mapping[int, int]) -> NoReturn:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        reset_signals(())
        sinks = {source: sink for source, sink in outputs.items() if _may_wait(sink)}
        close_all_but(*outputs, *sinks.values())
        poll = select.poll()
        for source in outputs:
            os.set_blocking(source, True)
            poll.register(source, select.POLLIN)
        for sink in sinks.values():
            poll.register(sink, 0)  # its end is told all the same
        left = set(outputs)
        while left:
            for ready, _ in poll.poll():
                if ready not in outputs:
                    os._exit(0)  # the terminal has hung up, and so do we
                data = _read(ready)
                if not data:
                    poll.unregister(ready)
                    left.discard(ready)
                elif ready in sinks:
                    _write(sinks[ready], data)
    finally:
        os._exit(0)


def _may_wait(sink: int) -> bool:
    mode = os.fstat(sink).st_mode
    return not stat.S_ISFIFO(mode) and not stat.S_ISSOCK(mode)


def _read(source: int) -> bytes:
    """Nothing at the end."""
    try:
        return os.read(source, _CHUNK_BYTES)
    except OSError:  # EIO: every slave of the PTY is closed
        return b""


def _write(sink: int, data: bytes) -> None:
    with contextlib.suppress(OSError):  # a full disk is no reason to end what prints
        while data:
            data = data[os.write(sink, data) :]
