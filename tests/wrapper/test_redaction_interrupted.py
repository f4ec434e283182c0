"""Masking a recording that has no database, and somebody who does not want to wait for it."""

import signal
import sys
from pathlib import Path

import pytest

from program import Place

INTERRUPTED = """
import os, signal, sys
import wrapper.redaction
wrapper.redaction.redact_recording = lambda directory: os.kill(os.getpid(), int(sys.argv.pop()))
from wrapper.__main__ import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_status_is_the_agents_and_what_may_be_left_is_said(place: Place, number: signal.Signals) -> None:
    program = Path(place.directory, "interrupted.py")
    program.write_text(INTERRUPTED)
    ran = place.shell(f"{sys.executable} {program} x --redact-recording --disable-db -- sh -c 'exit 7' {int(number)}")
    assert ran.returncode == 7
    assert ran.stderr == f"wrapper: secrets may be left in {place.recording()}: interrupted\n"
