"""The ports of the database: what the indexer, the server and the commands ask of it.

`ExtractionStore` and `SessionStore` are the contract that every backend passes (`tests/data/`, one suite for all);
`RecordingStore` is the indexer's side, synchronous, one transaction a batch. The SQLite classes are in `data.sqlite`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from stream.records import Batch, Checkpoint, CodeBlock, ExtractionEvent, Session, StateChange

SESSIONS_ARE_LISTED = "`wrapper sessions` lists them"  # a hint, at the command line


class StoreError(Exception):
    """The database cannot do what was asked. `hint` says what the user can do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SessionNotFoundError(StoreError):
    """No session has this id."""


class ExtractionStats(NamedTuple):
    """Totals over one agent. `success_rate` is sessions ended well ÷ sessions ended, None if none has ended."""

    agent_name: str
    total_sessions: int
    total_extractions: int
    total_code_blocks: int
    extractions_by_type: Mapping[str, int]
    extractions_by_pattern: Mapping[str, int]
    success_rate: float | None


class ExtractionStore(Protocol):
    """Events and code blocks. Lists are newest first; a `limit` of None means all."""

    async def save_extraction(self, event: ExtractionEvent) -> int: ...
    async def save_extraction_batch(self, events: Iterable[ExtractionEvent]) -> int: ...
    async def get_extractions_by_agent(self, agent: str, limit: int | None = 100) -> list[ExtractionEvent]: ...
    async def get_extractions_by_type(
        self, agent: str, event_type: str, limit: int | None = 100
    ) -> list[ExtractionEvent]: ...
    async def get_extractions_by_pattern(
        self, agent: str, pattern: str, limit: int | None = 100
    ) -> list[ExtractionEvent]: ...
    async def get_extractions_by_session(self, session_id: str) -> list[ExtractionEvent]:
        """All events of a session, in the order of the recording (not newest first)."""
        ...

    async def get_extraction_stats(self, agent: str) -> ExtractionStats: ...
    async def save_code_block(self, block: CodeBlock) -> int:
        """Stores content once by its digest, and every occurrence; returns the content's id."""
        ...

    async def get_code_blocks(
        self, agent: str, language: str | None = None, limit: int | None = 100
    ) -> list[CodeBlock]: ...


class SessionStore(Protocol):
    """Sessions and their states. Lists are newest first; states are oldest first."""

    async def create_session(self, session: Session) -> int: ...
    async def update_session(self, session_id: str, changes: Mapping[str, Any]) -> None: ...
    async def complete_session(
        self, session_id: str, exit_code: int | None, ended_at: str, totals: Mapping[str, int] | None = None
    ) -> None: ...
    async def get_session(self, session_id: str) -> Session:
        """Raises `SessionNotFoundError`."""
        ...

    async def get_sessions_by_agent(self, agent: str, limit: int | None = 100) -> list[Session]: ...
    async def get_session_history(self, agent: str, days: int, now: str) -> list[Session]:
        """Sessions that started in the `days` before `now` (a timestamp)."""
        ...

    async def get_active_sessions(self) -> list[Session]: ...
    async def record_state_change(self, change: StateChange) -> int: ...
    async def get_state_changes(self, session_id: str) -> list[StateChange]: ...


class RecordingStore(Protocol):
    """What the indexer needs: where to go on, and one transaction for all it found."""

    def open_session(self, session: Session) -> None:
        """Creates the session's row unless it is there."""
        ...

    def checkpoint(self, session_id: str) -> Checkpoint | None: ...
    def commit(self, batch: Batch) -> bool:
        """Stores the batch whole, or nothing: False when another indexer has moved the checkpoint meanwhile."""
        ...

    def reset(self, session_id: str, config_version: str) -> None:
        """Forgets what was extracted from the session, so that it can be made again.

        Events, occurrences, blocks that nobody else has, buckets, states, counters and checkpoint go; the row stays.
        """
        ...

    def heartbeat(self, session_id: str, timestamp: str) -> None: ...
