"""Rare among many: pages of an agent's events that hold a text, and of a risk, are those that plain SQL gives."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from data.queries import ExtractionFilter, PageRequest, decode_cursor
from data.sqlite import leading
from data.sqlite.batch import event_statements
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.sqlite.search_index import SearchIndex
from data.sqlite.transaction import converse
from data.terms import parse_terms
from program import TIMEOUT
from sample_database import SampleDatabase, at
from samples import an_event
from stream.records import ExtractionEvent

pytestmark = pytest.mark.anyio

LIMIT = 40


def recorded() -> list[ExtractionEvent]:
    """Sessions in turn, each twentieth of `aider`; behind them some of the oldest again, as if made anew."""
    events = []
    for session in range(60):
        for line in range(100):
            found = an_event(
                agent_name="aider" if session % 20 == 3 else "codex",
                session_id=f"s{session}",
                timestamp=at(session * 600 + line),
                event_type="git" if line % 3 else "error",
                pattern=f"p{line % 7}",
                original_line=f"needle {line}" if line % 4 else "hay",
                risk_level="critical" if line % 50 == 7 else "low" if line % 2 else None,
            )
            events.append(found)
    return [*events, *events[300:350]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that the tests only read."""
    database = SampleDatabase(tmp_path_factory.mktemp("leading") / "wrapper.db")
    converse(database.connection, event_statements(recorded()))
    database.close()
    return database.path


@pytest.fixture
async def reader(path: Path, anyio_backend: str) -> AsyncIterator[SQLiteReader]:  # noqa: ARG001 (runs it)
    async with ReadPool(path, size=1) as pool, SearchIndex(path, patience=TIMEOUT) as index:
        yield SQLiteReader(pool, index)


async def pages(reader: SQLiteReader, wanted: ExtractionFilter) -> list[int]:
    """The ids of all pages."""
    found: list[int] = []
    page = PageRequest(LIMIT)
    while True:
        rows = await reader.extractions(wanted, page)
        found += [event.id or 0 for event in rows.rows]
        if rows.next is None:
            return found
        assert len(rows.rows) == LIMIT
        page = PageRequest(LIMIT, decode_cursor(rows.next))


@pytest.mark.parametrize("agent", ["aider", "codex"])
async def test_an_agent_s_events_that_hold_a_text(reader: SQLiteReader, agent: str) -> None:
    expected = [
        number
        for number, event in enumerate(recorded(), 1)
        if event.agent_name == agent and "needle" in (event.original_line or "")
    ]
    wanted = ExtractionFilter(agent=agent, q=parse_terms("needle"))
    assert await pages(reader, wanted) == expected[::-1]
    second = await reader.extractions(wanted, PageRequest(LIMIT, offset=LIMIT))
    assert [event.id for event in second.rows] == expected[::-1][LIMIT : 2 * LIMIT]


@pytest.mark.parametrize("risk", ["low", "critical"])
@pytest.mark.parametrize("agent", ["aider", "codex", None])
@pytest.mark.parametrize("kind", [{}, {"event_type": "git"}, {"pattern": "p1"}, {"event_type": "git", "pattern": "p1"}])
async def test_events_of_a_risk_and_more(
    reader: SQLiteReader, monkeypatch: pytest.MonkeyPatch, risk: str, agent: str | None, kind: dict[str, Any]
) -> None:
    monkeypatch.setattr(leading, "_ENOUGH", 8)  # of so few events, all would be among the nearest
    expected = [
        number
        for number, event in enumerate(recorded(), 1)
        if event.risk_level == risk and agent in (None, event.agent_name) and kind.items() <= event._asdict().items()
    ]
    wanted = ExtractionFilter(agent=agent, risk=risk, **kind)
    assert await pages(reader, wanted) == expected[::-1]
    found = await reader.extractions(wanted, PageRequest())
    assert (found.total, found.total_is) == (len(expected), "exact")
