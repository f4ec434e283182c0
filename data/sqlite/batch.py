"""The statements that store what was found, as conversations: pure, one text for every driver and every store.

Whoever drives them holds a transaction around each; `data.sqlite.counts` keeps the counters equal to the rows.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from data.sqlite.counts import block_count_statements, count_statements
from data.sqlite.text import storable, to_json
from data.sqlite.transaction import Conversation, Statement
from data.sqlite.usage import usage_statements
from data.stores import SESSIONS_ARE_LISTED, SessionNotFoundError
from stream.records import FINAL_STATES, Batch, Checkpoint, CodeBlock, ExtractionEvent, StateChange

_EVENT_VALUES = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ROWS_PER_INSERT = 200  # one statement for many rows saves a fifth of the time that one for each takes

# What can fail half-way must undo what it has done: SQLite copies every page that the statement touches to a file, for
# a seventh of a batch's time. Not if the whole transaction goes with it (OR ROLLBACK; here it does anyhow), and not for
# one row by VALUES in a table without triggers: so are all statements below that are executed for each row.
_INSERT_EVENTS = """
    INSERT OR ROLLBACK INTO extraction_events (agent_name, session_id, timestamp, event_type, pattern, matched_value,
        original_line, line_number, metadata_json, code_block_language, risk_level, auto_confirmable, stream,
        byte_offset) VALUES
"""
_INSERT_BLOCK = """
    INSERT INTO code_blocks (agent_name, session_id, timestamp, line_start, line_end, context_json, language, content,
        parseable, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (digest) DO NOTHING
"""
_INSERT_OCCURRENCE = """
    INSERT INTO code_block_occurrences (block_id, agent_name, session_id, timestamp, line_start, line_end, context_json,
        stream, byte_offset) VALUES ((SELECT id FROM code_blocks WHERE digest = ?), ?, ?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_STATE = """
    INSERT INTO process_state_changes (session_id, timestamp, state, exit_code, metadata_json) VALUES (?, ?, ?, ?, ?)
"""
_SET_STATE = "UPDATE process_sessions SET state = ? WHERE session_id = ?"
_END_SESSION = "UPDATE process_sessions SET state = ?, ended_at = ?, exit_code = ? WHERE session_id = ?"
_SET_VERDICT = "UPDATE process_sessions SET verdict = ?, verdict_reason = ? WHERE session_id = ?"
_COUNT_LINES = """
    UPDATE process_sessions SET total_lines_processed = total_lines_processed + ?,
        total_feedback_outcomes = total_feedback_outcomes + ? WHERE session_id = ?
"""
_FIRST_CHECKPOINT = """
    INSERT INTO checkpoints (revision, timing_offset, stdout_offset, stderr_offset, clock, state, config_version,
        session_id) SELECT ?, ?, ?, ?, ?, ?, ?, session_id FROM process_sessions WHERE session_id = ?
    ON CONFLICT (session_id) DO NOTHING
"""
# Another digest of the patterns means that another indexer has started over, whatever its revision.
_NEXT_CHECKPOINT = """
    UPDATE checkpoints SET revision = ?, timing_offset = ?, stdout_offset = ?, stderr_offset = ?, clock = ?, state = ?
    WHERE config_version = ? AND session_id = ? AND revision = ?
"""
_FIND_SESSION = "SELECT 1 FROM process_sessions WHERE session_id = ?"


def batch_statements(batch: Batch) -> Conversation[bool]:
    """Stores the batch; False, and nothing stored, when the checkpoint is not the one that it was made from.

    Raises `SessionNotFoundError`.
    """
    if not (yield from _move_checkpoint(batch.session_id, batch.checkpoint)):
        return False
    yield from event_statements(batch.events)
    yield from block_statements(batch.blocks)
    yield from state_statements(batch.state_changes)
    yield from usage_statements(batch.usages)
    if batch.verdict:
        yield Statement(_SET_VERDICT, (batch.verdict.verdict, storable(batch.verdict.reason), batch.session_id))
    if batch.lines or batch.outcomes:
        yield Statement(_COUNT_LINES, (batch.lines, batch.outcomes, batch.session_id))
    return True


def event_statements(events: Sequence[ExtractionEvent]) -> Conversation[int]:
    """Stores events of any sessions, counts them there and in the buckets. Returns the last event's id, 0 for none."""
    last_id = 0
    for start in range(0, len(events), _ROWS_PER_INSERT):
        rows = [_event_row(event) for event in events[start : start + _ROWS_PER_INSERT]]
        result = yield Statement(_insert_events(len(rows)), tuple(chain.from_iterable(rows)))
        last_id = result.last_id
    if events:
        yield from count_statements(events, last_id)
    return last_id


def block_statements(blocks: Sequence[CodeBlock]) -> Conversation[None]:
    """Stores content that is new, and every occurrence, and counts them."""
    if blocks:
        contents, occurrences = zip(*map(_block_rows, blocks), strict=True)
        stored = yield Statement(_INSERT_BLOCK, contents, many=True)
        yield from block_count_statements(stored.changed, [(agent, digest) for digest, agent, *_ in occurrences])
        yield Statement(_INSERT_OCCURRENCE, occurrences, many=True)


def state_statements(changes: Sequence[StateChange]) -> Conversation[int]:
    """Stores changes of one session's state, the last of which it is in from then on. Returns the last one's id.

    Raises `SessionNotFoundError`.
    """
    if not changes:
        return 0
    last = changes[-1]
    if last.state in FINAL_STATES:
        session = yield Statement(_END_SESSION, (last.state, last.timestamp, last.exit_code, last.session_id))
    else:
        session = yield Statement(_SET_STATE, (last.state, last.session_id))
    if not session.changed:
        raise session_not_found(last.session_id)
    last_id = 0
    for change in changes:
        row = (change.session_id, change.timestamp, change.state, change.exit_code, to_json(change.metadata))
        last_id = (yield Statement(_INSERT_STATE, row)).last_id
    return last_id


def _move_checkpoint(session_id: str, checkpoint: Checkpoint) -> Conversation[bool]:
    values = (*checkpoint, session_id)
    if checkpoint.revision == 1:
        moved = yield Statement(_FIRST_CHECKPOINT, values)
    else:
        moved = yield Statement(_NEXT_CHECKPOINT, (*values, checkpoint.revision - 1))
    if not moved.changed and not (yield Statement(_FIND_SESSION, (session_id,))).rows:
        raise session_not_found(session_id)
    return bool(moved.changed)


def session_not_found(session_id: str) -> SessionNotFoundError:
    """The error of every statement that needs a session and finds none."""
    return SessionNotFoundError(f"no session has the id {session_id!r}", SESSIONS_ARE_LISTED)


def _insert_events(rows: int) -> str:
    return _INSERT_EVENTS + ", ".join([_EVENT_VALUES] * rows)


def _event_row(event: ExtractionEvent) -> tuple[Any, ...]:
    return (
        storable(event.agent_name),
        event.session_id,
        event.timestamp,
        event.event_type,
        storable(event.pattern),
        storable(event.matched_value),
        storable(event.original_line),
        event.line_number,
        to_json(event.metadata),
        storable(event.code_block_language),
        event.risk_level,
        event.auto_confirmable,
        event.stream,
        event.byte_offset,
    )


def _block_rows(block: CodeBlock) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The row of its content and that of its occurrence."""
    block = block._replace(language=storable(block.language), content=storable(block.content))
    digest = block.digest
    place = (
        storable(block.agent_name),
        block.session_id,
        block.timestamp,
        block.line_start,
        block.line_end,
        to_json(block.context),
    )
    return (
        (*place, block.language, block.content, block.parseable, digest),
        (digest, *place, block.stream, block.byte_offset),
    )
