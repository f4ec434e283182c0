"""Which stream gets a PTY, and what a PTY is like."""

import os
import termios

import pytest

from wrapper.terminal import open_pty, pack_window, raw_attributes, stream_modes, terminal_size, window_size


@pytest.mark.parametrize(
    ("isatty", "modes"),
    [
        ((True, True, True), ("pty", "pty", "pty")),
        ((True, True, False), ("pty", "pty", "pipe")),
        ((False, True, True), ("pipe", "pty", "pty")),
        ((False, True, False), ("pipe", "pty", "pipe")),
        ((True, False, True), ("pipe", "pipe", "pty")),
        ((True, False, False), ("pipe", "pipe", "pipe")),
        ((False, False, True), ("pipe", "pipe", "pty")),
        ((False, False, False), ("pipe", "pipe", "pipe")),
    ],
)
def test_a_stream_that_is_a_terminal_gets_a_pty_and_stdin_only_with_stdout(
    isatty: tuple[bool, bool, bool], modes: tuple[str, str, str]
) -> None:
    assert stream_modes(None, isatty) == modes


@pytest.mark.parametrize("isatty", [(True, True, True), (False, False, False)])
def test_a_mode_can_be_forced(isatty: tuple[bool, bool, bool]) -> None:
    assert stream_modes(pty=True, isatty=isatty) == ("pty", "pty", "pty")
    assert stream_modes(pty=False, isatty=isatty) == ("pipe", "pipe", "pipe")


def test_a_pty_without_a_terminal_has_the_size_that_the_environment_names() -> None:
    modes = ("pipe", "pty", "pipe") if not os.isatty(1) else ("pipe", "pipe", "pipe")
    assert terminal_size(modes, {"COLUMNS": "132", "LINES": "50"}) == (132, 50)
    assert terminal_size(modes, {"COLUMNS": "", "LINES": "-3"}) == (80, 24)
    assert terminal_size(modes, {"COLUMNS": "70000", "LINES": "1e3"}) == (80, 24)
    assert terminal_size(("pipe", "pipe", "pipe"), {"COLUMNS": "132"}) == (0, 0)


def test_a_window_is_packed_as_the_kernel_has_it() -> None:
    master, slave = open_pty(None, pack_window(132, 50), whole=True)
    assert termios.tcgetwinsize(slave) == (50, 132)
    assert window_size(pack_window(132, 50)) == (132, 50)
    os.close(master)
    os.close(slave)


def test_raw_settings_change_no_byte_in_either_direction() -> None:
    master, slave = open_pty(None, pack_window(80, 24), whole=True)
    termios.tcsetattr(slave, termios.TCSANOW, raw_attributes(termios.tcgetattr(slave)))
    every = bytes(range(256))
    os.write(master, every)
    assert os.read(slave, 1000) == every
    os.write(slave, every)
    assert os.read(master, 1000) == every
    os.close(master)
    os.close(slave)


def test_raw_settings_leave_what_they_are_made_from_alone() -> None:
    master, slave = os.openpty()
    found = termios.tcgetattr(slave)
    raw_attributes(found)
    assert found == termios.tcgetattr(slave)
    os.close(master)
    os.close(slave)
