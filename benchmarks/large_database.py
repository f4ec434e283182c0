"""A database as it looks after months: a million events of a thousand sessions, found by forty patterns, with code.

Ten million are those of ten thousand sessions: more than a year of them, one an hour.
"""

import random
from pathlib import Path

from data.sqlite.recording_store import SQLiteRecordingStore
from stream.records import Batch, Checkpoint, CodeBlock, ExtractionEvent, Session, StateChange
from stream.timestamps import format_timestamp

AGENTS = ("codex", "claude", "gemini", "aider", "opencode")
TYPES = ("error", "warning", "tool_use", "file_operation", "metric", "permission", "test_result", "git")
RISKS = (None, None, None, "low", "low", "medium", "high", "critical")
START = 1_790_000_000_000_000
SESSIONS = 1000  # of a million events

_SECOND = 1_000_000
# fmt: off
_WORDS = (
    "open", "close", "read", "write", "file", "module", "import", "connection", "timeout", "refused", "retry",
    "parse", "token", "stack", "trace", "line", "assert", "expected", "actual", "value", "cache", "build", "test",
    "suite", "passed", "failed", "skipped", "commit", "branch", "merge", "conflict",
)
# fmt: on


def session_id(number: int, sessions: int = SESSIONS) -> str:
    """The id of one of so many sessions: their ids are not in the order of their times."""
    return f"{number * 7919 % sessions:016x}"


def sessions_of(events: int) -> int:
    """How many sessions so many events are of: a thousand events each, unless there are less than a million."""
    return max(SESSIONS, events // 1000)


def build(path: Path, events: int) -> None:
    """Stores that many events as an indexer does, batch by batch, and takes their text into the index."""
    dice = random.Random(1)
    sessions = sessions_of(events)
    with SQLiteRecordingStore.open(path) as store:
        for number in range(sessions):
            start = START + number * 3600 * _SECOND
            _store_session(store, session_id(number, sessions), start, events // sessions, dice)
        while store.index_text():
            continue


def _store_session(store: SQLiteRecordingStore, name: str, start: int, events: int, dice: random.Random) -> None:
    agent = AGENTS[min(int(dice.expovariate(1)), len(AGENTS) - 1)]
    store.open_session(Session(agent, name, started_at=format_timestamp(start), command=(agent, "exec", "fix it")))
    found = tuple(_event(agent, name, (start, events), line, dice) for line in range(events))
    blocks = tuple(_block(agent, name, start, line, dice) for line in range(0, events, 50))
    code = 0 if dice.random() < 0.8 else 1
    end = format_timestamp(start + 7200 * _SECOND)
    ended = StateChange(name, end, "completed" if code == 0 else "failed", code)
    checkpoint = Checkpoint(1, events, events, 0, events, "{}", "patterns")
    store.commit(Batch(name, checkpoint, found, blocks, (ended,), lines=events))


def _event(agent: str, session: str, span: tuple[int, int], line: int, dice: random.Random) -> ExtractionEvent:
    start, lines = span
    kind = min(int(dice.expovariate(0.15)), 39)
    words = " ".join(dice.choices(_WORDS, k=6))
    return ExtractionEvent(
        agent,
        session,
        format_timestamp(start + line * 7200 * _SECOND // lines),
        TYPES[kind % len(TYPES)],
        f"pattern_{kind:02}",
        matched_value=words[:14],
        original_line=f"Error: {words} {line % 97}",
        line_number=line + 1,
        risk_level=RISKS[kind % len(RISKS)],
        stream="stdout",
        byte_offset=line * 50,
    )


def _block(agent: str, session: str, start: int, line: int, dice: random.Random) -> CodeBlock:
    content = f"def {dice.choice(_WORDS)}_{dice.randrange(20_000)}():\n    return {dice.choice(_WORDS)!r}\n"
    moment = format_timestamp(start + line * _SECOND)
    return CodeBlock(agent, session, moment, dice.choice(("python", "sh", "")), content, line + 1, line + 4)
