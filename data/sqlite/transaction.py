"""Transactions, and conversations with a connection: the synchronous side (`data.sqlite.connection` has the other)."""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Statement(NamedTuple):
    """One statement to execute with `values`; or, if `many`, once with each row of them."""

    sql: str
    values: Sequence[Any] = ()
    many: bool = False


class Result(NamedTuple):
    """What came of a statement: the rows that it changed (of all together if many), the rows it found, the last id."""

    changed: int
    rows: Sequence[Any]
    last_id: int


# A conversation: statements go out, their results come in. Whoever drives it owns the connection and the transaction,
# so that one text serves the indexer (synchronous) and the server (asyncio).
Conversation = Generator[Statement, Result, T]


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Takes the write lock at once; commits at the end of the block, or leaves everything as it was."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()  # does nothing where SQLite has done so itself (disk full)
        raise


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """All statements of the block see the same database; nothing is written."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()  # does nothing where SQLite has done so itself (interrupted)


def converse(connection: sqlite3.Connection, statements: Conversation[T]) -> T:
    """Executes what `statements` yields, and returns what it returns."""
    result = None
    while True:
        try:
            statement = next(statements) if result is None else statements.send(result)
        except StopIteration as end:
            returned: T = end.value
            return returned
        execute = connection.executemany if statement.many else connection.execute
        cursor = execute(statement.sql, statement.values)
        result = Result(cursor.rowcount, cursor.fetchall(), cursor.lastrowid or 0)
