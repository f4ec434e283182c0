"""The ledger in the database: every trap of agents' figures, from their lines to the session's totals."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_json import lines_of, read
from data.sqlite.deletion import delete_sessions
from data.sqlite.recording_store import SQLiteRecordingStore
from samples import a_batch, a_session

CAPTURES = Path(__file__).parent.parent / "captures"
FIRST, SECOND = "0000000000000001", "0000000000000002"
Records = Sequence[Mapping[str, Any]]


def codex_turn(total_input: int, output: int, cached: int = 0) -> dict[str, Any]:
    usage = {"input_tokens": total_input, "cached_input_tokens": cached, "output_tokens": output}
    return {"type": "turn.completed", "usage": usage}


def claude_message(message_id: str, output: int, model: str = "big") -> dict[str, Any]:
    usage = {
        "input_tokens": 3,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 20,
        "output_tokens": output,
    }
    message = {"id": message_id, "model": model, "content": [{"type": "text", "text": "Hm"}], "usage": usage}
    return {"type": "assistant", "session_id": "s1", "message": message}


def claude_result(uuid: str, cost: float, **fields: Any) -> dict[str, Any]:
    return {
        "type": "result", "subtype": "success", "is_error": False, "session_id": "s1", "uuid": uuid,
        "total_cost_usd": cost, "usage": {"input_tokens": 6, "output_tokens": 70}, **fields,
    }  # fmt: skip


def claude_model(inputs: int, output: int, cost: float) -> dict[str, Any]:
    return {"inputTokens": inputs, "outputTokens": output, "costUSD": cost}


def opencode_step(part: str, tokens: int, cost: float) -> dict[str, Any]:
    told = {"input": tokens, "output": 10, "reasoning": 5, "cache": {"read": 100, "write": 0}}
    return {
        "type": "step_finish", "timestamp": 1795305804943, "sessionID": "ses_1",
        "part": {"id": part, "type": "step-finish", "cost": cost, "tokens": told},
    }  # fmt: skip


CODEX_START = {"type": "thread.started", "thread_id": "t1"}
MODELS = {"big": claude_model(206, 70, 0.5), "small": claude_model(300, 4, 0.125)}


class Trap(NamedTuple):
    """Records of one run, and what it used: the tokens and dollars of its session."""

    records: Records
    tokens: int | None
    cost: float | None = None


TRAPS = {
    "codex tells the running total of the thread": Trap(
        [CODEX_START, codex_turn(100, 10), codex_turn(250, 30), codex_turn(400, 35)], 435
    ),
    "codex counts cached tokens as input": Trap([CODEX_START, codex_turn(100, 10, cached=80)], 110),
    "claude tells one message in several records, whose output grows": Trap(
        [claude_message("m1", 1), claude_message("m1", 25), claude_message("m1", 40), claude_message("m2", 7)],
        (3 + 100 + 20) * 2 + 40 + 7,
    ),
    "claude's result repeats what its messages told": Trap(
        [claude_message("m1", 40), claude_result("u1", 0.5, modelUsage={"big": claude_model(123, 40, 0.5)})], 163, 0.5
    ),
    "claude's result also has the models of its helpers": Trap(
        [claude_result("u1", 0.625, modelUsage=MODELS)], 580, 0.625
    ),
    "claude's result may name no model": Trap([claude_result("u1", 0.5)], 76, 0.5),
    "claude's result comes twice": Trap([claude_result("u1", 0.5), claude_result("u1", 0.5)], 76, 0.5),
    "claude's results tell the cost of the run so far": Trap(
        [claude_result("u1", 0.5), claude_result("u2", 0.75)], 76, 0.75
    ),
    "claude once called its cost otherwise": Trap(
        [
            {
                "type": "result",
                "subtype": "success",
                "session_id": "s1",
                "total_cost": 0.25,
                "usage": {"output_tokens": 9},
            }
        ],
        9,
        0.25,
    ),
    "claude's run may end without a result, and then nobody told a cost": Trap([claude_message("m1", 40)], 163),
    "what claude makes up itself costs nothing": Trap([claude_message("m1", 40, model="<synthetic>")], None),
    "opencode tells each step, and reasoning beside the output": Trap(
        [opencode_step("p1", 1000, 0.25), opencode_step("p2", 2000, 0.5)], 1115 + 2115, 0.75
    ),
    "opencode may tell a step twice": Trap([opencode_step("p1", 1000, 0.25)] * 2, 1115, 0.25),
    "a free step costs nothing, which is not unknown": Trap([opencode_step("p1", 1000, 0.0)], 1115, 0.0),
    "figures that cannot be are not told": Trap([CODEX_START, codex_turn(10**30, -5)], None),
    "nobody told anything": Trap([CODEX_START], None),
}


def store_run(store: SQLiteRecordingStore, session_id: str, data: bytes) -> None:
    """What a run with this output leaves in the database."""
    usages = tuple(usage._replace(session_id=session_id) for usage in read(data).usages)
    store.open_session(a_session(session_id))
    assert store.commit(a_batch(1, session_id, usages=usages))


def totals(path: Path, session_id: str = FIRST) -> tuple[int | None, float | None]:
    with sqlite3.connect(path) as connection:
        sql = "SELECT tokens_total, cost_usd FROM process_sessions WHERE session_id = ?"
        row: tuple[int | None, float | None] = connection.execute(sql, (session_id,)).fetchone()
    connection.close()
    return row


@pytest.mark.parametrize("name", TRAPS)
def test_a_session_has_what_its_agent_used(name: str, path: Path, recordings: SQLiteRecordingStore) -> None:
    store_run(recordings, FIRST, lines_of(TRAPS[name].records))
    assert totals(path) == (TRAPS[name].tokens, TRAPS[name].cost)


@given(
    st.sampled_from(sorted(TRAPS)),
    st.randoms(use_true_random=False),
    st.lists(st.integers(0, 10), max_size=4),
)
@settings(max_examples=40, deadline=None)
def test_reordering_and_repeating_lines_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, name: str, random: Random, repeated: list[int]
) -> None:
    trap = TRAPS[name]
    records = [*trap.records, *(trap.records[place % len(trap.records)] for place in repeated)]
    random.shuffle(records)
    path = tmp_path_factory.mktemp("ledger") / "wrapper.db"
    with SQLiteRecordingStore.open(path) as store:
        store_run(store, FIRST, lines_of(records))
    assert totals(path) == (trap.tokens, trap.cost)


def test_a_resumed_thread_counts_in_each_session_by_its_share(path: Path, recordings: SQLiteRecordingStore) -> None:
    later = lines_of([CODEX_START, codex_turn(400, 40), codex_turn(900, 90)])
    store_run(recordings, SECOND, later)
    assert totals(path, SECOND) == (990, None)
    store_run(recordings, FIRST, lines_of([CODEX_START, codex_turn(100, 10), codex_turn(200, 20)]))
    assert totals(path, FIRST) == (220, None)
    assert totals(path, SECOND) == (990 - 220, None)


def test_a_session_that_is_reset_has_told_nothing_and_others_have_its_share(
    path: Path, recordings: SQLiteRecordingStore
) -> None:
    store_run(recordings, FIRST, lines_of([CODEX_START, codex_turn(200, 20)]))
    store_run(recordings, SECOND, lines_of([CODEX_START, codex_turn(900, 90)]))
    recordings.reset(FIRST, "patterns-2")
    assert totals(path, FIRST) == (None, None)
    assert totals(path, SECOND) == (990, None)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT DISTINCT session_id FROM usage").fetchall() == [(SECOND,)]
        assert connection.execute("SELECT DISTINCT session_id FROM usage_counts").fetchall() == [(SECOND,)]
    connection.close()


def test_what_comes_in_several_batches_counts_once(path: Path, recordings: SQLiteRecordingStore) -> None:
    recordings.open_session(a_session(FIRST))
    for revision in (1, 2, 3):
        usages = tuple(
            usage._replace(session_id=FIRST) for usage in read(lines_of([claude_message("m1", revision)])).usages
        )
        assert recordings.commit(a_batch(revision, FIRST, usages=usages))
    assert totals(path) == (123 + 3, None)


def test_a_session_that_is_removed_takes_its_ledger_with_it(path: Path) -> None:
    with SQLiteRecordingStore.open(path) as store:
        store_run(store, FIRST, lines_of([CODEX_START, codex_turn(200, 20)]))
    delete_sessions(path, [FIRST])
    with sqlite3.connect(path) as connection:
        for table in ("usage", "usage_counts"):
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("capture", "tokens", "cost"),
    [
        ("codex-execjson-pipe", 83_749, None),
        ("gemini-streamjson-pipe", 105_165, None),
        ("gemini-json-pipe", 105_165, None),
        ("opencode-json-pipe", 67_189, 0.061065125),
        ("codex-http401json-pipe", None, None),
    ],
)
def test_a_capture_used_what_its_agent_says(
    path: Path, recordings: SQLiteRecordingStore, capture: str, tokens: int | None, cost: float | None
) -> None:
    store_run(recordings, FIRST, (CAPTURES / f"{capture}.raw").read_bytes())
    assert totals(path) == (tokens, None if cost is None else pytest.approx(cost))


def test_the_opencode_captures_figures_are_the_sums_of_its_steps() -> None:
    lines = (CAPTURES / "opencode-json-pipe.raw").read_text().splitlines()
    steps = [json.loads(line)["part"] for line in lines if '"step_finish"' in line]
    assert sum(step["tokens"]["total"] for step in steps) == 67_189
    assert sum(step["cost"] for step in steps) == pytest.approx(0.061065125)
