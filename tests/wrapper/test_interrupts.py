"""Ctrl-C at any moment: 130, and no traceback."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from program import TIMEOUT, Place, wait_until

AT_THE_START = """
import os, signal, sys
import wrapper.__main__ as program
sys.argv = ["wrapper", "sessions"]
program._prefer_own_packages = lambda: os.kill(os.getpid(), signal.SIGINT)
program.main()
"""
WHILE_THE_COMMAND_IS_LOADED = """
import os, signal, sys
import wrapper.__main__ as program, wrapper.cli
sys.argv = ["wrapper", "sessions"]
wrapper.cli.import_module = lambda name: os.kill(os.getpid(), signal.SIGINT)
program.main()
"""
IN_THE_COMMAND = """
import os, signal, sys
import wrapper.__main__ as program, wrapper.commands.sessions as sessions
sys.argv = ["wrapper", "sessions"]
sessions.command.callback = lambda **flags: os.kill(os.getpid(), signal.SIGINT)
program.main()
"""


@pytest.mark.parametrize("program", [AT_THE_START, WHILE_THE_COMMAND_IS_LOADED, IN_THE_COMMAND])
def test_an_interrupted_command_ends_with_130_and_says_nothing(place: Place, program: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=place.directory, env=place.environ, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")


def test_a_question_that_is_interrupted_is_no_answer(place: Place) -> None:
    asking = place.start("purge", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert asking.stderr is not None
    said = b""
    while b"[y/N]" not in said:
        said += asking.stderr.read(1)
    stat = Path(f"/proc/{asking.pid}/stat")
    wait_until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "S", "its waiting for an answer")
    asking.send_signal(signal.SIGINT)
    _, rest = asking.communicate(timeout=TIMEOUT)
    assert asking.returncode == 130
    assert b"Traceback" not in rest
    assert b"Aborted" not in rest


def test_an_interrupt_that_is_ignored_stays_ignored(place: Place) -> None:
    ignoring = AT_THE_START.replace('"sessions"', '"--version"')
    script = f"trap '' INT; {sys.executable} -c '{ignoring.replace(chr(39), chr(34))}'"
    ran = place.shell(script)
    assert (ran.returncode, ran.stderr) == (0, "")
