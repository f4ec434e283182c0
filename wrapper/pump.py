"""Runs an agent and stands between it and the user: what it prints is recorded, then shown; keys and signals go in.

A small loop over file descriptors, which knows neither regexes nor databases. Nothing that goes wrong with the
recording reaches the agent, a slow reader of one stream holds up neither the other nor signals, and nothing waits for
what the agent leaves behind.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from wrapper.agent import Agent, agent_environment, start_agent
from wrapper.child import has_controlling_terminal
from wrapper.group_witness import GroupWitness
from wrapper.journal import Journal, Recorder
from wrapper.keyboard import Keyboard, Replies, find_keyboard
from wrapper.left_running import hand_on
from wrapper.lifecycle import Lifecycle
from wrapper.loop import Loop
from wrapper.relay import OutputRelay
from wrapper.signals import SignalPipe, signal_name
from wrapper.sink import Sink
from wrapper.terminal import Modes, Terminal, find_terminal, pack_window, set_window, window_size

DESCRIPTORS = {"stdout": 1, "stderr": 2}

_LF = 10


class PumpOptions(NamedTuple):
    """Seconds of patience.

    `stop_grace`: from SIGTERM to SIGKILL. `linger`: for output after the agent's end, while something that it left
    behind holds its streams. `quiet`: without output, after which what was written at once counts as whole.
    `settle`: without output, after which what stands on a PTY counts as settled.
    """

    stop_grace: float = 10.0
    linger: float = 1.0
    quiet: float = 0.004
    settle: float = 0.1


class AgentExit(NamedTuple):
    """How the agent ended. `exit_code` is 128+n after `signal` n.

    `recording_error` is what ended the recording early; `held` says that something still held the agent's output, and
    `open_line` that what was shown on a terminal last has no end of line.
    """

    exit_code: int
    signal: int | None = None
    recording_error: OSError | None = None
    held: bool = False
    open_line: bool = False


def run_agent(
    command: Sequence[str],
    environ: Mapping[str, str],
    modes: Modes,
    recorder: Recorder,
    *,
    started: int,
    size: tuple[int, int],
    on_started: Callable[[int], None],
    doorbell: Callable[[], None],
    options: PumpOptions,
    replies: Replies | None = None,
) -> AgentExit:
    """Runs the agent to its end, with our standard streams connected as `modes` says (`terminal.stream_modes`).

    `started` is `clock.now()` of the recording's start and `size` what its header says (`terminal_size`).
    `on_started` gets the agent's process id; `doorbell` is called after each record and must not block. `replies`
    gets what a PTY prints where no terminal of ours could answer it, and returns what is typed in answer.
    Call it from the main thread, before there are others. Raises `AgentNotStartedError`.
    """
    terminal = find_terminal(modes)
    window = terminal.window() if terminal else pack_window(*size)
    environ = agent_environment(environ)
    whole = modes[1] == "pty"
    with SignalPipe(reads_terminal=whole) as signals, ExitStack() as watching:
        witness = None
        if not whole and has_controlling_terminal():  # then the agent stays in our group
            witness = GroupWitness()
            watching.callback(witness.close)
        agent = start_agent(command, environ, modes, terminal, window, mask=signals.mask)
        pump = _Pump(agent, terminal, window, options)
        try:
            pump.connect(modes, Journal(recorder, started, doorbell, pump.complain), signals, replies, witness)
            pump.announce(on_started, size)
            return pump.run()
        finally:
            pump.close()


class _Pump:
    def __init__(self, agent: Agent, terminal: Terminal | None, window: bytes, options: PumpOptions) -> None:
        self._agent = agent
        self._terminal = terminal
        self._window = window
        self._options = options
        self._loop = Loop()
        self._relays: dict[str, OutputRelay] = {}
        self._keyboard: Keyboard | None = None
        self._lingered = False

    def connect(
        self, modes: Modes, journal: Journal, signals: SignalPipe, replies: Replies | None, witness: GroupWitness | None
    ) -> None:
        self._journal = journal
        self._replies = None if self._terminal else replies
        if self._agent.pty == "stdout":
            self._keyboard = find_keyboard(self._loop, modes, self._agent.outputs["stdout"], self._terminal)
        for stream, source in self._agent.outputs.items():
            self._relays[stream] = OutputRelay(
                self._loop,
                source,
                Sink(DESCRIPTORS[stream], failed=partial(self._cannot_show, stream)),
                record=partial(self._record, stream),
                shown=journal.ring,
                closed=partial(self._closed, stream),
            )
        self._life = Lifecycle(
            self._loop,
            self._agent.child,
            signals,
            journal,
            self,
            job=self._terminal is not None or self._agent.child.in_our_group,
            grace=self._options.stop_grace,
            witness=witness,
        )

    def announce(self, on_started: Callable[[int], None], size: tuple[int, int]) -> None:
        self._journal.state("running", PID=self._agent.child.pid)
        if self._agent.pty and window_size(self._window) != size:
            self._journal.resize(*window_size(self._window))
        self.reclaim_terminal()
        on_started(self._agent.child.pid)

    def run(self) -> AgentExit:
        while self._life.status is None or not all(relay.done for relay in self._relays.values()):
            self._loop.step()
        self.release_terminal()
        held = {relay.held: DESCRIPTORS[stream] for stream, relay in self._relays.items() if relay.held is not None}
        if held:
            hand_on(held)
        if held and self._lingered:
            self.complain("something that the agent started still holds its output; the recording ends here")
        number = os.WTERMSIG(self._life.status) if os.WIFSIGNALED(self._life.status) else None
        exit_code = os.WEXITSTATUS(self._life.status) if number is None else 128 + number
        self._journal.finish(exit_code, None if number is None else signal_name(number))
        open_line = any(relay.sink.is_terminal and relay.open_line for relay in self._relays.values())
        return AgentExit(exit_code, number, self._journal.error, bool(held), open_line)

    def close(self) -> None:
        """Gives the terminal back, and lets go of everything."""
        if self._keyboard:
            self._keyboard.stop()
        for relay in self._relays.values():
            relay.close()
            relay.sink.close()
        if self._keyboard:
            self._keyboard.close()
        self._agent.child.close()
        self._loop.close()

    def complain(self, text: str) -> None:
        """One line on stderr, or on the terminal; nothing waits until somebody reads it."""
        raw = self._terminal is not None and self._terminal.is_raw
        line = (f"\r\nwrapper: {text}\r\n" if raw else f"wrapper: {text}\n").encode()
        for stream, relay in self._relays.items():
            if stream == "stderr" or relay.sink.is_terminal:
                relay.insert(line)
                return
        sink = Sink(DESCRIPTORS["stderr"])
        sink.write(memoryview(line))
        sink.close()

    def release_terminal(self) -> None:
        for relay in self._relays.values():
            relay.catch_up()
        if self._keyboard:
            self._keyboard.stop()

    def reclaim_terminal(self) -> None:
        if self._keyboard:
            self._keyboard.stop()
            self._keyboard.start()
        self.follow_window()

    def follow_window(self) -> None:
        pty = self._agent.pty
        if self._terminal is None or pty is None or self._relays[pty].at_end:
            return
        window = self._terminal.window()
        if window != self._window:
            self._window = window
            set_window(self._agent.outputs[pty], window)
            self._journal.resize(*window_size(window))

    def agent_ended(self) -> None:
        self._loop.call_in(self._options.linger, self._stop_lingering)

    def hurry(self) -> None:
        for relay in self._relays.values():
            relay.abandon()

    def _stop_lingering(self) -> None:
        self._lingered = True
        for relay in self._relays.values():
            relay.finish()

    def _record(self, stream: str, data: memoryview) -> None:
        self._journal.output(stream, data)
        self._loop.call_in(self._options.quiet, self._journal.quiet)
        if stream == self._agent.pty:
            self._loop.call_in(self._options.settle, self._journal.idle)
            if self._keyboard:
                self._keyboard.notice_output(line_open=data[-1] != _LF)
                if self._replies and self._keyboard.has_room:
                    self._keyboard.type(self._replies(bytes(data)))

    def _cannot_show(self, stream: str, error: OSError) -> None:
        self.complain(f"cannot write to {stream}: {error.strerror}; the agent can write no more there either")

    def _closed(self, stream: str) -> None:
        if stream == self._agent.pty and self._keyboard:
            self._keyboard.hang_up()
