"""The values that travel from the recording to the database and on to the reader.

`NamedTuple`s throughout: immutable, cheap to make by the hundred thousand, and importing them costs the start of a run
nothing. Times called `at` are microseconds since the start of the session, on one monotonic clock; `timestamp` is
their UTC form (`stream.timestamps`).
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

EVENT_TYPES = (
    "error",
    "warning",
    "tool_use",
    "file_operation",
    "metric",
    "permission",
    "state_change",
    "session",
    "code_block",
    "test_result",
    "git",
    "secret",
)
RISK_LEVELS = ("low", "medium", "high", "critical")
STREAMS = ("stdout", "stderr")

SESSION_STATES = ("started", "running", "paused", "resumed", "completed", "failed", "killed", "interrupted")
VERDICTS = ("succeeded", "failed", "gave_up", "interrupted", "unknown")
FINAL_STATES = ("completed", "failed", "killed", "interrupted")

NO_METADATA: Mapping[str, Any] = {}


class ExtractionEvent(NamedTuple):
    """One thing that happened: a row of `extraction_events`.

    `line_number` counts from 1 within its `stream`; `byte_offset` is where that line starts in the stream's log.
    `original_line` holds at most `MAX_STORED_LINE` bytes of UTF-8; `metadata["line_cut"]` says when it was cut.
    `id` is None until the row is stored.
    """

    agent_name: str
    session_id: str
    timestamp: str
    event_type: str
    pattern: str
    matched_value: str | None = None
    original_line: str | None = None
    line_number: int | None = None
    metadata: Mapping[str, Any] = NO_METADATA
    code_block_language: str | None = None
    risk_level: str | None = None
    auto_confirmable: bool = False
    stream: str | None = None
    byte_offset: int | None = None
    id: int | None = None


class CodeBlock(NamedTuple):
    """One occurrence of a code block. Equal language and content share one row of `code_blocks`.

    `line_start` is the opening fence's line and `line_end` the last line that belongs to it, both within `stream`.
    `context` says where it stood (`info`: the raw info string; `cut`: why it ended early, if it did).
    `parseable` is None where nobody tried.
    """

    agent_name: str
    session_id: str
    timestamp: str
    language: str
    content: str
    line_start: int | None = None
    line_end: int | None = None
    context: Mapping[str, Any] = NO_METADATA
    parseable: bool | None = None
    stream: str | None = None
    byte_offset: int | None = None
    id: int | None = None

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of language and content, a NUL between them."""
        return hashlib.sha256(f"{self.language}\0{self.content}".encode()).hexdigest()


class Verdict(NamedTuple):
    """How a session went, one of `VERDICTS`, and why, in words for people."""

    verdict: str
    reason: str


class StateChange(NamedTuple):
    """One step of a session's life: a row of `process_state_changes`."""

    session_id: str
    timestamp: str
    state: str
    exit_code: int | None = None
    metadata: Mapping[str, Any] = NO_METADATA
    id: int | None = None


class Session(NamedTuple):
    """One run of an agent: a row of `process_sessions`. `ended_at` is None while it runs.

    `recording_path` is the session's recording directory; `command` the argument vector as it was executed.
    `state` is the last state recorded; `heartbeat_at` when the indexer last said that it lives. `tokens_total` and
    `cost_usd` are what the agent says it used, None where it says nothing; they follow from the rows of `usage`.
    `verdict` is how it went, one of `VERDICTS`, None while it runs.
    """

    agent_name: str
    session_id: str
    environment: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    exit_code: int | None = None
    total_lines_processed: int = 0
    total_extraction_events: int = 0
    total_feedback_outcomes: int = 0
    stdout_log_path: str | None = None
    stderr_log_path: str | None = None
    extraction_config_version: str | None = None
    environment_config_version: str | None = None
    state: str | None = None
    recording_path: str | None = None
    command: tuple[str, ...] = ()
    heartbeat_at: str | None = None
    tokens_total: int | None = None
    cost_usd: float | None = None
    verdict: str | None = None
    verdict_reason: str | None = None
    id: int | None = None


class Usage(NamedTuple):
    """Tokens that an agent says it used: a row of `usage`, the tokens as in `stream.token_counts.Tokens`.

    `thread` is the agent's own id of the conversation, '' if it tells none; `key` says which message, step or reading
    of it this is, so that a row which comes again is the same one. `scope` is what the numbers are about: one
    `message`, `step` or `turn`, or everything so far in the `thread` or the `run`. `cost_usd` is what the agent says
    it cost; `approximate` marks numbers that it rounded; `source` names the record or line they stood in.
    """

    session_id: str
    timestamp: str
    thread: str
    key: str
    scope: str
    source: str
    model: str = ""
    input_uncached: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None
    cost_usd: float | None = None
    approximate: bool = False


class Checkpoint(NamedTuple):
    """How far a recording is stored: what the next batch starts from.

    `revision` counts commits and is what compare-and-swap compares; `timing_offset`, `stdout_offset` and
    `stderr_offset` are bytes; `clock` is `at` of the last timing record taken; `state` is the pipeline's serialised
    state (JSON); `config_version` the digest of the patterns that made it.
    """

    revision: int
    timing_offset: int
    stdout_offset: int
    stderr_offset: int
    clock: int
    state: str
    config_version: str


class Batch(NamedTuple):
    """What one transaction stores: everything found up to `checkpoint`, and that checkpoint.

    `checkpoint.revision` is one more than the revision that this batch was made from (the first is 1). `lines` and
    `outcomes` are added to the session's counters. The last of `state_changes` becomes the session's `state`; one of
    `FINAL_STATES` also gives the session its `ended_at` and `exit_code`; `verdict` comes in the same batch.
    """

    session_id: str
    checkpoint: Checkpoint
    events: tuple[ExtractionEvent, ...] = ()
    blocks: tuple[CodeBlock, ...] = ()
    state_changes: tuple[StateChange, ...] = ()
    lines: int = 0
    outcomes: int = 0
    usages: tuple[Usage, ...] = ()
    verdict: Verdict | None = None
