"""Stores on a database of its own for every test; those of the contract suite for every backend."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from backends import BACKENDS, Backend
from data.sqlite.recording_store import SQLiteRecordingStore
from data.stores import ExtractionStore, SessionStore


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return BACKENDS[request.param](tmp_path)


@pytest.fixture
async def extractions(backend: Backend, anyio_backend: str) -> AsyncIterator[ExtractionStore]:  # noqa: ARG001 (runs it)
    async with backend.extractions() as store:
        yield store


@pytest.fixture
async def sessions(backend: Backend, anyio_backend: str) -> AsyncIterator[SessionStore]:  # noqa: ARG001 (runs it)
    async with backend.sessions() as store:
        yield store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "wrapper.db"


@pytest.fixture
def recordings(path: Path) -> Iterator[SQLiteRecordingStore]:
    with SQLiteRecordingStore.open(path) as store:
        yield store
