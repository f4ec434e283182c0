"""From rows to records: for each table the columns that are read, and the record that they make."""

import json
import sqlite3
from typing import Any

from stream.records import NO_METADATA, CodeBlock, ExtractionEvent, Session, StateChange

EVENT_COLUMNS = """
    id, agent_name, session_id, timestamp, event_type, pattern, matched_value, original_line, line_number,
    metadata_json, code_block_language, risk_level, auto_confirmable, stream, byte_offset
"""
# The code block `b` as it stands at its occurrence `o`.
BLOCK_COLUMNS = """
    b.id, o.agent_name, o.session_id, o.timestamp, b.language, b.content, o.line_start, o.line_end, o.context_json,
    b.parseable, o.stream, o.byte_offset
"""
SESSION_COLUMNS = """
    id, agent_name, session_id, environment, started_at, ended_at, exit_code, total_lines_processed,
    total_extraction_events, total_feedback_outcomes, stdout_log_path, stderr_log_path, extraction_config_version,
    environment_config_version, state, recording_path, command_json, heartbeat_at
"""
STATE_COLUMNS = "id, session_id, timestamp, state, exit_code, metadata_json"


def read_event(row: sqlite3.Row) -> ExtractionEvent:
    """A row of `EVENT_COLUMNS`."""
    values = dict(row)
    metadata = _decoded(values.pop("metadata_json"), NO_METADATA)
    return ExtractionEvent(**values | {"metadata": metadata, "auto_confirmable": bool(values["auto_confirmable"])})


def read_block(row: sqlite3.Row) -> CodeBlock:
    """A row of `BLOCK_COLUMNS`."""
    values = dict(row)
    context = _decoded(values.pop("context_json"), NO_METADATA)
    parseable = None if values["parseable"] is None else bool(values["parseable"])
    return CodeBlock(**values | {"context": context, "parseable": parseable})


def read_session(row: sqlite3.Row) -> Session:
    """A row of `SESSION_COLUMNS`."""
    values = dict(row)
    command = tuple(_decoded(values.pop("command_json"), ()))
    return Session(**values | {"command": command})


def read_state_change(row: sqlite3.Row) -> StateChange:
    """A row of `STATE_COLUMNS`."""
    values = dict(row)
    metadata = _decoded(values.pop("metadata_json"), NO_METADATA)
    return StateChange(**values | {"metadata": metadata})


def _decoded(text: str | None, default: Any) -> Any:
    # NaN and Infinity are not JSON, though agents print them: as text they can be sent on.
    return json.loads(text, parse_constant=str) if text else default
