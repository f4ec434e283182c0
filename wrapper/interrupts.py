"""Ctrl-C at a command of ours: it ends with 130, as shells say it, and without a traceback.

A run of an agent is not concerned: while there is an agent, Ctrl-C is the agent's (`wrapper.signals`).
"""

import os
import signal
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT


def end_at_once() -> None:
    """From here on Ctrl-C ends us as we stand: nothing is under way yet. Where it is ignored (`nohup`) it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_interrupts() -> None:
    """From here on Ctrl-C is a `KeyboardInterrupt` again, so that what is under way is left in order."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def leave_line() -> None:
    """The prompt that follows begins a line of its own, behind the terminal's `^C`."""
    if os.isatty(2):
        os.write(2, b"\n")


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    leave_line()
    os._exit(INTERRUPTED)
