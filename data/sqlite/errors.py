"""What SQLite could not do, said with the database's path and what the user can do about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.stores import StoreError

_OTHER_FILE = "name another file with --db"

# Primary result code → what is the matter, what helps.
_MEANINGS = {
    sqlite3.SQLITE_BUSY: ("is locked by another process", "try again when it is done: `fuser` names who has it open"),
    sqlite3.SQLITE_LOCKED: ("is locked by another connection", "try again"),
    sqlite3.SQLITE_READONLY: (
        "cannot be written",
        f"check the permissions of the file and its folder, or {_OTHER_FILE}",
    ),
    sqlite3.SQLITE_PERM: ("may not be accessed", f"check the permissions of the file and its folder, or {_OTHER_FILE}"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", f"check that its folder exists and is yours, or {_OTHER_FILE}"),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", f"make room, or {_OTHER_FILE}"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: the disk reports an error", f"check the disk, or {_OTHER_FILE}"),
    sqlite3.SQLITE_NOTADB: ("is not a SQLite database", _OTHER_FILE),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "move it away; `wrapper reindex --all` makes it again from the recordings",
    ),
}


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """The same failure as a `StoreError` that names the database."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_CANTOPEN and not path.exists():
        return StoreError(
            f"there is no database {path}", "record something first (wrapper AGENT --enable-db), or name one with --db"
        )
    if path.is_dir():
        return StoreError(f"{path} cannot be opened: it is a folder", _OTHER_FILE)
    what, hint = _MEANINGS.get(code, ("does not do what was asked", ""))
    return StoreError(f"{path} {what} ({error})", hint)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Raises as `StoreError` what goes wrong with the database at `path` within the block."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    except OSError as error:
        raise StoreError(f"{path} cannot be opened ({error})", f"check its folder, or {_OTHER_FILE}") from error


def path_of(connection: sqlite3.Connection) -> str:
    """The file that a connection is open on."""
    (path,) = [row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"]
    return str(path)
