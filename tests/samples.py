"""Records for the tests of the stores: whole, and each different from the next where a test says so."""

from typing import Any

from stream.records import Batch, Checkpoint, CodeBlock, ExtractionEvent, Session, StateChange

SESSION = "0123456789abcdef"
TIME = "2026-11-22T01:34:53.000000Z"


def an_event(**changes: Any) -> ExtractionEvent:
    event = ExtractionEvent(
        "codex",
        SESSION,
        TIME,
        "error",
        "error_prefix",
        matched_value="could not open",
        original_line="Error: could not open",
        line_number=7,
        metadata={"file": "straße.py", "codes": [1, 2]},
        risk_level="high",
        auto_confirmable=True,
        stream="stdout",
        byte_offset=120,
    )
    return event._replace(**changes)


def a_block(**changes: Any) -> CodeBlock:
    block = CodeBlock(
        "codex",
        SESSION,
        TIME,
        "python",
        "print('hello')\n",
        line_start=3,
        line_end=5,
        context={"info": "python title=x"},
        parseable=True,
        stream="stdout",
        byte_offset=40,
    )
    return block._replace(**changes)


def a_session(session_id: str = SESSION, **changes: Any) -> Session:
    session = Session(
        "codex",
        session_id,
        environment="staging",
        started_at=TIME,
        stdout_log_path="/recordings/stdout.log",
        stderr_log_path="/recordings/stderr.log",
        extraction_config_version="patterns-1",
        environment_config_version="environment-1",
        recording_path="/recordings",
        command=("codex", "exec", "fix it"),
    )
    return session._replace(**changes)


def a_state(state: str, **changes: Any) -> StateChange:
    return StateChange(SESSION, TIME, state)._replace(**changes)


def a_checkpoint(revision: int, **changes: Any) -> Checkpoint:
    at = revision * 1000
    return Checkpoint(revision, at, at, at, at, '{"open": "line"}', "patterns-1")._replace(**changes)


def a_batch(revision: int = 1, session_id: str = SESSION, **found: Any) -> Batch:
    return Batch(session_id, a_checkpoint(revision), **found)


def a_full_batch(revision: int = 1, session_id: str = SESSION, **changes: Any) -> Batch:
    batch = a_batch(
        revision,
        session_id,
        events=(an_event(session_id=session_id), an_event(session_id=session_id, event_type="git", pattern="commit")),
        blocks=(a_block(session_id=session_id), a_block(session_id=session_id, content=session_id)),
        state_changes=(a_state("started", session_id=session_id), a_state("running", session_id=session_id)),
        lines=10,
        outcomes=2,
    )
    return batch._replace(**changes)
