"""Signals to us are signals to the agent, and a grace later its end."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pexpect
import pytest

from program import TIMEOUT
from pump_run import PumpRun, Spawn

MODES = pytest.mark.parametrize("pty", ["--pty", "--no-pty"])


def catching(number: int, then: str) -> list[str]:
    """An agent that says when it is ready for a signal and when that has come."""
    script = """
import os, signal, sys, time
caught = []
signal.signal(int(sys.argv[1]), lambda *_: caught.append(os.write(1, b"caught\\n")))  # print may be at work already
print("ready", flush=True)
while not caught:
    time.sleep(0.01)
exec(sys.argv[2])
"""
    return [sys.executable, "-c", script, str(int(number)), then]


@MODES
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1])
def test_a_signal_to_us_reaches_the_agent(directory: Path, pty: str, number: signal.Signals) -> None:
    with PumpRun(directory, *catching(number, "sys.exit(9)"), options=(pty,)).started() as process:
        assert process.stdout.readline().split() == [b"ready"]
        process.send_signal(number)
        assert process.stdout.readline().split() == [b"caught"]
        assert process.wait() == 9


@MODES
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_that_asks_the_agent_to_end_is_recorded(directory: Path, pty: str, number: signal.Signals) -> None:
    run = PumpRun(directory, *catching(number, "sys.exit(0)"), options=(pty,))
    with run.started() as process:
        assert process.stdout.readline().split() == [b"ready"]
        process.send_signal(number)
        assert process.wait() == 0
    assert [record.name for record in run.timing() if record.name.startswith("SIG")] == [number.name]


@MODES
def test_a_signal_to_us_reaches_what_the_agent_has_started(directory: Path, pty: str) -> None:
    run = PumpRun(directory, "sh", "-c", "echo ready; sleep 1000; echo not reached", options=(pty,))
    with run.started() as process:
        assert process.stdout.readline().split() == [b"ready"]
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM


@MODES
def test_an_agent_that_does_not_end_is_killed_after_the_grace(directory: Path, pty: str) -> None:
    run = PumpRun(directory, *catching(signal.SIGTERM, "time.sleep(1000)"), options=(pty, "--grace=2"))
    with run.started() as process:
        assert process.stdout.readline().split() == [b"ready"]
        process.terminate()
        assert process.stdout.read().split() == [b"caught"]
        assert process.wait() == -signal.SIGKILL
    assert run.header("SIGNAL") == "SIGKILL"


def test_an_interrupt_leaves_an_agent_that_survives_it_alone(directory: Path) -> None:
    run = PumpRun(directory, *catching(signal.SIGINT, "print(input())"), options=("--grace=0",))
    with run.started(stdin=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == b"caught\n"
        process.type(b"alive\n")
        assert process.stdout.readline() == b"alive\n"
        assert process.wait() == 0


@MODES
def test_a_signal_that_was_ignored_at_the_start_stays_ignored(directory: Path, pty: str) -> None:
    run = PumpRun(directory, "sh", "-c", "echo ready; kill -HUP $$; echo alive", options=(pty,))
    run.argv = ["nohup", *run.argv]
    with run.started() as process:
        assert process.stdout.readline().split() == [b"ready"]
        process.send_signal(signal.SIGHUP)
        assert process.stdout.readline().split() == [b"alive"]
        assert process.wait() == 0


@MODES
def test_a_run_whose_parent_had_blocked_sigchld_ends(directory: Path, pty: str) -> None:
    run = PumpRun(directory, "grep", "SigBlk", "/proc/self/status", options=(pty,))
    blocked = "import os, signal, sys; signal.pthread_sigmask(0, [signal.SIGCHLD]); os.execv(sys.argv[1], sys.argv[1:])"
    run.argv = [sys.executable, "-c", blocked, *run.argv]
    done = run.run()
    assert (done.returncode, done.stdout.split()) == (0, [b"SigBlk:", b"0000000000010000"])


COUNTING = """
import os, signal, sys
caught = 0
def note(*_):
    global caught
    caught += 1
    os.write(1, b"caught %d\\n" % caught)
signal.signal(int(sys.argv[1]), note)
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1])
@pytest.mark.parametrize("to_group", [True, False])
def test_an_agent_in_our_group_gets_each_signal_once(
    directory: Path, spawn: Spawn, number: signal.Signals, to_group: bool
) -> None:
    """Whether it was sent to the group that we share, or to us alone."""
    run = PumpRun(directory, sys.executable, "-c", COUNTING, str(int(number)), options=("--no-pty",))
    terminal = spawn(run.argv)
    terminal.expect_exact("ready")
    assert terminal.pid
    for times in (1, 2):
        (os.killpg if to_group else os.kill)(terminal.pid, number)
        terminal.expect_exact(f"caught {times}")
    terminal.sendline("end")
    terminal.expect(pexpect.EOF)
    assert run.log().count(b"caught") == 2


@MODES
def test_a_stop_and_its_end_are_recorded(directory: Path, pty: str) -> None:
    run = PumpRun(directory, "sh", "-c", "echo ready; read _; kill -STOP $$; echo continued", options=(pty,))
    with run.started(stdin=subprocess.PIPE) as process:
        assert process.stdout.readline().split() == [b"ready"]
        process.type(b"\n")
        run.wait_for("paused")
        process.send_signal(signal.SIGCONT)
        assert process.stdout.readline().split() == [b"continued"]
        assert process.wait() == 0
    assert run.states() == ["running", "paused", "resumed"]
    assert (
        next(record.fields["SIGNAL"] for record in run.timing() if record.fields.get("NAME") == "paused") == "SIGSTOP"
    )


def test_an_agent_on_a_pty_is_told_when_the_pump_is_killed(directory: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    script = """
import signal, sys, time
fifo = open(sys.argv[1], "w")
signal.signal(signal.SIGHUP, lambda *_: sys.exit(fifo.write("told")))
print("ready", flush=True)
while True:
    time.sleep(0.01)
"""
    fifo = os.fspath(tmp_path / "fifo")
    reader = ThreadPoolExecutor().submit((tmp_path / "fifo").read_text)
    with PumpRun(directory, sys.executable, "-c", script, fifo, options=("--pty",)).started() as process:
        assert process.stdout.readline() == b"ready\r\n"
        process.kill()
    assert reader.result(TIMEOUT) == "told"
