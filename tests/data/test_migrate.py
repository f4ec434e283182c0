"""Schema steps: each once and whole, whoever else migrates at the same time."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.sqlite.database import open_writer
from data.sqlite.migrate import MIGRATIONS, find_migrations, migrate, split_statements
from data.stores import StoreError


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "0001_initial.sql").write_text("-- One; two.\nCREATE TABLE a (x);\nINSERT INTO a\n    VALUES ('a;b');\n")
    (folder / "0002_more.sql").write_text("CREATE TABLE b (x);\nINSERT INTO a VALUES ('more');\n")
    return folder


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    yield connection
    connection.close()


def applied(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    return list(connection.execute("SELECT version, name FROM schema_migrations ORDER BY version"))


def values(connection: sqlite3.Connection) -> list[str]:
    return [value for (value,) in connection.execute("SELECT x FROM a")]


def test_steps_are_applied_in_order_and_recorded(connection: sqlite3.Connection, steps: Path) -> None:
    migrate(connection, steps)
    assert applied(connection) == [(1, "initial"), (2, "more")]
    assert values(connection) == ["a;b", "more"]
    (when,) = connection.execute("SELECT applied_at FROM schema_migrations WHERE version = 1").fetchone()
    assert len(when) == 27
    assert when.endswith("Z")


def test_each_step_is_applied_exactly_once(connection: sqlite3.Connection, steps: Path) -> None:
    for _ in range(3):
        migrate(connection, steps)
    assert values(connection) == ["a;b", "more"]


def test_a_step_added_later_is_applied_to_what_is_there(connection: sqlite3.Connection, steps: Path) -> None:
    migrate(connection, steps)
    (steps / "0003_third.sql").write_text("INSERT INTO a VALUES ('third');\n")
    migrate(connection, steps)
    assert values(connection) == ["a;b", "more", "third"]


def test_a_step_that_fails_leaves_nothing_behind_and_stays_pending(connection: sqlite3.Connection, steps: Path) -> None:
    broken = steps / "0002_more.sql"
    whole = broken.read_text()
    broken.write_text(whole + "INSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(StoreError, match=r"0002_more\.sql.*nowhere"):
        migrate(connection, steps)
    assert applied(connection) == [(1, "initial")]
    assert values(connection) == ["a;b"]
    assert not connection.in_transaction
    broken.write_text(whole)
    migrate(connection, steps)
    assert applied(connection) == [(1, "initial"), (2, "more")]
    assert values(connection) == ["a;b", "more"]


def test_a_newer_schema_is_refused(connection: sqlite3.Connection, steps: Path, tmp_path: Path) -> None:
    migrate(connection, steps)
    (steps / "0002_more.sql").unlink()
    with pytest.raises(StoreError, match=f"{tmp_path / 'x.db'} is number 2, .* knows 1") as error:
        migrate(connection, steps)
    assert "update wrapper" in error.value.hint


def test_another_programs_database_is_refused(connection: sqlite3.Connection, steps: Path) -> None:
    connection.execute("CREATE TABLE customers (name)")
    with pytest.raises(StoreError, match=r"another program's database.*customers"):
        migrate(connection, steps)
    assert [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")] == ["customers"]


def test_a_step_without_its_last_semicolon_is_refused(connection: sqlite3.Connection, steps: Path) -> None:
    (steps / "0002_more.sql").write_text("CREATE TABLE b (x);\nCREATE TABLE c (x)\n-- the end\n")
    with pytest.raises(StoreError, match="without its end"):
        migrate(connection, steps)
    assert applied(connection) == [(1, "initial")]


def test_statements_may_hold_semicolons_in_texts_comments_and_triggers() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM b;\n  DELETE FROM c;\nEND;"
    script = f"-- a; b\nINSERT INTO a VALUES (';\n;');\n{trigger}\n-- end;\n"
    assert list(split_statements(script)) == ["-- a; b\nINSERT INTO a VALUES (';\n;');", trigger]


def test_our_own_steps_are_numbered_without_gaps() -> None:
    versions = [migration.version for migration in find_migrations()]
    assert versions == list(range(1, len(versions) + 1))
    assert MIGRATIONS.is_dir()


def test_processes_that_migrate_at_once_all_succeed(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    versions = [migration.version for migration in find_migrations()]
    path = tmp_path / "data" / "wrapper.db"
    with context.Pool(4) as pool:
        assert pool.map(_versions_found, [path] * 12, chunksize=1) == [versions] * 12


def _versions_found(path: Path) -> list[int]:
    connection = open_writer(path)
    try:
        return [version for version, _ in applied(connection)]
    finally:
        connection.close()
