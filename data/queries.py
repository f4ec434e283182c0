"""Questions to the database and their answers, without saying which database: filters and pages.

`Reader` is the port that the HTTP server declares; `data.sqlite.search` implements it, `data.summaries` has the rest
of its answers. A field of a filter that is None does not filter, all others apply together. Times are timestamps as
they are stored (`stream.timestamps`); `since` is included, `until` is not.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from data.summaries import (
    AgentStats,
    Concern,
    OverallStats,
    PatternStats,
    Summary,
    TimelineCount,
    TimelineRequest,
    Top,
    TopRequest,
)
from data.terms import Term
from data.usage import UsageAnswer, UsageRequest
from stream.records import CodeBlock, ExtractionEvent, Session, StateChange

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
COUNTED_EXACTLY = 10_000
LOOKED_AT = 1_000
RANKED = 2_000
LAST_SESSION = "last"

Row = TypeVar("Row")


class ExtractionFilter(NamedTuple):
    """Which events; `q` is what their text must hold, `after` the id that all of them are above."""

    agent: str | None = None
    event_type: str | None = None
    pattern: str | None = None
    session: str | None = None
    risk: str | None = None
    since: str | None = None
    until: str | None = None
    after: int | None = None
    q: tuple[Term, ...] | None = None


class BlockFilter(NamedTuple):
    """Which code blocks: those that occur at least once as asked for; `after` is the id that all are above."""

    agent: str | None = None
    language: str | None = None
    session: str | None = None
    since: str | None = None
    until: str | None = None
    after: int | None = None
    q: tuple[Term, ...] | None = None


class SessionFilter(NamedTuple):
    """Which sessions, by when they started; an `active` one has not ended."""

    agent: str | None = None
    state: str | None = None
    active: bool | None = None
    since: str | None = None
    until: str | None = None
    after: int | None = None
    verdict: str | None = None


class Cursor(NamedTuple):
    """Where a page ended: the next one goes on behind the row of this id, upwards if `ascending`.

    Sessions are in the order of their starts: `started` is that of the row, empty if nobody knows it. Without it, it is
    looked up by the id.
    """

    row_id: int
    ascending: bool = False
    started: str | None = None


class PageRequest(NamedTuple):
    """Which part of a list: behind the `cursor`, or behind the first `offset` rows.

    Lists are newest first: sessions by their start, all else as it was stored. With a filter's `after` they are in the
    order of their ids, so that who polls misses nothing.
    """

    limit: int = DEFAULT_LIMIT
    cursor: Cursor | None = None
    offset: int = 0
    exact: bool = False


class Page(NamedTuple, Generic[Row]):
    """Rows of a list. `total` counts what the filter lets through on all pages.

    `total_is` is `exact`, or `at_least` where counting stopped: at `COUNTED_EXACTLY`, with a `q` behind `LOOKED_AT`
    rows that hold it. `next` is the cursor of the rows that follow, None on the last page. `complete` says
    whether all rows were searched that there are; false while the text of the newest is not in the index yet.
    """

    rows: Sequence[Row]
    total: int
    total_is: str
    next: str | None
    complete: bool = True


class PageText(NamedTuple):
    """A page as text: `rows` are JSON objects, one a line, commas between; the rest is as in `Page`."""

    rows: str
    total: int
    total_is: str
    next: str | None
    complete: bool = True


class SessionDetail(NamedTuple):
    """A session, its states (oldest first), and how many events of which type it has."""

    session: Session
    state_changes: Sequence[StateChange]
    extractions_by_type: Mapping[str, int]


SEARCHED = ("extraction", "code_block")


class Hit(NamedTuple):
    """One row that a search found. `snippet` is its text around the terms: pieces, and whether each is a match."""

    source: str
    row: ExtractionEvent | CodeBlock
    rank: float | None
    snippet: Sequence[tuple[str, bool]]


class Found(NamedTuple):
    """Hits, the best first. `ranked_by` is `bm25`, or `time` (newest first) where there are too many to weigh.

    `total`, `total_is` and `complete` are as in `Page`.
    """

    hits: Sequence[Hit]
    total: int
    total_is: str
    ranked_by: str
    complete: bool


class DatabaseStatus(NamedTuple):
    """Which schema the database has, and how many sessions have not ended."""

    schema_version: int
    active_sessions: int


class Reader(Protocol):
    """The reading side of the database. All methods raise `StoreError` when it does not answer."""

    async def extractions(self, wanted: ExtractionFilter, page: PageRequest) -> Page[ExtractionEvent]: ...
    async def extractions_as_json(self, wanted: ExtractionFilter, page: PageRequest) -> PageText:
        """The same page; the objects have the record's fields."""
        ...

    async def code_blocks(self, wanted: BlockFilter, page: PageRequest) -> Page[CodeBlock]: ...
    async def sessions(self, wanted: SessionFilter, page: PageRequest) -> Page[Session]: ...
    async def session(self, session_id: str) -> SessionDetail:
        """The session with this id, or the one that started last for `LAST_SESSION`.

        Raises `SessionNotFoundError`.
        """
        ...

    async def session_extractions(
        self, session_id: str, after: int, until: int, limit: int
    ) -> Sequence[ExtractionEvent]:
        """Events of a session with `after` < id ≤ `until`, in the order of their ids."""
        ...

    async def last_extraction(self, session_id: str) -> int:
        """The highest id of a session's events, 0 without any."""
        ...

    async def search(self, terms: tuple[Term, ...], source: str | None, limit: int) -> Found:
        """The best hits in events and code blocks, or in one of the `SEARCHED`."""
        ...

    async def overall_stats(self) -> OverallStats: ...
    async def agent_stats(self, agent: str) -> AgentStats: ...
    async def pattern_stats(self, pattern: str, recent: int) -> PatternStats: ...
    async def timeline(self, wanted: TimelineRequest) -> Sequence[TimelineCount]: ...
    async def span_summary(self, since: str, until: str, agent: str | None = None) -> Summary:
        """What happened between two moments at which five-minute buckets begin."""
        ...

    async def session_summary(self, session_id: str) -> Summary:
        """What happened in one session. Raises `SessionNotFoundError`."""
        ...

    async def concerns(self, limit: int) -> Sequence[Concern]:
        """Sessions that somebody should look at, newest first."""
        ...

    async def top(self, wanted: TopRequest) -> Top: ...
    async def usage(self, wanted: UsageRequest) -> UsageAnswer: ...
    async def status(self) -> DatabaseStatus: ...


def encode_cursor(cursor: Cursor) -> str:
    """Opaque to whoever gets it."""
    word = "above" if cursor.ascending else "before"
    started = "" if cursor.started is None else f" {cursor.started}"
    return base64.urlsafe_b64encode(f"{word} {cursor.row_id}{started}".encode()).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """Raises `ValueError` for anything that `encode_cursor` did not make."""
    try:
        padded = text + "=" * (-len(text) % 4)
        word, _, place = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(" ")
    except (binascii.Error, UnicodeError) as error:
        raise ValueError(f"not a cursor: {text!r}") from error
    number, has_start, started = place.partition(" ")
    cursor = Cursor(_row_id(number), ascending=word == "above", started=started if has_start else None)
    if encode_cursor(cursor) != text:
        raise ValueError(f"not a cursor: {text!r}")
    return cursor


def _row_id(number: str) -> int:
    value = int(number)
    if not 0 <= value < 1 << 63:
        raise ValueError(f"no row has the id {number}")
    return value
