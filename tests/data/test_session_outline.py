"""A session at a glance: all its events in order, and its code with every place where it stood."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.sqlite.session_outline import SHOWN, Occurrence, outline, session_blocks
from sample_database import SampleDatabase, at


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    sample = SampleDatabase(tmp_path / "wrapper.db")
    yield sample
    sample.close()


def rows(database: SampleDatabase, session: str = "one", after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
    columns = json.loads(outline(database.connection, session, after, limit).columns)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_each_event_is_a_row_of_a_few_words(database: SampleDatabase) -> None:
    database.event("one", timestamp=at(1), matched_value="it broke")
    database.event("other", matched_value="elsewhere")
    database.event("one", timestamp=at(2), matched_value="", original_line="x" * 1000)
    database.event("one", timestamp=at(3), pattern="only_a_name")
    assert rows(database) == [
        {"id": 1, "timestamp": at(1), "type": "error", "text": "it broke", "outcome": None},
        {"id": 3, "timestamp": at(2), "type": "error", "text": "x" * SHOWN, "outcome": None},
        {"id": 4, "timestamp": at(3), "type": "error", "text": "only_a_name", "outcome": None},
    ]


@pytest.mark.parametrize(
    ("event_type", "metadata", "told"),
    [
        ("tool_use", {"outcome": "denied"}, "denied"),
        ("permission", {"phase": "asked"}, "asked"),
        ("test_result", {"failed": 2, "passed": 1}, "error"),
        ("test_result", {"failed": 0}, None),
        ("tool_use", {}, None),
        ("error", {"outcome": "no outcome of an error"}, None),
    ],
)
def test_how_it_ended_is_told_where_something_ends(
    database: SampleDatabase, event_type: str, metadata: dict[str, Any], told: str | None
) -> None:
    database.event("one", event_type=event_type, matched_value="it", metadata_json=metadata)
    assert rows(database)[0]["outcome"] == told


def test_metadata_that_is_not_json_is_passed_over(database: SampleDatabase) -> None:
    database.event("one", event_type="tool_use", matched_value="it")
    database.connection.execute("UPDATE extraction_events SET metadata_json = '{\"outcome\": NaN'")
    assert rows(database)[0]["outcome"] is None


def test_it_can_be_read_part_by_part(database: SampleDatabase) -> None:
    for number in range(7):
        database.event("one", matched_value=str(number))
    found, after = [], 0
    while (part := outline(database.connection, "one", after, 3)).size:
        found += json.loads(part.columns)["text"]
        after = part.last
    assert found == [str(number) for number in range(7)]
    assert outline(database.connection, "one", after, 3)[1:] == (0, after)
    assert rows(database, after=after) == []


def test_a_block_stands_where_it_first_occurred_and_knows_the_other_places(database: SampleDatabase) -> None:
    database.session("one", started_at=at(0))
    database.session("two", started_at=at(10))
    database.block("two", "shared", timestamp=at(12), line_start=5)
    database.block("one", "mine", timestamp=at(1), line_start=1)
    database.block("one", "shared", timestamp=at(2), line_start=2)
    database.block("one", "shared", timestamp=at(3), line_start=3)
    database.block("two", "not here")
    (shared, places), (mine, [place]) = session_blocks(database.connection, "one", 0, 10, 10)
    assert (shared.content, shared.session_id, shared.line_start) == ("shared", "one", 2)
    assert [(found.session_id, found.line_start) for found in places] == [("two", 5), ("one", 3), ("one", 2)]
    assert places[0] == Occurrence("two", "codex", at(12), at(10), 5, None)
    assert (mine.content, place.session_id) == ("mine", "one")


def test_blocks_are_read_part_by_part_and_their_places_are_limited(database: SampleDatabase) -> None:
    database.session("one")
    for number in range(5):
        for _ in range(4):
            database.block("one", f"block {number}")
    first = session_blocks(database.connection, "one", 0, 3, 2)
    rest = session_blocks(database.connection, "one", first[-1][0].id or 0, 3, 2)
    assert [block.content for block, _ in first + rest] == [f"block {number}" for number in range(5)]
    assert {len(places) for _, places in first + rest} == {2}


def test_nothing_is_read_that_is_not_asked_for(database: SampleDatabase) -> None:
    """No table is read whole."""
    statements: list[str] = []
    database.connection.set_trace_callback(statements.append)
    outline(database.connection, "one", 0, 10)
    database.block("one", "x")
    session_blocks(database.connection, "one", 0, 10, 10)
    database.connection.set_trace_callback(None)
    for statement in (text for text in statements if "SELECT" in text and "INSERT" not in text):
        plan = database.connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        assert not [row["detail"] for row in plan if row["detail"].startswith("SCAN ") and "(" not in row["detail"]]
