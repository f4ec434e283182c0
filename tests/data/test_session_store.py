"""The contract of `SessionStore`, for every backend."""

from typing import Any

import pytest

from backends import Backend
from data.stores import SessionNotFoundError, SessionStore, StoreError
from samples import SESSION, TIME, a_session, a_state
from stream.records import Session, StateChange

pytestmark = pytest.mark.anyio

LATER = "2026-11-22T02:34:53.000000Z"


async def test_new_session_store_is_empty(sessions: SessionStore) -> None:
    assert await sessions.get_sessions_by_agent("codex") == []
    assert await sessions.get_active_sessions() == []


async def test_create_and_get(sessions: SessionStore) -> None:
    session_id = await sessions.create_session(a_session())
    assert await sessions.get_session(SESSION) == a_session(id=session_id)


async def test_create_and_get_a_session_with_nothing_but_the_necessary(sessions: SessionStore) -> None:
    session_id = await sessions.create_session(Session("codex", SESSION))
    assert await sessions.get_session(SESSION) == Session("codex", SESSION, id=session_id)


async def test_a_command_that_is_no_unicode_comes_back_as_it_was(sessions: SessionStore) -> None:
    await sessions.create_session(a_session(command=("cat", "\udcff.txt"), recording_path="/r\udcff"))
    session = await sessions.get_session(SESSION)
    assert session.command == ("cat", "\udcff.txt")
    assert session.recording_path == "/r\\udcff"


async def test_creating_a_session_twice_is_refused(sessions: SessionStore) -> None:
    await sessions.create_session(a_session())
    with pytest.raises(StoreError, match=f"{SESSION}.* already"):
        await sessions.create_session(a_session(agent_name="claude"))
    assert (await sessions.get_session(SESSION)).agent_name == "codex"


@pytest.mark.parametrize(("exit_code", "state"), [(0, "completed"), (3, "failed"), (137, "failed"), (None, "failed")])
async def test_complete_session(sessions: SessionStore, exit_code: int | None, state: str) -> None:
    await sessions.create_session(a_session())
    await sessions.complete_session(SESSION, exit_code, LATER)
    session = await sessions.get_session(SESSION)
    assert (session.state, session.exit_code, session.ended_at) == (state, exit_code, LATER)
    assert [(change.state, change.timestamp) for change in await sessions.get_state_changes(SESSION)] == [
        (state, LATER)
    ]


async def test_complete_session_with_totals_that_replace_what_was_counted(sessions: SessionStore) -> None:
    await sessions.create_session(a_session(total_lines_processed=5, total_feedback_outcomes=1))
    await sessions.complete_session(SESSION, 0, LATER, {"total_lines_processed": 9, "total_extraction_events": 4})
    session = await sessions.get_session(SESSION)
    totals = (session.total_lines_processed, session.total_extraction_events, session.total_feedback_outcomes)
    assert totals == (9, 4, 1)


async def test_complete_session_refuses_a_total_that_there_is_not(sessions: SessionStore) -> None:
    await sessions.create_session(a_session())
    with pytest.raises(ValueError, match=r"'lines'.*total_lines_processed"):
        await sessions.complete_session(SESSION, 0, LATER, {"lines": 9})
    assert (await sessions.get_session(SESSION)).ended_at is None


async def test_update_session(sessions: SessionStore) -> None:
    session_id = await sessions.create_session(a_session())
    changes: dict[str, Any] = {"environment": "production", "command": ("claude", "-p"), "heartbeat_at": LATER}
    await sessions.update_session(SESSION, changes)
    assert await sessions.get_session(SESSION) == a_session(id=session_id, **changes)


@pytest.mark.parametrize("field", ["session_id", "agent_name", "id", "colour", "state = 'x', exit_code"])
async def test_update_session_names_what_cannot_be_changed(sessions: SessionStore, field: str) -> None:
    await sessions.create_session(a_session())
    with pytest.raises(ValueError, match=field):
        await sessions.update_session(SESSION, {field: "x"})


async def test_get_sessions_by_agent(sessions: SessionStore) -> None:
    for number in range(3):
        await sessions.create_session(a_session(f"s{number}", started_at=f"2026-11-2{number}T00:00:00.000000Z"))
    await sessions.create_session(a_session("theirs", agent_name="claude"))
    found = await sessions.get_sessions_by_agent("codex")
    assert [session.session_id for session in found] == ["s2", "s1", "s0"]
    assert [session.session_id for session in await sessions.get_sessions_by_agent("codex", 1)] == ["s2"]


async def test_get_session_history(sessions: SessionStore) -> None:
    for name, day in (("old", "14"), ("edge", "15"), ("week", "20"), ("future", "23")):
        await sessions.create_session(a_session(name, started_at=f"2026-11-{day}T12:00:00.000000Z"))
    await sessions.create_session(a_session("theirs", agent_name="claude"))
    found = await sessions.get_session_history("codex", 7, "2026-11-22T12:00:00.000000Z")
    assert [session.session_id for session in found] == ["week", "edge"]


async def test_get_active_sessions(sessions: SessionStore) -> None:
    for name in ("first", "ended", "last"):
        await sessions.create_session(a_session(name))
    await sessions.complete_session("ended", 0, LATER)
    assert [session.session_id for session in await sessions.get_active_sessions()] == ["last", "first"]


async def test_record_state_change(sessions: SessionStore) -> None:
    await sessions.create_session(a_session())
    change = a_state("paused", metadata={"signal": "SIGTSTP"})
    change_id = await sessions.record_state_change(change)
    assert await sessions.get_state_changes(SESSION) == [change._replace(id=change_id)]
    assert (await sessions.get_session(SESSION)).state == "paused"


async def test_state_tracking_lifecycle(sessions: SessionStore) -> None:
    await sessions.create_session(a_session())
    lifecycle = ["started", "running", "paused", "resumed"]
    for state in lifecycle:
        await sessions.record_state_change(a_state(state))
        assert (await sessions.get_session(SESSION)).ended_at is None
    await sessions.record_state_change(a_state("killed", exit_code=137, timestamp=LATER))
    assert [change.state for change in await sessions.get_state_changes(SESSION)] == [*lifecycle, "killed"]
    session = await sessions.get_session(SESSION)
    assert (session.state, session.ended_at, session.exit_code) == ("killed", LATER, 137)


async def test_get_session_not_found(sessions: SessionStore) -> None:
    with pytest.raises(SessionNotFoundError, match="nobody") as error:
        await sessions.get_session("nobody")
    assert error.value.hint


async def test_what_needs_a_session_says_that_there_is_none(sessions: SessionStore) -> None:
    for attempt in (
        sessions.update_session("nobody", {"state": "running"}),
        sessions.update_session("nobody", {}),
        sessions.complete_session("nobody", 0, LATER),
        sessions.record_state_change(StateChange("nobody", TIME, "running")),
    ):
        with pytest.raises(SessionNotFoundError, match="nobody"):
            await attempt
    assert await sessions.get_state_changes("nobody") == []


async def test_session_store_persistence(backend: Backend) -> None:
    async with backend.sessions() as store:
        session_id = await store.create_session(a_session())
        await store.record_state_change(a_state("running"))
    async with backend.sessions() as store:
        assert await store.get_session(SESSION) == a_session(id=session_id, state="running")
        assert [change.state for change in await store.get_state_changes(SESSION)] == ["running"]
