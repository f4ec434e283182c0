"""Records as the JSON objects that clients get: the columns of their table, decoded."""

from typing import Any

from stream.records import CodeBlock, ExtractionEvent, Session, StateChange
from stream.timestamps import parse_timestamp

_MICROSECONDS = 1_000_000


def event_json(event: ExtractionEvent) -> dict[str, Any]:
    """A row of `extraction_events`; `metadata` is an object."""
    return event._asdict()


def block_json(block: CodeBlock) -> dict[str, Any]:
    """A code block where it occurred, with the digest of its language and content."""
    return block._asdict() | {"digest": block.digest}


def state_change_json(change: StateChange) -> dict[str, Any]:
    """A row of `process_state_changes`; `metadata` is an object."""
    return change._asdict()


def session_json(session: Session) -> dict[str, Any]:
    """A row of `process_sessions`; `duration_seconds` is None while it runs."""
    return session._asdict() | {"duration_seconds": _duration(session)}


def _duration(session: Session) -> float | None:
    if session.started_at is None or session.ended_at is None:
        return None
    return (parse_timestamp(session.ended_at) - parse_timestamp(session.started_at)) / _MICROSECONDS
