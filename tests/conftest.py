"""A place of its own for every test that runs the program: home, working directory and environment."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from program import Place, new_place
from stream import line_reader, scanner
from stream.report import Report

# A suite that was started in the background ignores what the programs that it starts must feel.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# Machines are noisy: no test judges how long it takes, nor how long it takes to think of its examples.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _mistakes_of_readers_fail_their_tests() -> Iterator[None]:
    """A user's session survives them."""

    def fail(_report: Report, error: Exception, *_: object, **__: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        for module in (line_reader, scanner):
            patch.setattr(module, "tell_fault", fail)
        yield


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty home and working directory, and an environment without anything of ours."""
    return new_place(tmp_path)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=10, help="how many runs tests/e2e/test_kills.py kills")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill" in metafunc.fixturenames:
        metafunc.parametrize("kill", range(metafunc.config.getoption("--kills")))
