"""Sessions are in the order of their starts, whenever they were stored; a page goes on where the last one ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.queries import Cursor, PageRequest, SessionFilter, decode_cursor, encode_cursor
from data.sqlite.deletion import delete_sessions
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from sample_database import SampleDatabase, at

pytestmark = pytest.mark.anyio

STARTS = st.none() | st.integers(0, 3).map(at)
VERDICTS = st.sampled_from([None, "failed", "succeeded"])


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    sample = SampleDatabase(tmp_path / "wrapper.db")
    yield sample
    sample.close()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(STARTS, VERDICTS), max_size=12), st.integers(1, 4), VERDICTS, STARTS)
async def test_pages_hold_each_session_once_the_newest_first(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str | None, str | None]],
    limit: int,
    verdict: str | None,
    since: str | None,
) -> None:
    database = SampleDatabase(tmp_path_factory.mktemp("db") / "wrapper.db")
    stored = []
    for number, (started, how) in enumerate(rows):
        row_id = database.session(f"s{number}", started_at=started, verdict=how)
        if verdict in (None, how) and (since is None or (started or "") >= since):
            stored.append((started or "", row_id))
    expected = [row_id for _, row_id in sorted(stored, reverse=True)]
    wanted, seen, by_id = SessionFilter(verdict=verdict, since=since), [], []
    async with ReadPool(database.path, size=1) as pool:
        reader = SQLiteReader(pool)
        request = PageRequest(limit)
        while True:
            page = await reader.sessions(wanted, request)
            assert (page.total, page.total_is) == (len(expected), "exact")
            seen += [session.id for session in page.rows]
            if page.next is None:
                break
            request = PageRequest(limit, decode_cursor(page.next))
        request = PageRequest(limit)
        while (page := await reader.sessions(wanted, request)).rows:  # a cursor may know the id alone
            by_id += [session.id for session in page.rows]
            request = PageRequest(limit, Cursor(page.rows[-1].id or 0))
        polled = await reader.sessions(wanted._replace(after=0), PageRequest())
    database.close()
    assert seen == by_id == expected
    assert [session.id for session in polled.rows] == sorted(expected)


async def test_a_session_that_is_stored_later_than_it_ran_is_not_the_last(database: SampleDatabase) -> None:
    database.session("new", started_at=at(2))
    database.session("old", started_at=at(1))
    async with ReadPool(database.path, size=1) as pool:
        reader = SQLiteReader(pool)
        assert (await reader.session("last")).session.session_id == "new"
        page = await reader.sessions(SessionFilter(), PageRequest())
    assert [session.session_id for session in page.rows] == ["new", "old"]


async def test_a_page_goes_on_though_the_session_where_it_ended_was_removed(database: SampleDatabase) -> None:
    for minute in range(4):
        database.session(f"s{minute}", started_at=at(minute), state="completed", ended_at=at(9), exit_code=0)
    async with ReadPool(database.path, size=1) as pool:
        reader = SQLiteReader(pool)
        page = await reader.sessions(SessionFilter(), PageRequest(2))
        delete_sessions(database.path, ["s2"])
        rest = await reader.sessions(SessionFilter(), PageRequest(2, decode_cursor(page.next or "")))
    assert [session.session_id for session in rest.rows] == ["s1", "s0"]


@pytest.mark.parametrize("started", [None, "", at(1)])
def test_a_cursor_gives_the_start_back(started: str | None) -> None:
    cursor = Cursor(7, started=started)
    assert decode_cursor(encode_cursor(cursor)) == cursor
