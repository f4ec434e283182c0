"""The backends of the contract suite in `tests/data`: to add one, add a line to the table."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from data.sqlite.extraction_store import SQLiteExtractionStore
from data.sqlite.session_store import SQLiteSessionStore
from data.stores import ExtractionStore, SessionStore


class Backend(NamedTuple):
    """How to open the stores of one database, as often as a test likes."""

    extractions: Callable[[], AbstractAsyncContextManager[ExtractionStore]]
    sessions: Callable[[], AbstractAsyncContextManager[SessionStore]]


def _sqlite(folder: Path) -> Backend:
    path = folder / "data" / "wrapper.db"
    return Backend(partial(SQLiteExtractionStore.open, path), partial(SQLiteSessionStore.open, path))


BACKENDS: dict[str, Callable[[Path], Backend]] = {"sqlite": _sqlite}
