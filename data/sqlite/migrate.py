"""Schema steps: numbered `.sql` files, each applied once, with its record in `schema_migrations`, in one transaction.

A step that fails leaves nothing behind and stays pending. Several processes may migrate one database at a time.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from data.sqlite.errors import path_of
from data.sqlite.transaction import transaction
from data.stores import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"

_APPLIED = "SELECT version FROM schema_migrations"
_VERSION = "SELECT MAX(version) FROM schema_migrations"
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY name"
_CREATE = """
    CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at DATETIME)
"""
_RECORD = "INSERT INTO schema_migrations VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))"


class Migration(NamedTuple):
    """One step: `0001_initial.sql` is version 1, named `initial`."""

    version: int
    name: str
    path: Path


def find_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """All steps that this version knows, in their order."""
    found = []
    for path in folder.glob("*.sql"):
        number, _, name = path.stem.partition("_")
        found.append(Migration(int(number), name, path))
    return sorted(found)


def migrate(connection: sqlite3.Connection, folder: Path = MIGRATIONS) -> None:
    """Brings the database to the newest schema. Raises `StoreError` for a newer one and for another program's."""
    known = find_migrations(folder)
    if not _pending(connection, known):
        return
    for migration in known:
        with transaction(connection):
            # Asked again under the lock: another process may have been quicker.
            if migration in _pending(connection, known):
                _apply(connection, migration)


def check_schema(connection: sqlite3.Connection, folder: Path = MIGRATIONS) -> None:
    """Raises `StoreError` unless the schema is the newest: for readers, who cannot migrate."""
    if _pending(connection, find_migrations(folder)):
        raise StoreError(
            f"the schema of {path_of(connection)} is older than this version of wrapper", "record into it to update it"
        )


def schema_version(connection: sqlite3.Connection) -> int:
    """The number of the last step that was applied."""
    (version,) = connection.execute(_VERSION).fetchone()
    return int(version)


def split_statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would commit the transaction around it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    rest = [line for line in statement.splitlines() if line.strip() and not line.lstrip().startswith("--")]
    if rest:
        raise ValueError(f"a statement without its end: {rest[0]!r}")


def _pending(connection: sqlite3.Connection, known: Sequence[Migration]) -> list[Migration]:
    applied = _applied(connection)
    newest = known[-1].version
    if applied and max(applied) > newest:
        raise StoreError(
            f"the schema of {path_of(connection)} is number {max(applied)}, this version of wrapper knows {newest}",
            "update wrapper, or name another file with --db",
        )
    return [migration for migration in known if migration.version not in applied]


def _applied(connection: sqlite3.Connection) -> set[int]:
    tables = [name for (name,) in connection.execute(_TABLES)]
    if "schema_migrations" in tables:
        return {version for (version,) in connection.execute(_APPLIED)}
    if tables:
        raise StoreError(
            f"{path_of(connection)} is another program's database: it has a table {tables[0]!r}, no schema_migrations",
            "name a file of its own with --db",
        )
    return set()


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    connection.execute(_CREATE)
    try:
        for statement in split_statements(migration.path.read_text(encoding="utf-8")):
            connection.execute(statement)
    except (sqlite3.Error, ValueError) as error:
        raise StoreError(f"the schema step {migration.path.name} fails: {error}") from error
    connection.execute(_RECORD, (migration.version, migration.name))
