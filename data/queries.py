"""Questions to the database and their answers, without saying which database: filters, pages, statistics.

`Reader` is the port that the HTTP server declares; `data.sqlite.search` implements it. A field of a filter that is None
does not filter, all others apply together. Times are timestamps as they are stored (`stream.timestamps`); `since` is
included, `until` is not.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from stream.records import CodeBlock, ExtractionEvent, Session, StateChange

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
COUNTED_EXACTLY = 10_000
LAST_SESSION = "last"

Row = TypeVar("Row")


class ExtractionFilter(NamedTuple):
    """Which events; `after` is the id that all of them are above."""

    agent: str | None = None
    event_type: str | None = None
    pattern: str | None = None
    session: str | None = None
    risk: str | None = None
    since: str | None = None
    until: str | None = None
    after: int | None = None


class BlockFilter(NamedTuple):
    """Which code blocks: those that occur at least once as asked for; `after` is the id that all are above."""

    agent: str | None = None
    language: str | None = None
    session: str | None = None
    since: str | None = None
    until: str | None = None
    after: int | None = None


class SessionFilter(NamedTuple):
    """Which sessions, by when they started; an `active` one has not ended."""

    agent: str | None = None
    state: str | None = None
    active: bool | None = None
    since: str | None = None
    until: str | None = None
    after: int | None = None


class PageRequest(NamedTuple):
    """Which part of a list, newest first: below the id `before`, or behind the first `offset` rows."""

    limit: int = DEFAULT_LIMIT
    before: int | None = None
    offset: int = 0
    exact: bool = False


class Page(NamedTuple, Generic[Row]):
    """Rows, newest first. `total` counts what the filter lets through on all pages.

    `total_is` is `exact`, or `at_least` where counting stopped at `COUNTED_EXACTLY`. `next` is the cursor of the rows
    that follow, None on the last page.
    """

    rows: Sequence[Row]
    total: int
    total_is: str
    next: str | None


class SessionDetail(NamedTuple):
    """A session, its states (oldest first), and how many events of which type it has."""

    session: Session
    state_changes: Sequence[StateChange]
    extractions_by_type: Mapping[str, int]


class AgentStats(NamedTuple):
    """Totals over one agent. `success_rate` is sessions that ended with status 0 ÷ sessions that ended, or None.

    `first_seen` and `last_seen` are the earliest and latest time of any of its sessions and events.
    """

    agent_name: str
    total_sessions: int
    total_extractions: int
    total_code_blocks: int
    extractions_by_type: Mapping[str, int]
    extractions_by_pattern: Mapping[str, int]
    extractions_by_risk: Mapping[str, int]
    success_rate: float | None
    first_seen: str | None
    last_seen: str | None


class PatternStats(NamedTuple):
    """Totals over one pattern, and its newest events."""

    pattern: str
    total_extractions: int
    extractions_by_agent: Mapping[str, int]
    extractions_by_type: Mapping[str, int]
    first_seen: str | None
    last_seen: str | None
    recent: Sequence[ExtractionEvent]


class TimelineRequest(NamedTuple):
    """Counts per `bucket` seconds, a multiple of five minutes; buckets are aligned to the Unix epoch.

    `since` and `until` are timestamps at which buckets begin.
    """

    since: str
    until: str
    bucket: int
    agent: str | None = None


class TimelineCount(NamedTuple):
    """`events` of a type in the bucket that begins `start` seconds after the Unix epoch."""

    start: int
    event_type: str
    events: int


class DatabaseStatus(NamedTuple):
    """Which schema the database has, and how many sessions have not ended."""

    schema_version: int
    active_sessions: int


class Reader(Protocol):
    """The reading side of the database. All methods raise `StoreError` when it does not answer."""

    async def extractions(self, wanted: ExtractionFilter, page: PageRequest) -> Page[ExtractionEvent]: ...
    async def code_blocks(self, wanted: BlockFilter, page: PageRequest) -> Page[CodeBlock]: ...
    async def sessions(self, wanted: SessionFilter, page: PageRequest) -> Page[Session]: ...
    async def session(self, session_id: str) -> SessionDetail:
        """The session with this id, or the newest for `LAST_SESSION`. Raises `SessionNotFoundError`."""
        ...

    async def session_extractions(
        self, session_id: str, after: int, until: int, limit: int
    ) -> Sequence[ExtractionEvent]:
        """Events of a session with `after` < id ≤ `until`, in the order of their ids."""
        ...

    async def last_extraction(self, session_id: str) -> int:
        """The highest id of a session's events, 0 without any."""
        ...

    async def agent_stats(self, agent: str) -> AgentStats: ...
    async def pattern_stats(self, pattern: str, recent: int) -> PatternStats: ...
    async def timeline(self, wanted: TimelineRequest) -> Sequence[TimelineCount]: ...
    async def status(self) -> DatabaseStatus: ...


def encode_cursor(before: int) -> str:
    """The cursor of the rows below an id. Opaque to whoever gets it."""
    return base64.urlsafe_b64encode(b"before %d" % before).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """The id in a cursor. Raises `ValueError` for anything that `encode_cursor` did not make."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        word, _, number = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(" ")
    except (binascii.Error, UnicodeError) as error:
        raise ValueError(f"not a cursor: {cursor!r}") from error
    if word != "before" or encode_cursor(before := _row_id(number)) != cursor:
        raise ValueError(f"not a cursor: {cursor!r}")
    return before


def _row_id(number: str) -> int:
    value = int(number)
    if not 0 <= value < 1 << 63:
        raise ValueError(f"no row has the id {number}")
    return value
