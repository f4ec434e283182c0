"""The contract of `ExtractionStore`, for every backend."""

import pytest

from backends import Backend
from data.stores import ExtractionStore, SessionStore
from samples import SESSION, a_block, a_session, an_event

pytestmark = pytest.mark.anyio


async def test_new_extraction_store_is_empty(extractions: ExtractionStore) -> None:
    assert await extractions.get_extractions_by_agent("codex") == []
    assert await extractions.get_code_blocks("codex") == []


async def test_save_and_retrieve(extractions: ExtractionStore) -> None:
    event = an_event()
    event_id = await extractions.save_extraction(event)
    assert await extractions.get_extractions_by_agent("codex") == [event._replace(id=event_id)]


async def test_save_and_retrieve_an_event_with_nothing_but_the_necessary(extractions: ExtractionStore) -> None:
    event = type(an_event())("codex", SESSION, "2026-11-22T01:34:53.000000Z", "git", "commit")
    event_id = await extractions.save_extraction(event)
    assert await extractions.get_extractions_by_session(SESSION) == [event._replace(id=event_id)]


async def test_text_that_is_no_unicode_is_stored_with_its_surrogates_escaped(extractions: ExtractionStore) -> None:
    await extractions.save_extraction(
        an_event(agent_name="a\udcff", original_line="\udc80 ü", metadata={"x": "\ud800"})
    )
    (event,) = await extractions.get_extractions_by_session(SESSION)
    assert (event.agent_name, event.original_line) == ("a\\udcff", "\\udc80 ü")
    assert event.metadata == {"x": "\ud800"}


async def test_save_batch(extractions: ExtractionStore) -> None:
    batch = [an_event(line_number=number) for number in range(1, 1001)]
    assert await extractions.save_extraction_batch(batch) == 1000
    stored = await extractions.get_extractions_by_session(SESSION)
    assert [event.line_number for event in stored] == list(range(1, 1001))


async def test_save_batch_of_nothing(extractions: ExtractionStore) -> None:
    assert await extractions.save_extraction_batch(iter(())) == 0


async def test_a_batch_that_fails_stores_nothing(extractions: ExtractionStore) -> None:
    with pytest.raises(ValueError, match="not a time"):
        await extractions.save_extraction_batch([an_event(), an_event(timestamp="not a time")])
    assert await extractions.get_extractions_by_agent("codex") == []
    assert await extractions.save_extraction_batch([an_event()]) == 1


async def test_lists_are_newest_first_and_limited(extractions: ExtractionStore) -> None:
    await extractions.save_extraction_batch(an_event(line_number=number) for number in range(1, 121))

    async def numbers(limit: int | None) -> list[int | None]:
        return [event.line_number for event in await extractions.get_extractions_by_agent("codex", limit)]

    assert await numbers(3) == [120, 119, 118]
    assert await numbers(None) == list(range(120, 0, -1))
    assert len(await extractions.get_extractions_by_agent("codex")) == 100


async def test_get_by_type(extractions: ExtractionStore) -> None:
    await extractions.save_extraction_batch(
        [an_event(), an_event(event_type="warning"), an_event(agent_name="claude", event_type="warning")]
    )
    (event,) = await extractions.get_extractions_by_type("codex", "warning")
    assert (event.agent_name, event.event_type) == ("codex", "warning")


async def test_get_by_pattern(extractions: ExtractionStore) -> None:
    await extractions.save_extraction_batch(
        [an_event(), an_event(pattern="traceback"), an_event(agent_name="claude", pattern="traceback")]
    )
    (event,) = await extractions.get_extractions_by_pattern("codex", "traceback")
    assert (event.agent_name, event.pattern) == ("codex", "traceback")


async def test_get_by_session_in_the_order_of_the_recording(extractions: ExtractionStore) -> None:
    await extractions.save_extraction_batch(
        [an_event(line_number=1), an_event(session_id="another"), an_event(line_number=2)]
    )
    assert [event.line_number for event in await extractions.get_extractions_by_session(SESSION)] == [1, 2]
    assert await extractions.get_extractions_by_session("unknown") == []


async def test_get_stats(extractions: ExtractionStore, sessions: SessionStore) -> None:
    for session_id, exit_code in (("one", 0), ("two", 0), ("three", 1), ("killed", None)):
        await sessions.create_session(a_session(session_id))
        await sessions.complete_session(session_id, exit_code, "2026-11-22T02:00:00.000000Z")
    await sessions.create_session(a_session("running"))
    await extractions.save_extraction_batch(
        [an_event(), an_event(pattern="traceback"), an_event(event_type="git"), an_event(agent_name="claude")]
    )
    await extractions.save_code_block(a_block())
    stats = await extractions.get_extraction_stats("codex")
    assert stats.agent_name == "codex"
    assert (stats.total_sessions, stats.total_extractions, stats.total_code_blocks) == (5, 3, 1)
    assert stats.extractions_by_type == {"error": 2, "git": 1}
    assert stats.extractions_by_pattern == {"error_prefix": 2, "traceback": 1}
    assert stats.success_rate == 0.5


async def test_get_stats_of_an_agent_that_nobody_has_heard_of(extractions: ExtractionStore) -> None:
    stats = await extractions.get_extraction_stats("nobody")
    assert (stats.total_sessions, stats.total_extractions, stats.total_code_blocks) == (0, 0, 0)
    assert stats.success_rate is None


async def test_saving_counts_in_the_session(extractions: ExtractionStore, sessions: SessionStore) -> None:
    await sessions.create_session(a_session())
    await extractions.save_extraction(an_event())
    await extractions.save_extraction_batch([an_event(), an_event(session_id="another")])
    assert (await sessions.get_session(SESSION)).total_extraction_events == 2


async def test_code_block_save_and_retrieve(extractions: ExtractionStore) -> None:
    block = a_block()
    block_id = await extractions.save_code_block(block)
    assert await extractions.get_code_blocks("codex") == [block._replace(id=block_id)]


async def test_code_block_deduplication(extractions: ExtractionStore) -> None:
    first = await extractions.save_code_block(a_block())
    again = await extractions.save_code_block(a_block(session_id="another", line_start=90, line_end=92))
    other = await extractions.save_code_block(a_block(language="ruby"))
    assert first == again != other
    assert [block.id for block in await extractions.get_code_blocks("codex")] == [other, first]


async def test_a_code_block_that_another_agent_had_first_is_listed_for_both(extractions: ExtractionStore) -> None:
    block_id = await extractions.save_code_block(a_block())
    theirs = a_block(agent_name="claude", session_id="theirs", line_start=90, line_end=92, context={})
    await extractions.save_code_block(theirs)
    assert await extractions.get_code_blocks("claude") == [theirs._replace(id=block_id)]
    assert await extractions.get_code_blocks("codex") == [a_block(id=block_id)]


async def test_code_block_filter_by_language(extractions: ExtractionStore) -> None:
    for language, content in (("python", "1"), ("rust", "2"), ("python", "3")):
        await extractions.save_code_block(a_block(language=language, content=content))
    assert [block.content for block in await extractions.get_code_blocks("codex", "python")] == ["3", "1"]
    assert [block.content for block in await extractions.get_code_blocks("codex", limit=2)] == ["3", "2"]
    assert await extractions.get_code_blocks("codex", "go") == []


async def test_code_block_that_is_no_unicode(extractions: ExtractionStore) -> None:
    block_id = await extractions.save_code_block(a_block(content="\udcff"))
    assert await extractions.save_code_block(a_block(content="\udcff")) == block_id


async def test_extraction_store_persistence(backend: Backend) -> None:
    async with backend.extractions() as store:
        event_id = await store.save_extraction(an_event())
        block_id = await store.save_code_block(a_block())
    async with backend.extractions() as store:
        assert await store.get_extractions_by_agent("codex") == [an_event(id=event_id)]
        assert await store.get_code_blocks("codex") == [a_block(id=block_id)]
