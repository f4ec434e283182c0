"""What happened in a span or a session, what needs attention, what there is most of: each within a snapshot."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

from data.rollups import spans
from data.sqlite.rows import EVENT_COLUMNS, SESSION_COLUMNS, read_event, read_session
from data.sqlite.spans import id_ranges
from data.sqlite.statistics import count_sessions, kinds
from data.summaries import BAD_VERDICTS, Concern, KindCount, Summary, Top, TopRequest, count_events, ended_well
from stream.records import ExtractionEvent, Session

_COUNTED = 2500  # rows whose values or commands are counted one by one

_SPAN_BLOCKS = """
    SELECT COUNT(DISTINCT block_id) FROM code_block_occurrences WHERE timestamp >= :since AND timestamp < :until
"""
_SESSION_KINDS = "SELECT agent_name, event_type, pattern, risk_level, count FROM session_kinds WHERE session_id = ?"
_SESSION_BLOCKS = "SELECT COUNT(DISTINCT block_id) FROM code_block_occurrences WHERE session_id = ?"
_OF_CONCERN = f"""
    SELECT {SESSION_COLUMNS}, risky_events FROM process_sessions
    WHERE risky_events > 0 OR state IN ('failed', 'killed', 'interrupted')
        OR verdict IN ('failed', 'gave_up', 'interrupted')
    ORDER BY started_at DESC, id DESC LIMIT ?
"""
_RUNNING = f"""
    SELECT {SESSION_COLUMNS}, risky_events FROM process_sessions
    WHERE ended_at IS NULL ORDER BY started_at DESC, id DESC LIMIT ?
"""
_NEWEST_EVENT = f"SELECT {EVENT_COLUMNS} FROM extraction_events WHERE session_id = ? ORDER BY id DESC LIMIT 1"
# The level stands in the text: by that SQLite knows that the index has all of them. It would read by session alone.
_RISKY = tuple(
    f"""
    SELECT {EVENT_COLUMNS} FROM extraction_events INDEXED BY {index}
    WHERE session_id = ? AND risk_level = '{level}' ORDER BY id DESC LIMIT 1
    """
    for level, index in (("critical", "critical_events"), ("high", "high_risk_events"))
)
_VALUES = """
    SELECT matched_value FROM extraction_events
    WHERE id BETWEEN :low AND :high AND event_type = :event_type AND timestamp >= :since AND timestamp < :until
        AND (:agent IS NULL OR agent_name = :agent)
    ORDER BY id DESC LIMIT :limit
"""
# The plus keeps SQLite from reading by state or verdict, and sorting: the newest are read first until there are enough.
_COMMANDS = """
    SELECT command_json FROM process_sessions
    WHERE started_at >= :since AND started_at < :until
        AND (+state IN ('failed', 'killed', 'interrupted') OR +verdict IN ('failed', 'gave_up', 'interrupted'))
        AND (:agent IS NULL OR agent_name = :agent)
    ORDER BY started_at DESC LIMIT :limit
"""
_BAD_ENDS = ("failed", "killed", "interrupted")


def span_summary(connection: sqlite3.Connection, since: str, until: str, agent: str | None) -> Summary:
    """Events in the span from the buckets, and the sessions that started in it."""
    values = {"since": since, "until": until, "agent": agent}
    of_agent = "" if agent is None else " AND agent_name = :agent"
    sessions = count_sessions(connection, f"WHERE started_at >= :since AND started_at < :until{of_agent}", values)
    (blocks,) = connection.execute(_SPAN_BLOCKS + of_agent, values).fetchone()
    events = count_events(kinds(connection, spans(since, until), agent=agent))
    return Summary(
        since,
        until,
        None,
        agent,
        sessions.total_sessions,
        sessions.sessions_by_state,
        sessions.success_rate,
        blocks,
        **events._asdict(),
    )


def session_summary(connection: sqlite3.Connection, session: Session) -> Summary:
    """All that was found in one session."""
    rows = connection.execute(_SESSION_KINDS, (session.session_id,))
    events = count_events(KindCount(*row) for row in rows)
    (blocks,) = connection.execute(_SESSION_BLOCKS, (session.session_id,)).fetchone()
    good = ended_well(session)
    return Summary(
        session.started_at,
        session.ended_at,
        session.session_id,
        session.agent_name,
        1,
        {session.state: 1} if session.state else {},
        None if good is None else float(good),
        blocks,
        **events._asdict(),
    )


def concerns(connection: sqlite3.Connection, limit: int) -> list[Concern]:
    """Sessions that wait for permission, then those that ended badly or did what is risky: the newest first of each.

    Those that wait have half of the places, or what the others leave: some may have died unheard.
    """
    found = [_concern(connection, row, may_wait=True) for row in connection.execute(_RUNNING, (_COUNTED,))]
    waiting = [concern for concern in found if concern.permission is not None]
    known = {concern.session.session_id for concern in waiting}
    others = [
        _concern(connection, row, may_wait=False)
        for row in connection.execute(_OF_CONCERN, (limit + len(waiting),))
        if row["session_id"] not in known
    ]
    places = max(limit - len(others), (limit + 1) // 2)
    concerned = [*waiting[:places], *others][:limit]
    return [concern._replace(risk=_worst(connection, concern)) for concern in concerned]


def top(connection: sqlite3.Connection, wanted: TopRequest) -> Top:
    """What there is most of in the span."""
    if wanted.by == "value":
        return _counted(_values(connection, wanted), wanted.limit)
    if wanted.by == "command":
        return _counted(_commands(connection, wanted), wanted.limit)
    found = kinds(connection, spans(wanted.since, wanted.until), agent=wanted.agent, event_type=wanted.event_type)
    counts = count_events(found)
    by = {"pattern": counts.extractions_by_pattern, "agent": counts.extractions_by_agent}[wanted.by]
    return Top(list(by.items())[: wanted.limit], counts.total_extractions, True)


def _concern(connection: sqlite3.Connection, row: sqlite3.Row, *, may_wait: bool) -> Concern:
    """Without the event of its worst risk."""
    session, risky = read_session(row), row["risky_events"]
    permission = _waits_at(connection, session) if may_wait else None
    waits = ("waiting",) if permission else ()
    return Concern(session, (*waits, *_reasons(session, risky)), risky, permission)


def _worst(connection: sqlite3.Connection, concern: Concern) -> ExtractionEvent | None:
    """The newest event of its worst risk."""
    for question in _RISKY if concern.risky_events else ():
        for row in connection.execute(question, (concern.session.session_id,)):
            return read_event(row)
    return None


def _waits_at(connection: sqlite3.Connection, session: Session) -> ExtractionEvent | None:
    """The permission that a session asked for last, if nothing has happened since: neither an answer nor else."""
    for row in connection.execute(_NEWEST_EVENT, (session.session_id,)):
        event = read_event(row)
        return event if event.event_type == "permission" and _is_open(event) else None
    return None


def _is_open(event: ExtractionEvent) -> bool:
    """Whether it is a question without its answer; a pattern's own event may not say what it is."""
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    return bool(metadata.get("phase", "asked") == "asked")


def _reasons(session: Session, risky: int) -> tuple[str, ...]:
    """Its state if it ended badly, else its verdict if that is bad; and its risks."""
    how = session.state if session.state in _BAD_ENDS else session.verdict
    ended_badly = (how,) if how in (*_BAD_ENDS, *BAD_VERDICTS) else ()
    return (*ended_badly, "risk") if risky else ended_badly


def _values(connection: sqlite3.Connection, wanted: TopRequest) -> list[str | None]:
    values: list[str | None] = []
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: there are thousands
    for low, high in reversed(id_ranges(connection, wanted.since, wanted.until)):
        limit = _COUNTED + 1 - len(values)
        cursor.execute(_VALUES, wanted._asdict() | {"low": low, "high": high, "limit": limit})
        values += [value for (value,) in cursor]
    return values


def _commands(connection: sqlite3.Connection, wanted: TopRequest) -> list[str | None]:
    rows = connection.execute(_COMMANDS, wanted._asdict() | {"limit": _COUNTED + 1})
    return [_shell_words(command) for (command,) in rows]


def _shell_words(command: str | None) -> str | None:
    return None if command is None else " ".join(json.loads(command))


def _counted(names: Sequence[Any], limit: int) -> Top:
    taken = names[:_COUNTED]
    counts = Counter(name for name in taken if name)
    entries = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return Top(entries, len(taken), len(names) <= _COUNTED)
