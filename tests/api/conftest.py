"""A server over a database of the test's choice."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.context import Settings
from running_server import running
from sample_database import SampleDatabase


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    sample = SampleDatabase(tmp_path / "wrapper.db")
    yield sample
    sample.close()


@pytest.fixture
def client(database: SampleDatabase) -> Iterator[httpx.Client]:
    with running(Settings(database.path, "1.2.3")) as http:
        yield http


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server over a database without rows, for what does not look at any."""
    sample = SampleDatabase(tmp_path_factory.mktemp("empty") / "wrapper.db")
    with running(Settings(sample.path, "1.2.3")) as http:
        yield http
    sample.close()
