"""A place of its own for every test that runs the program: home, working directory and environment."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from program import TIMEOUT, Place

# A suite that was started in the background ignores what the programs that it starts must feel.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

settings.register_profile("untimed", deadline=None)  # these machines are noisy: no test judges how long it takes
settings.load_profile("untimed")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty home and working directory, and an environment without anything of ours.

    Runs wait until all is stored, on the slowest machine too: a test that is about the wait says how long it is.
    """
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("WRAPPER_", "XDG_", "PYTHON"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{keep['PATH']}"
    ours = {"HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8", "WRAPPER_DRAIN_TIMEOUT": str(TIMEOUT)}
    return Place(work, keep | ours)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=10, help="how many runs tests/e2e/test_kills.py kills")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill" in metafunc.fixturenames:
        metafunc.parametrize("kill", range(metafunc.config.getoption("--kills")))
