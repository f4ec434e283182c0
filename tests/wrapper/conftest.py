"""Where the pump records to in a test, and terminals to start it at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from program import TIMEOUT
from pump_run import ENVIRON, Spawn, Terminal


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "recordings" / "agent" / "session"


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Spawn]:
    """Starts a program at a terminal of its own, with `tmp_path` as its working directory."""
    terminals = []

    def start(argv: list[str], size: tuple[int, int] = (24, 80)) -> "Terminal[Any]":
        environ = ENVIRON | {"TERM": "xterm", "PS1": "PROMPT> ", "HISTFILE": ""}
        terminal = pexpect.spawn(argv[0], argv[1:], env=environ, dimensions=size, timeout=TIMEOUT, cwd=tmp_path)
        terminal.delaybeforesend = None
        terminals.append(terminal)
        return terminal

    yield start
    for terminal in terminals:
        terminal.close(force=True)
