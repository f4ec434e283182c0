"""Counts over many rows, as questions and answers: one agent, one pattern, a span of time, two of them. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from stream.records import ExtractionEvent, Session

TOP_BY = ("pattern", "value", "agent", "command")
BAD_VERDICTS = ("failed", "gave_up", "interrupted")


class KindCount(NamedTuple):
    """How many events of one kind there are; no risk is an empty text."""

    agent_name: str
    event_type: str
    pattern: str
    risk_level: str
    events: int


class EventCounts(NamedTuple):
    """Events counted by each of their kinds' parts, the highest first."""

    total_extractions: int
    extractions_by_agent: Mapping[str, int]
    extractions_by_type: Mapping[str, int]
    extractions_by_pattern: Mapping[str, int]
    extractions_by_risk: Mapping[str, int]


class SessionCounts(NamedTuple):
    """Sessions by the state they are in. `success_rate` is those that ended well ÷ those that ended, or None.

    A session ended well if its status is 0 and its verdict, if it has one, is none of `BAD_VERDICTS`.

    `first_seen` and `last_seen` are the earliest start and the latest sign of life; tokens and cost are what agents
    told, None where none did.
    """

    total_sessions: int
    sessions_by_state: Mapping[str, int]
    success_rate: float | None
    first_seen: str | None
    last_seen: str | None
    tokens_total: int | None = None
    cost_usd: float | None = None


class OverallStats(NamedTuple):
    """Totals over everything that is stored."""

    total_sessions: int
    sessions_by_state: Mapping[str, int]
    success_rate: float | None
    total_extractions: int
    total_code_blocks: int
    extractions_by_agent: Mapping[str, int]
    extractions_by_type: Mapping[str, int]
    extractions_by_pattern: Mapping[str, int]
    extractions_by_risk: Mapping[str, int]
    first_seen: str | None
    last_seen: str | None
    tokens_total: int | None = None
    cost_usd: float | None = None


class AgentStats(NamedTuple):
    """Totals over one agent. `first_seen` and `last_seen` are of its sessions and events."""

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
    tokens_total: int | None = None
    cost_usd: float | None = None


class PatternStats(NamedTuple):
    """Totals over one pattern, and its newest events."""

    pattern: str
    total_extractions: int
    extractions_by_agent: Mapping[str, int]
    extractions_by_type: Mapping[str, int]
    extractions_by_risk: Mapping[str, int]
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


class Summary(NamedTuple):
    """What happened in a span, or in one session: events in it, sessions that started in it."""

    since: str | None
    until: str | None
    session_id: str | None
    agent: str | None
    total_sessions: int
    sessions_by_state: Mapping[str, int]
    success_rate: float | None
    total_code_blocks: int
    total_extractions: int
    extractions_by_agent: Mapping[str, int]
    extractions_by_type: Mapping[str, int]
    extractions_by_pattern: Mapping[str, int]
    extractions_by_risk: Mapping[str, int]


class Concern(NamedTuple):
    """A session that somebody should look at, and why.

    Reasons are `waiting`, its state when it ended badly, else its verdict if that is bad, and `risk`.
    `permission` is the event that it waits at, `risky_events` how many are of high or critical risk, `risk` the newest
    of the worst of them.
    """

    session: Session
    reasons: Sequence[str]
    risky_events: int
    permission: ExtractionEvent | None = None
    risk: ExtractionEvent | None = None


class TopRequest(NamedTuple):
    """What there is most of, `by` one of `TOP_BY`: events of a type, or commands whose sessions ended badly."""

    by: str
    since: str
    until: str
    event_type: str = "error"
    agent: str | None = None
    limit: int = 10


class Top(NamedTuple):
    """Names and how often each came, the most frequent first. `counted` says of how many rows, `all` if of all.

    Values and commands are counted over the newest rows alone where there are very many.
    """

    entries: Sequence[tuple[str, int]]
    counted: int
    all: bool


def ended_well(session: Session) -> bool | None:
    """Whether it ended with status 0 and without a bad verdict; None while it runs."""
    return None if session.ended_at is None else session.exit_code == 0 and session.verdict not in BAD_VERDICTS


def count_events(kinds: Iterable[KindCount]) -> EventCounts:
    """The kinds' counts added up by each of their parts."""
    rows = list(kinds)
    return EventCounts(
        sum(row.events for row in rows),
        _sums((row.agent_name, row.events) for row in rows),
        _sums((row.event_type, row.events) for row in rows),
        _sums((row.pattern, row.events) for row in rows),
        _sums((row.risk_level, row.events) for row in rows),
    )


def difference(a: Summary, b: Summary) -> dict[str, object]:
    """What there is more of in `a` than in `b`: numbers subtracted, names that do not differ left out."""
    changed: dict[str, object] = {}
    for field, mine, theirs in zip(Summary._fields, a, b, strict=True):
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            names = dict.fromkeys((*mine, *theirs))
            changed[field] = {name: n for name in names if (n := mine.get(name, 0) - theirs.get(name, 0))}
        elif isinstance(mine, int | float) and isinstance(theirs, int | float):
            changed[field] = mine - theirs
    return changed


def _sums(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Totals by name, the highest first, then by name; an empty text is no name."""
    sums: Counter[str] = Counter()
    for name, count in counts:
        if name:
            sums[name] += count
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))
