"""Sessions and their states in SQLite."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from data.sqlite.batch import session_not_found, state_statements
from data.sqlite.connection import SQLiteStore
from data.sqlite.rows import SESSION_COLUMNS, STATE_COLUMNS, read_session, read_state_change
from data.sqlite.session_rows import TOTALS, insert_session, update_session
from data.sqlite.transaction import Conversation, Statement
from data.stores import StoreError
from stream.records import Session, StateChange
from stream.timestamps import format_timestamp, parse_timestamp

_SESSIONS = f"SELECT {SESSION_COLUMNS} FROM process_sessions"
_BY_ID = f"{_SESSIONS} WHERE session_id = ?"
_BY_AGENT = f"{_SESSIONS} WHERE agent_name = ? ORDER BY started_at DESC, id DESC LIMIT ?"
_HISTORY = f"""
    {_SESSIONS} WHERE agent_name = ? AND started_at >= ? AND started_at <= ? ORDER BY started_at DESC, id DESC
"""
_ACTIVE = f"{_SESSIONS} WHERE ended_at IS NULL ORDER BY started_at DESC, id DESC"
_STATES = f"SELECT {STATE_COLUMNS} FROM process_state_changes WHERE session_id = ? ORDER BY id"


class SQLiteSessionStore(SQLiteStore):
    """`data.stores.SessionStore`. An id that is not stored is a `SessionNotFoundError`."""

    async def create_session(self, session: Session) -> int:
        """Returns the row's id. Raises `StoreError` when there is a session of this id."""
        return await self._connection.store(_create(session))

    async def update_session(self, session_id: str, changes: Mapping[str, Any]) -> None:
        """Raises `ValueError` for a field that a session does not have or that cannot change."""
        await self._connection.store(_update(session_id, changes))

    async def complete_session(
        self, session_id: str, exit_code: int | None, ended_at: str, totals: Mapping[str, int] | None = None
    ) -> None:
        """Ends the session and records its last state: `completed` for 0, `failed` otherwise.

        `totals` replace what was counted until now. Raises `ValueError` for one that there is not.
        """
        state = StateChange(session_id, ended_at, "completed" if exit_code == 0 else "failed", exit_code)
        await self._connection.store(_complete(state, totals or {}))

    async def get_session(self, session_id: str) -> Session:
        for row in await self._connection.fetch(_BY_ID, (session_id,)):
            return read_session(row)
        raise session_not_found(session_id)

    async def get_sessions_by_agent(self, agent: str, limit: int | None = 100) -> list[Session]:
        return await self._sessions(_BY_AGENT, agent, -1 if limit is None else limit)

    async def get_session_history(self, agent: str, days: int, now: str) -> list[Session]:
        since = parse_timestamp(now) - timedelta(days=days) // timedelta(microseconds=1)
        return await self._sessions(_HISTORY, agent, format_timestamp(since), now)

    async def get_active_sessions(self) -> list[Session]:
        return await self._sessions(_ACTIVE)

    async def record_state_change(self, change: StateChange) -> int:
        return await self._connection.store(state_statements((change,)))

    async def get_state_changes(self, session_id: str) -> list[StateChange]:
        return [read_state_change(row) for row in await self._connection.fetch(_STATES, (session_id,))]

    async def _sessions(self, sql: str, *values: str | int) -> list[Session]:
        return [read_session(row) for row in await self._connection.fetch(sql, values)]


def _create(session: Session) -> Conversation[int]:
    found = yield Statement("SELECT 1 FROM process_sessions WHERE session_id = ?", (session.session_id,))
    if found.rows:
        raise StoreError(f"there is a session of the id {session.session_id!r} already", "update_session changes it")
    return (yield insert_session(session)).last_id


def _update(session_id: str, changes: Mapping[str, Any]) -> Conversation[None]:
    updated = yield update_session(session_id, changes)
    if not updated.changed:
        raise session_not_found(session_id)


def _complete(state: StateChange, totals: Mapping[str, int]) -> Conversation[None]:
    for name in totals:
        if name not in TOTALS:
            raise ValueError(f"a session has no total {name!r}; those it has: {', '.join(TOTALS)}")
    yield from _update(state.session_id, totals)
    yield from state_statements((state,))
