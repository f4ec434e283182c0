"""A place of its own for every test that runs the program: home, working directory and environment."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from program import Place, new_place

# A suite that was started in the background ignores what the programs that it starts must feel.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# Machines are noisy: no test judges how long it takes, nor how long it takes to think of its examples.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty home and working directory, and an environment without anything of ours."""
    return new_place(tmp_path)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=10, help="how many runs tests/e2e/test_kills.py kills")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill" in metafunc.fixturenames:
        metafunc.parametrize("kill", range(metafunc.config.getoption("--kills")))
