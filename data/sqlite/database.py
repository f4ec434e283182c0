"""Opening a database file: for writing (made and migrated as needed), or for reading alone.

A writer waits up to `busy_timeout` seconds for another one. Every failure is a `StoreError` that names the path.
"""

import os
import sqlite3
import time
from pathlib import Path

from data.sqlite.errors import naming
from data.sqlite.migrate import check_schema, migrate
from data.stores import StoreError

BUSY_TIMEOUT = 10.0

_WAL_RETRY = 0.01
_CACHE_KIB = 16 << 10  # the tail of every index stays in memory while a batch is stored
_CHECKPOINT_PAGES = 4000  # each batch touches the same pages of every index: write them back less often


def open_writer(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """A connection in autocommit mode (`data.sqlite.transaction` begins and commits), the schema up to date."""
    with naming(path):
        _make_folder(path.parent)
        _make_file(path)
        connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None)
        try:
            _use_wal(connection, path, busy_timeout)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return connection


def open_reader(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """A connection that cannot write. The file must exist and have our schema."""
    with naming(path):
        # As a URI every character of a path stands for itself: ?, # and % would end it or be decoded.
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=busy_timeout, isolation_level=None)
        try:
            connection.execute("PRAGMA query_only = ON")
            check_schema(connection)
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return connection


def _make_folder(folder: Path) -> None:
    """A folder of ours keeps itself out of git; one that was there is left as it is."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _make_file(path: Path) -> None:
    # Only ever a new file: closing one that is in use would drop the locks that SQLite holds on it in this process.
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return


def _use_wal(connection: sqlite3.Connection, path: Path, busy_timeout: float) -> None:
    """SQLite does not wait by itself when two processes switch a new file to WAL at once."""
    deadline = time.monotonic() + busy_timeout
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY)
    if mode != "wal":
        raise StoreError(
            f"{path} cannot use write-ahead logging (its mode is {mode})", "put it on a local disk with --db"
        )
