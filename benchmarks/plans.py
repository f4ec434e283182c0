"""How SQLite answers every question of `benchmarks.queries` at a million events: which steps scan or sort.

`python -m benchmarks.plans [EVENTS]`. A step is counted where its work grows with what is stored: a scan of a table
that grows, or a temporary b-tree for an order. (`event_spans` is scanned: it has a row for 1,024 events.)
"""

import asyncio
import random
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.budget import Measurement, table
from benchmarks.large_database import build
from benchmarks.queries import CASES, EVENTS, ROUNDS, Draw
from data.sqlite.database import open_reader
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader

_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_NEWEST = re.compile(r"WHERE TRUE\s+ORDER BY \w+\.id (?:DESC|ASC) LIMIT")  # a page of a table in its own order
_LARGE = ("extraction_events", "code_blocks", "code_block_occurrences", "event_search", "block_search")


def statements(path: Path, stored: int) -> dict[str, str]:
    """One of each shape of statement that the questions make SQLite run, by its shape."""
    executed: dict[str, str] = {}

    def note(sql: str) -> None:
        if sql.split(maxsplit=1)[0].upper() in {"SELECT", "WITH"}:
            executed.setdefault(_LITERAL.sub("?", sql), sql)

    asyncio.run(_ask_all(path, stored, note))
    return executed


async def _ask_all(path: Path, stored: int, note: Callable[[str], None]) -> None:
    async with ReadPool(path, watch=lambda connection: connection.set_trace_callback(note)) as pool:
        reader = SQLiteReader(pool)
        for case in CASES:
            for number in range(ROUNDS // 10):
                await case.ask(reader, Draw(random.Random(number), stored))


def flaws(connection: sqlite3.Connection, sql: str) -> list[str]:
    """Steps that take longer the more is stored."""
    steps = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    bounded = _NEWEST.search(sql) is not None
    return [step for step in steps if (_scans(step) and not bounded) or "TEMP B-TREE FOR ORDER BY" in step]


def _scans(step: str) -> bool:
    verb, what, *_ = [*step.split(), ""]
    return verb == "SCAN" and what in _LARGE and "VIRTUAL TABLE INDEX" not in step


def measure(folder: Path, number: int = EVENTS) -> list[Measurement]:
    """A row for all statements, and one for each that scans or sorts."""
    path = folder / "wrapper.db"
    build(path, number)
    return judge(path, number)


def judge(path: Path, stored: int) -> list[Measurement]:
    """The same, for a database that stands."""
    executed = statements(path, stored)
    rows = []
    with closing(open_reader(path)) as connection:
        for shape, sql in executed.items():
            if found := flaws(connection, sql):
                rows.append(Measurement(" ".join(shape.split())[:200], "no scan, no sort", "; ".join(found), met=False))
    return [Measurement("statements", "", f"{len(executed)} shapes, {len(rows)} scan or sort", met=not rows), *rows]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="plans-") as scratch:
        print(table(measure(Path(scratch), int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)))
