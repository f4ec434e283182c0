"""The history's filters and pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.datastructures import QueryParams

from api.errors import ParameterError
from api.web import history as module
from api.web.history import SHOWN, History, HistoryFilter, history, read_filter
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from sample_database import START, SampleDatabase, at

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[SQLiteReader]:
    """Sessions 0 to 119, each a minute after the one before; every tenth failed and ran `make test`; one still runs.

    Of those that end with 5, the process completed, and the agent gave up.
    """
    sample = SampleDatabase(tmp_path / "wrapper.db")
    for number in range(120):
        tenth = number % 10 == 0
        command = ["make", "Test"] if tenth else ["codex", "exec"]
        state = "failed" if tenth else "completed"
        times = {"started_at": at(number), "ended_at": at(number + 0.5)}
        verdict = ("failed" if tenth else "gave_up") if number % 5 == 0 else "succeeded"
        sample.session(f"{number:016x}", state=state, verdict=verdict, command_json=command, **times)
    sample.session("f" * 16, command_json=["make", "test"])
    sample.close()
    async with ReadPool(sample.path) as pool:
        yield SQLiteReader(pool)


def asked(**fields: str) -> HistoryFilter:
    return read_filter(QueryParams({name.rstrip("_"): value for name, value in fields.items()}), START)


def numbers(found: History) -> list[int]:
    return [int(session.session_id, 16) for session in found.sessions]


async def test_what_has_ended_is_listed_newest_first_page_by_page(reader: SQLiteReader) -> None:
    seen: list[int] = []
    wanted = asked()
    while True:
        page = await history(reader, wanted)
        seen += numbers(page)
        if page.older is None:
            break
        assert len(page.sessions) == SHOWN
        wanted = asked(before=page.older)
    assert seen == list(range(119, -1, -1))


async def test_a_text_is_looked_for_in_commands_whatever_the_case(reader: SQLiteReader) -> None:
    found = await history(reader, asked(text="MAKE test"))
    assert numbers(found) == list(range(110, -1, -10))
    assert found.complete
    assert found.older is None


async def test_a_session_is_found_by_the_beginning_of_its_id(reader: SQLiteReader) -> None:
    assert numbers(await history(reader, asked(text=f"{119:016x}"))) == [119]


async def test_texts_have_pages_too(reader: SQLiteReader) -> None:
    first = await history(reader, asked(text="codex"))
    assert len(first.sessions) == SHOWN
    second = await history(reader, asked(text="codex", before=first.older or ""))
    assert numbers(first)[-1] > numbers(second)[0]
    assert not set(numbers(first)) & set(numbers(second))


async def test_who_looks_through_a_part_only_says_so(reader: SQLiteReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEARCHED", 20)
    monkeypatch.setattr(module, "STEP", 10)
    found = await history(reader, asked(text="nothing like it"))
    assert found.sessions == []
    assert not found.complete
    assert found.older is not None


async def test_filters_apply_together(reader: SQLiteReader) -> None:
    found = await history(reader, asked(state="failed", from_=at(15), to=at(45), agent="codex"))
    assert numbers(found) == [40, 30, 20]


async def test_sessions_are_found_by_how_they_went_whatever_the_process_said(reader: SQLiteReader) -> None:
    found = await history(reader, asked(verdict="gave_up", to=at(40)))
    assert numbers(found) == [35, 25, 15, 5]
    assert {session.state for session in found.sessions} == {"completed"}


@pytest.mark.parametrize(("fields", "told"), [({"agent": "codex", "from_": at(1)}, True), ({"text": "zzzz"}, False)])
async def test_who_asks_for_a_text_or_an_outcome_gets_no_count_of_all_events(
    fields: dict[str, str], told: bool
) -> None:
    assert asked(**fields).counts_events is told
    assert not asked(**fields, state="failed").counts_events
    assert not asked(**fields, verdict="failed").counts_events


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "running"}, "state must be one of completed, failed"),
        ({"verdict": "good"}, "verdict must be one of succeeded, failed"),
        ({"from_": "tomorrow"}, "from must be a time"),
        ({"from_": at(2), "to": at(1)}, "from must not be after to"),
        ({"before": "x"}, "before must be"),
        ({"colour": "red"}, "there are: agent, state"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused(fields: dict[str, str], words: str) -> None:
    with pytest.raises(ParameterError) as refused:
        asked(**fields)
    assert words in refused.value.hint


async def test_fields_that_a_form_left_empty_are_not_asked_for() -> None:
    wanted = asked(agent="", state=" ", text="")
    assert wanted.asked == {}
    assert (wanted.agent, wanted.state, wanted.text) == (None, None, None)
