"""Rows of `process_sessions`, as they are written."""

from collections.abc import Mapping
from typing import Any

from data.sqlite.text import storable, to_json
from data.sqlite.transaction import Statement
from stream.records import Session

# What may change after a session was made: field of the record → column.
CHANGEABLE = {
    "environment": "environment",
    "started_at": "started_at",
    "ended_at": "ended_at",
    "exit_code": "exit_code",
    "total_lines_processed": "total_lines_processed",
    "total_extraction_events": "total_extraction_events",
    "total_feedback_outcomes": "total_feedback_outcomes",
    "stdout_log_path": "stdout_log_path",
    "stderr_log_path": "stderr_log_path",
    "extraction_config_version": "extraction_config_version",
    "environment_config_version": "environment_config_version",
    "state": "state",
    "recording_path": "recording_path",
    "command": "command_json",
    "heartbeat_at": "heartbeat_at",
}
TOTALS = ("total_lines_processed", "total_extraction_events", "total_feedback_outcomes")

_COLUMNS = {"agent_name": "agent_name", "session_id": "session_id"} | CHANGEABLE
_INSERT = f"INSERT INTO process_sessions ({', '.join(_COLUMNS.values())}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_OPEN = f"""{_INSERT} ON CONFLICT (session_id) DO UPDATE
    SET extraction_config_version = excluded.extraction_config_version
    WHERE excluded.extraction_config_version IS NOT extraction_config_version
        AND excluded.extraction_config_version IS NOT NULL
"""


def insert_session(session: Session) -> Statement:
    """Fails when there is one of this id."""
    return Statement(_INSERT, _values(session))


def open_session(session: Session) -> Statement:
    """Makes the session; one that is there only learns which patterns are in force."""
    return Statement(_OPEN, _values(session))


def update_session(session_id: str, changes: Mapping[str, Any]) -> Statement:
    """Raises `ValueError` for a field that is not `CHANGEABLE`."""
    for field in changes:
        if field not in CHANGEABLE:
            raise ValueError(f"a session's {field!r} cannot be changed; what can: {', '.join(CHANGEABLE)}")
    # Assigning the id to itself keeps the statement whole where nothing changes.
    assignments = ", ".join(["session_id = session_id", *(f"{CHANGEABLE[field]} = ?" for field in changes)])
    values = [_value(field, value) for field, value in changes.items()]
    return Statement(f"UPDATE process_sessions SET {assignments} WHERE session_id = ?", (*values, session_id))


def _values(session: Session) -> tuple[Any, ...]:
    fields = session._asdict()
    return tuple(_value(field, fields[field]) for field in _COLUMNS)


def _value(field: str, value: Any) -> Any:
    if field == "command":
        return to_json(value)
    return storable(value) if isinstance(value, str) else value
