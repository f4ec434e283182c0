"""What was committed behind a cursor: all of it, once, in order, and without looking at anything else."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.changes import END, Cursor, Wanted
from data.sqlite import change_statements
from data.sqlite.change_statements import MAX_CHANGES
from data.sqlite.changes import ChangeReader
from sample_database import SampleDatabase, at


def read_all(reader: ChangeReader, cursor: Cursor) -> list[tuple[str, int | None]]:
    found = []
    while changes := reader.changes(cursor):
        for change in changes:
            cursor = change.cursor
            found.append((change.name, change.row.id))
    return found


STEPS = st.lists(
    st.tuples(st.sampled_from(["event", "running", "completed", "session"]), st.integers(0, 50)), max_size=40
)


@settings(deadline=None, max_examples=50)
@given(STEPS, st.integers(0, 100))
def test_from_any_cursor_on_there_is_the_rest_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], place: int
) -> None:
    database = SampleDatabase(tmp_path_factory.mktemp("changes") / "wrapper.db")
    database.session("s0", started_at=at(0))
    for number, (step, minutes) in enumerate(steps):
        if step == "event":
            database.event("s0", timestamp=at(minutes))
        elif step == "session":
            database.session(f"s{number + 1}", started_at=at(minutes))
        else:
            database.state("s0", step, timestamp=at(minutes))
    reader = ChangeReader(database.path)
    everything = reader.changes(Cursor())
    names = [change.name for change in everything]
    assert names.count("session_start") == 1 + sum(step == "session" for step, _ in steps)
    assert names.count("extraction") == sum(step == "event" for step, _ in steps)
    assert names.count("state_change") == sum(step in ("running", "completed") for step, _ in steps)
    assert names.count("session_end") == sum(step == "completed" for step, _ in steps)
    seen = everything[: place % len(everything) + 1]
    rest = read_all(reader, seen[-1].cursor)
    told = [(change.name, change.row.id, change.cursor) for change in everything]
    assert sorted(rest) == sorted((name, row_id) for name, row_id, _ in told[len(seen) :])
    assert everything[-1].cursor <= reader.head().up_to(END)
    reader.close()
    database.close()


def test_more_than_a_page_comes_whole_and_no_end_before_its_events(tmp_path: Path) -> None:
    database = SampleDatabase(tmp_path / "wrapper.db")
    database.session("s", started_at=at(0))
    database.connection.execute("BEGIN")
    for number in range(3 * MAX_CHANGES + 7):
        database.event("s", timestamp=at(number / 1000))
    database.state("s", "completed", timestamp=at(10))
    database.connection.execute("COMMIT")
    reader = ChangeReader(database.path)
    found = read_all(reader, Cursor())
    assert found[0] == ("session_start", 1)
    assert found[1:-2] == [("extraction", number + 1) for number in range(3 * MAX_CHANGES + 7)]
    assert found[-2:] == [("state_change", 1), ("session_end", 1)]
    reader.close()
    database.close()


def test_the_end_of_a_session_comes_behind_its_events_however_far_another_session_has_come(tmp_path: Path) -> None:
    database = SampleDatabase(tmp_path / "wrapper.db")
    database.session("slow", started_at=at(0))
    database.session("fast", started_at=at(0))
    for number in range(2 * MAX_CHANGES):
        database.event("fast", timestamp=at(number))
    last = database.event("slow", timestamp=at(2))
    database.state("slow", "failed", timestamp=at(3))
    reader = ChangeReader(database.path)
    told = read_all(reader, Cursor())
    assert told[-3:] == [("extraction", last), ("state_change", 1), ("session_end", 1)]
    assert len(told) == 2 + 2 * MAX_CHANGES + 1 + 2
    reader.close()
    database.close()


BATCHES = st.lists(
    st.tuples(st.integers(0, 3), st.lists(st.integers(0, 9), max_size=5), st.booleans(), st.integers(0, 9)),
    max_size=12,
)


@settings(deadline=None, max_examples=25)
@given(BATCHES, st.integers(2, 6))
def test_whatever_is_stored_at_once_all_of_a_session_comes_before_its_end(
    tmp_path_factory: pytest.TempPathFactory, batches: list[tuple[int, list[int], bool, int]], page: int
) -> None:
    database = SampleDatabase(tmp_path_factory.mktemp("changes") / "wrapper.db")
    for session in range(4):
        database.session(f"s{session}", started_at=at(0))
    ended: set[int] = set()
    stored = 4
    for session, events, ends, minute in batches:
        if session not in ended:
            for offset in events:
                database.event(f"s{session}", timestamp=at(minute + offset))
            database.state(f"s{session}", "completed" if ends else "running", timestamp=at(minute + 9))
            stored += len(events) + 1 + ends
            ended |= {session} if ends else set()
    told: list[tuple[str, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(change_statements, "MAX_CHANGES", page)
        reader = ChangeReader(database.path)
        cursor = Cursor()
        while changes := reader.changes(cursor):
            cursor = changes[-1].cursor
            told += [(change.name, change.row.session_id) for change in changes]
    assert len(told) == stored
    for session in ended:
        *_, last = [name for name, session_id in told if session_id == f"s{session}"]
        assert last == "session_end"
    reader.close()
    database.close()


def test_a_change_is_noticed_once(tmp_path: Path) -> None:
    database = SampleDatabase(tmp_path / "wrapper.db")
    reader = ChangeReader(database.path)
    assert reader.changed()
    assert not reader.changed()
    database.event()
    assert reader.changed()
    assert not reader.changed()
    reader.close()
    database.close()


@pytest.mark.parametrize("wanted", [Wanted(), Wanted("codex"), Wanted(session="s"), Wanted(event_type="git")])
def test_nothing_big_is_scanned_or_sorted(tmp_path: Path, wanted: Wanted) -> None:
    database = SampleDatabase(tmp_path / "wrapper.db")
    reader = ChangeReader(database.path)
    statements: list[str] = []
    reader._connection.set_trace_callback(statements.append)
    reader.changes(Cursor(5, 5, 5, 5), wanted)
    reader._connection.set_trace_callback(None)
    queries = [statement for statement in statements if statement.lstrip().startswith("SELECT")]
    assert len(queries) == (1 if wanted.event_type else 4)
    for query in queries:
        plan = [row["detail"] for row in explained(reader._connection, query)]
        assert not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step], (query, plan)
    reader.close()
    database.close()


def explained(connection: sqlite3.Connection, query: str) -> list[sqlite3.Row]:
    return connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()


@given(st.builds(Cursor, *[st.integers(0, 10**18)] * 4))
def test_a_cursor_is_read_as_it_is_written(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor
