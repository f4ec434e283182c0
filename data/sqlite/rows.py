"""From rows to records: for each table the columns that are read, and the record that they make.

Columns are in the order of the record's fields, the id in front; a row may have others behind them.
"""

import json
from collections.abc import Sequence
from typing import Any

from stream.records import NO_METADATA, CodeBlock, ExtractionEvent, Session, StateChange

EVENT_COLUMNS = """
    id, agent_name, session_id, timestamp, event_type, pattern, matched_value, original_line, line_number,
    metadata_json, code_block_language, risk_level, auto_confirmable, stream, byte_offset
"""
# The same as the text of a JSON object, whose fields are those of the record: SQLite makes it in half the time that
# Python needs, and without its lock. Metadata that is not JSON (NaN, which agents print) is given as text.
EVENT_JSON = """
    json_object('id', id, 'agent_name', agent_name, 'session_id', session_id, 'timestamp', timestamp,
        'event_type', event_type, 'pattern', pattern, 'matched_value', matched_value, 'original_line', original_line,
        'line_number', line_number, 'metadata', CASE WHEN metadata_json IS NULL THEN json('{}')
            WHEN json_valid(metadata_json) THEN json(metadata_json) ELSE metadata_json END,
        'code_block_language', code_block_language, 'risk_level', risk_level,
        'auto_confirmable', json(IIF(auto_confirmable, 'true', 'false')), 'stream', stream, 'byte_offset', byte_offset)
"""
# The code block `b` as it stands at its occurrence `o`.
BLOCK_COLUMNS = """
    b.id, o.agent_name, o.session_id, o.timestamp, b.language, b.content, o.line_start, o.line_end, o.context_json,
    b.parseable, o.stream, o.byte_offset
"""
SESSION_COLUMNS = """
    id, agent_name, session_id, environment, started_at, ended_at, exit_code, total_lines_processed,
    total_extraction_events, total_feedback_outcomes, stdout_log_path, stderr_log_path, extraction_config_version,
    environment_config_version, state, recording_path, command_json, heartbeat_at, tokens_total,
    cost_usd, verdict, verdict_reason
"""
STATE_COLUMNS = "id, session_id, timestamp, state, exit_code, metadata_json"


def read_event(row: Sequence[Any]) -> ExtractionEvent:
    """A row of `EVENT_COLUMNS`."""
    row_id, *before, metadata, language, risk, confirmable, stream, offset = row[:15]
    metadata = _decoded(metadata, NO_METADATA)
    return ExtractionEvent._make((*before, metadata, language, risk, bool(confirmable), stream, offset, row_id))


def read_block(row: Sequence[Any]) -> CodeBlock:
    """A row of `BLOCK_COLUMNS`."""
    row_id, *before, context, parseable, stream, offset = row[:12]
    parseable = None if parseable is None else bool(parseable)
    return CodeBlock._make((*before, _decoded(context, NO_METADATA), parseable, stream, offset, row_id))


def read_session(row: Sequence[Any]) -> Session:
    """A row of `SESSION_COLUMNS`."""
    row_id, *before, command, heartbeat, tokens, cost, verdict, reason = row[:22]
    return Session._make((*before, tuple(_decoded(command, ())), heartbeat, tokens, cost, verdict, reason, row_id))


def read_state_change(row: Sequence[Any]) -> StateChange:
    """A row of `STATE_COLUMNS`."""
    row_id, *before, metadata = row[:6]
    return StateChange._make((*before, _decoded(metadata, NO_METADATA), row_id))


def _decoded(text: str | None, default: Any) -> Any:
    # NaN and Infinity are not JSON, though agents print them: as text they can be sent on.
    return json.loads(text, parse_constant=str) if text else default
