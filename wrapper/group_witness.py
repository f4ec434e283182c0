"""Tells a signal that was sent to our whole process group from one that was sent to us alone.

An agent in our group has got the first already: from the terminal's Ctrl-C, or from `kill %1`. Nothing says so of a
signal, but another member of the group has got it as well: a process that does nothing else than say so.
"""

import contextlib
import os
import signal
import struct
import time
from collections.abc import Callable
from typing import NoReturn

from wrapper.child import close_all_but
from wrapper.loop import READ, Loop

_PATIENCE = 0.2  # seconds; what the witness has not said by then was for us alone
_RECENT = 1.0  # seconds of ours for which it is remembered what it said of a signal that we have not got
_LOOK = 2.0  # seconds from one look whether we are still there to the next
_MESSAGE = struct.Struct("Bd")  # a signal's number, and when it came (`time.monotonic`)
_KEYS = (signal.SIGINT, signal.SIGQUIT)  # mostly from the terminal, to the group


class GroupWitness:
    """The other member of the group, which ends with us. To be made before the agent is, while we have one thread."""

    def __init__(self) -> None:
        self._pid = self._fd = -1
        with contextlib.suppress(OSError):  # no process to be had
            self._fd, writing = os.pipe()
            os.set_blocking(self._fd, False)
            mask = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
            us = os.getpid()
            try:
                self._pid = os.fork()
                if not self._pid:
                    _watch(us, writing)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
                os.close(writing)
        self._seen: list[tuple[int, float]] = []  # that we have not got yet, and since when it is known
        self._asked: list[tuple[int, float]] = []  # that it has not said yet, and until when it may
        self._given_up: list[tuple[int, float]] = []  # that it had not said until then

    def begin(self, loop: Loop, pass_on: Callable[[int], None]) -> None:
        """`pass_on` gets what `judge` finds to be for us alone."""
        self._loop = loop
        self._pass_on = pass_on
        if self._pid > 0:
            loop.watch(self._fd, READ, self._hear)

    def judge(self, number: int) -> None:
        """Passes a signal that we have just got on, unless it has come to the group; not at once."""
        if self._pid > 0:
            self._hear()
        seen = next((seen for seen in self._seen if seen[0] == number), None)
        if seen:
            self._seen.remove(seen)
        elif self._pid > 0:
            self._asked.append((number, time.monotonic() + _PATIENCE))
            self._loop.call_in(_PATIENCE, self._give_up)
        elif number not in _KEYS:  # nobody can say it
            self._pass_on(number)

    def close(self) -> None:
        """Ends it."""
        self._asked.clear()
        if self._pid > 0:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        if self._fd >= 0:
            os.close(self._fd)

    def _hear(self) -> None:
        try:
            data = os.read(self._fd, 64 * _MESSAGE.size)  # each was written at once
        except BlockingIOError:
            return
        if not data:  # somebody has killed it
            self._loop.unwatch(self._fd)
            os.waitpid(self._pid, 0)
            self._pid = -1
        for number, at in _MESSAGE.iter_unpack(data):
            self._take(number, at)
        self._loop.call_in(_RECENT, self._forget)

    def _forget(self) -> None:
        oldest = time.monotonic() - _RECENT
        self._seen = [seen for seen in self._seen if seen[1] > oldest]

    def _take(self, number: int, at: float) -> None:
        for late in self._given_up:
            if late[0] == number and at <= late[1]:
                self._given_up.remove(late)
                return
        for asked in self._asked:
            if asked[0] == number:
                self._asked.remove(asked)
                return
        self._seen.append((number, time.monotonic()))

    def _give_up(self) -> None:
        now = time.monotonic()
        over = [asked for asked in self._asked if asked[1] <= now]
        self._asked = [asked for asked in self._asked if asked[1] > now]
        self._given_up = [late for late in self._given_up if late[1] > now - _RECENT] + over
        for number, _ in over:
            self._pass_on(number)
        if self._asked:
            self._loop.call_in(self._asked[0][1] - now, self._give_up)


def _watch(us: int, fd: int) -> NoReturn:
    try:
        close_all_but(fd)
        signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)
        while os.getppid() == us:
            number = signal.sigwait(signal.valid_signals())
            if number != signal.SIGALRM:
                os.write(fd, _MESSAGE.pack(number, time.monotonic()))
    finally:
        os._exit(0)
