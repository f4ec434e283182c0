"""Forgetting a session, so that it can be made again: counts stay exact, and what others have stays theirs."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from data.rollups import WIDTHS, bucket_start
from data.sqlite.recording_store import SQLiteRecordingStore
from samples import SESSION, a_batch, a_block, a_full_batch, a_session, a_state, an_event
from stored import rows, without_ids
from stream.records import Batch, CodeBlock, ExtractionEvent


def test_reset_forgets_a_session_and_nothing_else(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session("other"))
    recordings.commit(a_full_batch(1, "other"))
    before = without_ids(recordings)
    recordings.open_session(a_session())
    recordings.commit(a_full_batch(1))
    recordings.commit(a_batch(2, state_changes=(a_state("completed", exit_code=0),)))
    recordings.reset(SESSION, "patterns-2")
    assert recordings.find_session(SESSION) == a_session(extraction_config_version="patterns-2", id=2)
    assert recordings.checkpoint(SESSION) is None
    after = without_ids(recordings)
    assert after.pop("sessions")[1:] == before.pop("sessions")
    assert after == before


def test_reset_of_a_session_that_is_not_there_changes_nothing(recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session())
    recordings.commit(a_full_batch())
    before = without_ids(recordings)
    recordings.reset("nobody", "patterns-2")
    assert without_ids(recordings) == before


def test_a_shared_block_is_handed_to_its_oldest_other_occurrence(recordings: SQLiteRecordingStore) -> None:
    for session_id, day in (("first", "20"), ("newer", "23"), ("older", "22")):
        recordings.open_session(a_session(session_id))
        time = f"2026-11-{day}T00:00:00.000000Z"
        block = a_block(session_id=session_id, timestamp=time, line_start=int(day), context={"info": session_id})
        recordings.commit(a_batch(1, session_id, blocks=(block,)))
    recordings.reset("first", "patterns-1")
    assert rows(recordings, "SELECT session_id, timestamp, line_start, context_json FROM code_blocks") == [
        ("older", "2026-11-22T00:00:00.000000Z", 22, '{"info":"older"}')
    ]
    for session_id in ("older", "newer"):
        recordings.reset(session_id, "patterns-1")
    assert rows(recordings, "SELECT * FROM code_blocks") == []


KINDS = st.sampled_from([("error", "error_prefix"), ("git", "commit"), ("error", "traceback")])
TIMES = st.sampled_from(
    ["2026-11-22T01:34:59.999999Z", "2026-11-22T01:35:00.000000Z", "2026-11-22T23:59:59.0Z", "2026-11-23T00:00:00.0Z"]
)


@st.composite
def events(draw: st.DrawFn, session_id: str) -> ExtractionEvent:
    event_type, pattern = draw(KINDS)
    agent = draw(st.sampled_from(["codex", "claude"]))
    return an_event(
        agent_name=agent, session_id=session_id, event_type=event_type, pattern=pattern, timestamp=draw(TIMES)
    )


def blocks(session_id: str) -> st.SearchStrategy[CodeBlock]:
    return st.builds(
        lambda agent, content, line: a_block(agent_name=agent, session_id=session_id, content=content, line_start=line),
        st.sampled_from(["codex", "claude"]),
        st.sampled_from(["a", "b", "c", "d"]),
        st.integers(1, 9),
    )


@st.composite
def recorded(draw: st.DrawFn) -> dict[str, list[Batch]]:
    """What several sessions' recordings hold, batch by batch."""
    return {
        session_id: [
            a_batch(
                revision,
                session_id,
                events=tuple(draw(st.lists(events(session_id), max_size=4))),
                blocks=tuple(draw(st.lists(blocks(session_id), max_size=3))),
                lines=draw(st.integers(0, 5)),
                outcomes=draw(st.integers(0, 2)),
            )
            for revision in range(1, draw(st.integers(1, 4)))
        ]
        for session_id in ("one", "two", "three")
    }


def store_all(store: SQLiteRecordingStore, session_id: str, batches: list[Batch]) -> None:
    store.open_session(a_session(session_id))
    for batch in batches:
        assert store.commit(batch)


def expected_buckets(store: SQLiteRecordingStore) -> list[tuple[object, ...]]:
    grouped: dict[tuple[str, ...], int] = {}
    for timestamp, *kind in rows(
        store, "SELECT timestamp, agent_name, event_type, pattern, risk_level FROM extraction_events"
    ):
        for width in WIDTHS:
            key = (width, bucket_start(str(timestamp), width), *map(str, kind))
            grouped[key] = grouped.get(key, 0) + 1
    return sorted((*key, count) for key, count in grouped.items())


COUNTED_TYPES = """
    SELECT width, start, agent_name, event_type, SUM(count) FROM metric_buckets WHERE width <> 'all'
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
COUNTED_KINDS = """
    SELECT session_id, agent_name, event_type, pattern, COALESCE(risk_level, '') AS risk, COUNT(*)
    FROM extraction_events GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
COUNTED_SESSIONS = """
    SELECT agent_name, COALESCE(state, '') AS known, COUNT(*), COUNT(ended_at),
        COUNT(CASE WHEN ended_at IS NOT NULL AND exit_code = 0 THEN 1 END), COUNT(tokens_total),
        COALESCE(SUM(tokens_total), 0), COUNT(cost_usd), COALESCE(SUM(cost_usd), 0.0)
    FROM process_sessions GROUP BY 1, 2 ORDER BY 1, 2
"""


def check_consistency(store: SQLiteRecordingStore) -> None:
    assert rows(store, "SELECT * FROM metric_buckets ORDER BY 1, 2, 3, 4, 5, 6") == expected_buckets(store)
    assert (
        rows(
            store,
            """SELECT session_id, total_extraction_events FROM process_sessions WHERE total_extraction_events <>
            (SELECT COUNT(*) FROM extraction_events AS e WHERE e.session_id = process_sessions.session_id)""",
        )
        == []
    )
    assert (
        rows(
            store,
            """SELECT id FROM code_blocks AS b WHERE NOT EXISTS (SELECT 1 FROM code_block_occurrences AS o
            WHERE o.block_id = b.id AND o.session_id = b.session_id AND o.line_start = b.line_start)""",
        )
        == []
    )
    assert rows(store, "SELECT * FROM type_buckets ORDER BY 1, 2, 3, 4") == rows(store, COUNTED_TYPES)
    assert rows(store, "SELECT * FROM session_kinds ORDER BY 1, 2, 3, 4, 5") == rows(store, COUNTED_KINDS)
    assert rows(store, "SELECT * FROM session_totals WHERE sessions > 0 ORDER BY 1, 2") == rows(store, COUNTED_SESSIONS)
    counted = rows(store, "SELECT scope, name, blocks FROM block_counts WHERE blocks <> 0 ORDER BY 1, 2")
    by_agent = """SELECT 'agent', agent_name, COUNT(DISTINCT block_id) FROM code_block_occurrences
        GROUP BY agent_name ORDER BY agent_name"""
    of_all = "SELECT 'all', '', COUNT(*) FROM code_blocks HAVING COUNT(*) > 0"
    assert counted == [*rows(store, by_agent), *rows(store, of_all)]
    assert rows(store, "PRAGMA foreign_key_check") == []


@settings(max_examples=40, deadline=None)
@given(recorded(), st.sampled_from(["one", "two", "three"]))
def test_a_reset_session_made_again_gives_equal_rows_and_exact_counts(
    sessions: dict[str, list[Batch]], again: str
) -> None:
    with tempfile.TemporaryDirectory() as folder, SQLiteRecordingStore.open(Path(folder) / "wrapper.db") as store:
        for session_id, batches in sessions.items():
            store_all(store, session_id, batches)
        check_consistency(store)
        before = without_ids(store)
        store.reset(again, "patterns-1")
        check_consistency(store)
        store_all(store, again, sessions[again])
        check_consistency(store)
        assert without_ids(store) == before
        assert rows(store, "PRAGMA integrity_check") == [("ok",)]
