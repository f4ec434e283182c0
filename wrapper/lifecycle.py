"""The agent's life: stops, continues, ends, and what signals to us do to it.

Signals go to the agent, with two exceptions. One that was sent to our whole process group is not sent twice to an agent
that is in it; and SIGTERM or SIGHUP is followed by SIGKILL after a grace. When the agent stops (Ctrl-Z), we stop too,
so that the shell sees a stopped job; when we are continued, the agent is.
"""

import os
import signal
from typing import Protocol

from wrapper.child import Child
from wrapper.group_witness import GroupWitness
from wrapper.journal import Journal
from wrapper.loop import READ, Loop
from wrapper.signals import ASKS_TO_END, ENDING, JOB_CONTROL, SignalPipe, signal_name, stop_ourselves


class Surroundings(Protocol):
    """What is around the agent and has to follow its life."""

    def release_terminal(self) -> None:
        """The shell is about to have it; what the agent printed before it stopped is to be seen."""

    def reclaim_terminal(self) -> None:
        """The shell may have given it back, with another size."""

    def follow_window(self) -> None:
        """The terminal may have another size."""

    def agent_ended(self) -> None:
        """What it printed last is still to be shown."""

    def hurry(self) -> None:
        """The agent has ended, and the user does not want to wait for readers of its output."""


class Lifecycle:
    """From the start to `status`, which is what waitpid(2) said of the agent's end, and None before.

    `job` says whether a shell's job control is to see the agent stop; an agent in our process group has a `witness`.
    """

    def __init__(
        self,
        loop: Loop,
        child: Child,
        signals: SignalPipe,
        journal: Journal,
        surroundings: Surroundings,
        *,
        witness: GroupWitness | None,
        job: bool,
        grace: float,
    ) -> None:
        self.status: int | None = None
        self._loop = loop
        self._child = child
        self._signals = signals
        self._journal = journal
        self._surroundings = surroundings
        self._job = job
        self._grace = grace
        self._paused = False
        self._ending = False
        self._witness = witness
        if witness:
            witness.begin(loop, child.send)
        loop.watch(signals.fileno(), READ, self._take_signals)
        if child.status_fd is not None:
            loop.watch(child.status_fd, READ, self._take_statuses)

    def _take_signals(self) -> None:
        for number in self._signals.take():
            self._handle(number)

    def _handle(self, number: int) -> None:
        match number:
            case signal.SIGCHLD:
                self._take_statuses()
            case signal.SIGWINCH:
                self._surroundings.follow_window()
            case signal.SIGCONT:
                self._surroundings.reclaim_terminal()
                if not self._child.in_our_group:  # else it has been continued with us, and may have stopped again
                    self._child.send(signal.SIGCONT)
                self._resumed()
            case _:
                self._forward(number)

    def _forward(self, number: int) -> None:
        if self.status is not None:
            if number in ASKS_TO_END:
                self._surroundings.hurry()
            return
        if number in ASKS_TO_END:
            self._journal.signal(signal_name(number))
        if self._witness is None:
            self._child.send(number)
        elif number not in JOB_CONTROL:  # that has always come to the group
            self._witness.judge(number)
        if number in ENDING and not self._ending:
            self._ending = True
            self._loop.call_in(self._grace, self._kill)

    def _kill(self) -> None:
        self._child.send(signal.SIGKILL)

    def _take_statuses(self) -> None:
        for status in self._child.statuses():
            if os.WIFSTOPPED(status):
                self._stopped(os.WSTOPSIG(status))
            elif os.WIFCONTINUED(status):
                self._resumed()
            else:
                self._ended(status)

    def _stopped(self, number: int) -> None:
        self._paused = True
        self._journal.state("paused", SIGNAL=signal_name(number))
        if not self._job:
            return
        self._surroundings.release_terminal()
        stop_ourselves(os.getpid() if self._child.in_our_group else 0)
        arrived = self._signals.take()
        if signal.SIGCONT not in arrived and number != signal.SIGSTOP:
            # Nobody could continue us, so we were not stopped; then Ctrl-Z has no effect, as it has none without us.
            arrived.insert(0, signal.SIGCONT)
        for other in arrived:
            self._handle(other)

    def _resumed(self) -> None:
        if self._paused:
            self._paused = False
            self._journal.state("resumed")

    def _ended(self, status: int) -> None:
        self.status = status
        self._loop.cancel(self._kill)
        if self._child.status_fd is not None:
            self._loop.unwatch(self._child.status_fd)
        self._surroundings.agent_ended()
