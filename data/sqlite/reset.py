"""The statements that forget what was extracted from a session, so that it can be made again. Pure, as `batch`."""

from data.rollups import MinuteCount, count_buckets
from data.sqlite.counts import uncount_statements
from data.sqlite.transaction import Conversation, Statement
from data.sqlite.usage import forget_usage

_CLEAR_SESSION = """
    UPDATE process_sessions SET total_lines_processed = 0, total_extraction_events = 0, total_feedback_outcomes = 0,
        risky_events = 0, state = NULL, ended_at = NULL, exit_code = NULL, verdict = NULL, verdict_reason = NULL,
        extraction_config_version = ?
    WHERE session_id = ?
"""
_COUNT_MINUTES = """
    SELECT substr(timestamp, 1, 16) AS minute, agent_name, event_type, pattern, COALESCE(risk_level, '') AS risk,
        COUNT(*)
    FROM extraction_events WHERE session_id = ? GROUP BY minute, agent_name, event_type, pattern, risk
"""
# A block that others have as well belongs to the oldest of them from now on.
_HAND_ON_BLOCKS = """
    UPDATE code_blocks SET (agent_name, session_id, timestamp, line_start, line_end, context_json) = (
        SELECT agent_name, session_id, timestamp, line_start, line_end, context_json
        FROM code_block_occurrences WHERE block_id = code_blocks.id ORDER BY timestamp, id LIMIT 1)
    WHERE session_id = ? AND EXISTS (SELECT 1 FROM code_block_occurrences WHERE block_id = code_blocks.id)
"""
# An index that holds no text must be told what it is to forget.
_FORGET_EVENT_TEXTS = """
    INSERT INTO event_search (event_search, rowid, text) SELECT 'delete', id, text FROM event_texts
    WHERE session_id = ? AND id <= (SELECT last_id FROM search_progress WHERE source = 'extraction_events')
"""
_FORGET_BLOCK_TEXTS = """
    INSERT INTO block_search (block_search, rowid, content) SELECT 'delete', id, content FROM code_blocks
    WHERE session_id = ? AND id <= (SELECT last_id FROM search_progress WHERE source = 'code_blocks')
"""
_DELETE_OCCURRENCES = "DELETE FROM code_block_occurrences WHERE session_id = ?"
_DELETE_BLOCKS = "DELETE FROM code_blocks WHERE session_id = ?"
_DELETE_EVENTS = "DELETE FROM extraction_events WHERE session_id = ?"
_DELETE_KINDS = "DELETE FROM session_kinds WHERE session_id = ?"
_DELETE_STATES = "DELETE FROM process_state_changes WHERE session_id = ?"
_DELETE_CHECKPOINT = "DELETE FROM checkpoints WHERE session_id = ?"


def reset_statements(session_id: str, config_version: str) -> Conversation[None]:
    """Forgets a session's events, blocks, states, counters, end and checkpoint. The session's row stays."""
    yield Statement(_CLEAR_SESSION, (config_version, session_id))
    minutes = yield Statement(_COUNT_MINUTES, (session_id,))
    yield from uncount_statements(count_buckets(MinuteCount(*row) for row in minutes.rows))
    # In this order: what remains the session's after handing on is nobody else's.
    for sql in (
        _DELETE_OCCURRENCES,
        _HAND_ON_BLOCKS,
        _FORGET_BLOCK_TEXTS,
        _DELETE_BLOCKS,
        _FORGET_EVENT_TEXTS,
        _DELETE_EVENTS,
        _DELETE_KINDS,
        _DELETE_STATES,
        _DELETE_CHECKPOINT,
    ):
        yield Statement(sql, (session_id,))
    yield from forget_usage(session_id)
