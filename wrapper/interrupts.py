"""Ctrl-C at a command of ours: it ends with 130, as shells say it, and without a traceback.

A run of an agent is not concerned: while there is an agent, Ctrl-C is the agent's (`wrapper.signals`), and behind its
end the status stays the agent's.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_at_once() -> None:
    """From here on Ctrl-C ends us as we stand: nothing is under way yet. Where it is ignored (`nohup`) it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_interrupts() -> None:
    """From here on Ctrl-C is a `KeyboardInterrupt` again, so that what is under way is left in order."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def whatever_ends_us_interrupts() -> Iterator[None]:
    """Meanwhile SIGTERM and SIGHUP are a `KeyboardInterrupt`, too; not where they are ignored."""
    before = {number: signal.getsignal(number) for number in _ENDING}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave_line() -> None:
    """The prompt that follows begins a line of its own, behind the terminal's `^C`."""
    if os.isatty(2):
        os.write(2, b"\n")


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    leave_line()
    os._exit(INTERRUPTED)
