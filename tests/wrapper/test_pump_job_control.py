"""A run as a job of an interactive shell: Ctrl-Z, `fg` and `bg` do what they do without us."""

import shlex
from pathlib import Path
from typing import Any

import pexpect
import pytest

from program import wait_until
from pump_run import PumpRun, Spawn, Terminal

MODES = pytest.mark.parametrize("mode", ["--pty", "--no-pty"])
SHELL = ["bash", "--norc", "--noprofile", "-i"]
ECHO = 'echo ready; while read line; do echo "got $line"; done'
PROMPT = "PROMPT> "


def start(spawn: Spawn, run: PumpRun, suffix: str = "") -> "Terminal[Any]":
    terminal = spawn(SHELL)
    terminal.expect_exact(PROMPT)
    terminal.sendline(f"exec 2>&1; alias agent={shlex.quote(shlex.join(run.argv))}")
    terminal.expect_exact(PROMPT)
    terminal.sendline(f"agent {suffix}")
    terminal.expect_exact("ready")
    return terminal


@MODES
def test_ctrl_z_stops_the_job_and_fg_continues_it(directory: Path, spawn: Spawn, mode: str) -> None:
    run = PumpRun(directory, "sh", "-c", ECHO, options=(mode,))
    terminal = start(spawn, run)
    for number in (b"1", b"2"):
        terminal.send("\x1a")
        terminal.expect_exact("Stopped")
        terminal.expect_exact(PROMPT)
        terminal.sendline("fg")
        terminal.sendline(b"line " + number)
        terminal.expect_exact(b"got line " + number)
    terminal.sendeof()
    terminal.expect_exact(PROMPT)
    assert run.states() == ["running", "paused", "resumed", "paused", "resumed"]
    assert run.ended()["exit_code"] == 0


@MODES
def test_bg_lets_the_job_go_on_behind_the_shell(directory: Path, tmp_path: Path, spawn: Spawn, mode: str) -> None:
    # not dash: a child that it has by vfork(2), stopped before its exec, keeps it from stopping
    run = PumpRun(
        directory, "bash", "-c", "echo ready; until [ -e flag ]; do sleep 0.01; done; echo seen", options=(mode,)
    )
    terminal = start(spawn, run)
    terminal.send("\x1a")
    terminal.expect_exact("Stopped")
    terminal.expect_exact(PROMPT)
    terminal.sendline("bg")
    terminal.expect_exact(PROMPT)
    terminal.sendline("echo $((6 * 7))")
    terminal.expect_exact("42")
    (tmp_path / "flag").touch()
    terminal.expect_exact("seen")
    run.wait_for("EXIT_CODE")
    assert run.states() == ["running", "paused", "resumed"]


def test_a_job_fetched_from_the_background_gets_the_keyboard(directory: Path, spawn: Spawn) -> None:
    run = PumpRun(directory, "sh", "-c", ECHO)
    terminal = start(spawn, run)
    terminal.send("\x1a")
    terminal.expect_exact("Stopped")
    terminal.expect_exact(PROMPT)
    terminal.sendline("bg")
    terminal.expect_exact(PROMPT)
    terminal.sendline("fg")
    terminal.expect_exact(run.argv[0])
    terminal.sendline("line")
    terminal.expect_exact("got line")
    terminal.sendeof()
    terminal.expect_exact(PROMPT)


def test_a_job_started_in_the_background_leaves_the_keyboard_to_the_shell(directory: Path, spawn: Spawn) -> None:
    terminal = start(spawn, PumpRun(directory, "sh", "-c", ECHO), "&")
    terminal.sendline("")
    terminal.expect_exact(PROMPT)
    terminal.sendline("echo $((6 * 7))")
    terminal.expect_exact("42")
    terminal.sendline("fg")
    terminal.expect_exact(directory.name)
    terminal.sendline("line")
    terminal.expect_exact("got line")


@MODES
def test_an_agent_that_ignores_ctrl_z_is_not_stopped(directory: Path, spawn: Spawn, mode: str) -> None:
    run = PumpRun(directory, "sh", "-c", f"trap '' TSTP; {ECHO}", options=(mode,))
    terminal = start(spawn, run)
    terminal.send("\x1a")
    terminal.sendline("line")
    terminal.expect_exact("got line")
    assert run.states() == ["running"]


@MODES
def test_without_a_shell_to_continue_it_ctrl_z_does_not_stop_an_agent(directory: Path, spawn: Spawn, mode: str) -> None:
    run = PumpRun(directory, "sh", "-c", ECHO, options=(mode,))
    terminal = spawn(run.argv)
    terminal.expect_exact("ready")
    terminal.send("\x1a")
    terminal.sendline("line")
    terminal.expect_exact("got line")
    terminal.sendeof()
    terminal.expect(pexpect.EOF)


@MODES
def test_a_stop_from_outside_stops_the_job_too(directory: Path, spawn: Spawn, mode: str) -> None:
    run = PumpRun(directory, "sh", "-c", f"echo $$ > pid; {ECHO}", options=(mode,))
    terminal = start(spawn, run, "&")
    terminal.sendline("kill -STOP $(cat pid); wait; jobs")
    terminal.expect_exact("Stopped")
    terminal.sendline("fg")
    terminal.sendline("line")
    terminal.expect_exact("got line")


def test_the_size_of_the_window_is_taken_again_after_a_stop(directory: Path, spawn: Spawn) -> None:
    script = 'echo ready; while read line; do echo "size $(stty size)"; done'
    terminal = start(spawn, PumpRun(directory, "sh", "-c", script))
    terminal.send("\x1a")
    terminal.expect_exact("Stopped")
    terminal.expect_exact(PROMPT)
    terminal.setwinsize(33, 99)
    terminal.sendline("fg")
    terminal.sendline("line")
    terminal.expect_exact("size 33 99")


@MODES
def test_ctrl_z_stops_a_whole_pipeline(directory: Path, spawn: Spawn, mode: str) -> None:
    run = PumpRun(directory, "sh", "-c", ECHO, options=(mode,))
    terminal = start(spawn, run, "| cat")
    terminal.send("\x1a")
    terminal.expect_exact("Stopped")
    terminal.expect_exact(PROMPT)
    terminal.sendline("fg")
    terminal.sendline("line")
    terminal.expect_exact("got line")


@MODES
def test_what_was_printed_before_a_stop_is_shown_before_the_prompt(directory: Path, spawn: Spawn, mode: str) -> None:
    script = "echo ready; for n in 1 2 3 4 5; do read _; echo last $n; kill -TSTP $$; done"
    terminal = start(spawn, PumpRun(directory, "sh", "-c", script, options=(mode,)))
    for number in range(1, 6):
        terminal.sendline("")
        terminal.expect_exact(PROMPT)
        assert b"last %d\r\n" % number in (terminal.before or b"")
        terminal.sendline("fg")


@MODES
def test_a_job_that_was_started_in_the_background_can_be_typed_to_after_fg(
    directory: Path, tmp_path: Path, spawn: Spawn, mode: str
) -> None:
    script = 'touch started; until [ -e flag ]; do sleep 0.01; done; echo ready; read line; echo "got <$line>"'
    run = PumpRun(directory, "bash", "-c", script, options=(mode,))
    terminal = spawn(SHELL)
    terminal.expect_exact(PROMPT)
    terminal.sendline(f"alias agent={shlex.quote(shlex.join(run.argv))}")
    terminal.expect_exact(PROMPT)
    terminal.sendline("agent &")
    terminal.expect_exact(PROMPT)
    wait_until((tmp_path / "started").exists, "the agent's start")
    terminal.sendline("fg")
    terminal.expect_exact("flag")  # of the command that the shell says it goes on with
    (tmp_path / "flag").touch()
    terminal.expect_exact("\nready")
    terminal.send("abc\x7fd\r")
    terminal.expect_exact("got <abd>")
    terminal.expect_exact(PROMPT)
