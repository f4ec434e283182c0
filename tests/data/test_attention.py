"""Which sessions somebody should look at."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from sample_database import SampleDatabase, at

pytestmark = pytest.mark.anyio
Answer = TypeVar("Answer")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    sample = SampleDatabase(tmp_path / "sample.db")
    yield sample
    sample.close()


async def ask(database: SampleDatabase, question: Callable[[SQLiteReader], Awaitable[Answer]]) -> Answer:
    async with ReadPool(database.path, size=1) as pool:
        return await question(SQLiteReader(pool))


async def test_who_waits_ended_badly_or_was_risky_needs_attention(database: SampleDatabase) -> None:
    database.session("fine", state="completed", ended_at=at(1), exit_code=0)
    database.session("risky", state="completed", ended_at=at(1), exit_code=0)
    database.session("failed", state="failed", ended_at=at(1), exit_code=1)
    database.session("waits")
    database.session("went on")
    worst = database.event("risky", risk_level="critical")
    database.event("risky", risk_level="high")
    database.event("risky", risk_level="low")
    database.event("fine", risk_level="medium")
    permission = database.event("waits", event_type="permission", original_line="Allow?")
    database.event("went on", event_type="permission")
    database.event("went on", event_type="git")
    concerns = await ask(database, lambda reader: reader.concerns(10))
    told = [(concern.session.session_id, *concern.reasons, concern.risky_events) for concern in concerns]
    assert told == [("waits", "waiting", 0), ("failed", "failed", 0), ("risky", "risk", 2)]
    permissions = [concern.permission and concern.permission.id for concern in concerns]
    assert permissions == [permission, None, None]
    assert [concern.risk and concern.risk.id for concern in concerns] == [None, None, worst]
    assert [concern.session.session_id for concern in await ask(database, lambda reader: reader.concerns(1))] == [
        "waits"
    ]


async def test_who_waits_comes_before_what_is_over(database: SampleDatabase) -> None:
    database.session("waits", started_at=at(0))
    database.event("waits", event_type="permission", original_line="Allow?")
    for minute in (1, 2):
        database.session(f"failed {minute}", started_at=at(minute), state="failed", ended_at=at(3), exit_code=1)
    concerns = await ask(database, lambda reader: reader.concerns(2))
    assert [concern.session.session_id for concern in concerns] == ["waits", "failed 2"]


async def test_who_waits_leaves_places_to_what_is_over(database: SampleDatabase) -> None:
    for minute in range(4):
        database.session(f"waits {minute}", started_at=at(minute))
        database.event(f"waits {minute}", event_type="permission")
    database.session("failed", started_at=at(1), state="failed", ended_at=at(3), exit_code=1)
    for limit, waiting in ((3, ["waits 3", "waits 2"]), (1, ["waits 3"])):
        concerns = await ask(database, lambda reader, limit=limit: reader.concerns(limit))  # type: ignore[misc]
        assert [concern.session.session_id for concern in concerns] == [*waiting, "failed"][:limit]


@pytest.mark.parametrize(("phase", "waits"), [("asked", True), ("answered", False), ("denied", False)])
async def test_only_who_has_no_answer_yet_waits(database: SampleDatabase, phase: str, waits: bool) -> None:
    database.session("s1")
    database.event("s1", event_type="permission", metadata_json={"phase": "asked"})
    database.event("s1", event_type="permission", metadata_json={"phase": phase})
    concerns = await ask(database, lambda reader: reader.concerns(10))
    assert [concern.reasons for concern in concerns] == ([("waiting",)] if waits else [])


async def test_who_needs_attention_comes_by_the_start_whenever_it_was_stored(database: SampleDatabase) -> None:
    for session_id, minute in (("second", 2), ("third", 3), ("first", 1)):
        database.session(session_id, started_at=at(minute), state="failed", ended_at=at(5), exit_code=1)
    concerns = await ask(database, lambda reader: reader.concerns(2))
    assert [concern.session.session_id for concern in concerns] == ["third", "second"]
