"""Whatever agents print: no record is fatal, nothing depends on how it came, and what is remembered is bounded."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_json import EXTRACTOR, HEADER, Record, lines_of, read, read_records
from stream.lines import Reads
from stream.pipeline import Pipeline

CAPTURES = Path(__file__).parents[2] / "captures"
FENCE = "Look:\n```py\nx = 1\n```\nerror: no\n"
DELTA = {"type": "text_delta", "text": FENCE}


def claude(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "session_id": "s1"} | fields


def captured(name: str) -> list[dict[str, Any]]:
    lines = (CAPTURES / f"{name}.raw").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


CLAUDE = [
    claude("system", subtype="init", model="big", cwd="/w", permissionMode="default"),
    claude("system", subtype="api_retry", attempt=1, max_retries=3, retry_delay_ms=5, error_status=529, error="busy"),
    claude("system", subtype="compact_boundary", compact_metadata={"trigger": "auto", "pre_tokens": 5}),
    claude("rate_limit_event", rate_limit_info={"status": "rejected", "resetsAt": 1795305804, "rateLimitType": "x"}),
    claude("stream_event", event={"type": "message_start", "message": {"id": "m0", "usage": {"output_tokens": 1}}}),
    claude("stream_event", event={"type": "content_block_delta", "index": 0, "delta": DELTA}),
    claude(
        "assistant",
        message={
            "id": "m1", "model": "big", "usage": {"input_tokens": 3, "output_tokens": 5},
            "content": [
                {"type": "text", "text": FENCE}, {"type": "thinking", "thinking": FENCE},
                {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "make"}},
                {"type": "tool_use", "id": "t2", "name": "Edit", "input": {"file_path": "/w/a"}},
            ],
        },
    ),
    claude(
        "user",
        message={"content": [{"type": "tool_result", "tool_use_id": "t1", "content": "Exit code 2", "is_error": True}]},
    ),
    claude(
        "user",
        message={"content": [{"type": "tool_result", "tool_use_id": "t2", "content": [{"type": "text"}]}]},
        tool_use_result={"type": "update", "structuredPatch": [{"lines": ["-a", "+b"]}]},
    ),
    claude(
        "result", subtype="success", is_error=True, result="no", total_cost_usd=0.5, errors=["x"],
        usage={"input_tokens": 3}, modelUsage={"big": {"inputTokens": 3, "costUSD": 0.5}},
        permission_denials=[{"tool_name": "Bash", "tool_use_id": "t9", "tool_input": {"command": "rm x"}}],
    ),
]  # fmt: skip
SESSIONS: dict[str, list[dict[str, Any]]] = {
    "claude": CLAUDE,
    "codex": captured("codex-execjson-pipe"),
    "gemini": captured("gemini-streamjson-pipe"),
    "opencode": captured("opencode-json-pipe"),
}
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just([]), st.just({}),
    st.just([None, 1, "x", {}]), st.just({"type": {"type": 3}}), st.just("x" * 5000),
)  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a record."""
    found = [path] if path else []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += paths(inner, (*path, key))
    return found


@given(st.sampled_from(sorted(SESSIONS)), st.data())
@settings(max_examples=60, deadline=None)
def test_no_value_in_any_place_is_fatal(kind: str, data: st.DataObject) -> None:
    records = deepcopy(SESSIONS[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        record = data.draw(st.sampled_from(records))
        place = data.draw(st.sampled_from(paths(record)))
        inner: Any = record
        for key in place[:-1]:
            inner = inner[key]
        if isinstance(inner, dict | list):
            inner[place[-1]] = deepcopy(data.draw(odd))
        records = [record for record in records if isinstance(record, dict)]
    found = read_records(*records)
    json.dumps([event.metadata for event in found.events])
    assert all(event.matched_value for event in found.events if event.event_type not in ("code_block", "secret"))


@given(st.sampled_from(sorted(SESSIONS)), st.randoms(use_true_random=False), st.lists(st.integers(0, 50), max_size=9))
@settings(max_examples=30, deadline=None)
def test_records_may_be_missing_come_again_and_in_any_order(kind: str, random: Any, drawn: list[int]) -> None:
    records: list[Record] = [record for record in SESSIONS[kind] if random.random() < 0.8]
    records += [SESSIONS[kind][place % len(SESSIONS[kind])] for place in drawn]
    random.shuffle(records)
    found = read_records(*records)
    calls = [event.metadata["call_id"] for event in found.events if event.event_type == "tool_use"]
    if kind != "codex":  # whose ids are its run's, and a run begins with each `thread.started`
        assert len(calls) == len(set(calls))


@pytest.mark.parametrize("size", [1, 37, 1000])
def test_how_claudes_bytes_are_cut_and_where_a_run_is_resumed_changes_nothing(size: int) -> None:
    data = lines_of(CLAUDE)
    whole = read(data)
    assert len(whole.events) > 10
    assert read(data, size=size) == whole
    assert read(data, size=max(size, 37), resume=True) == whole


@pytest.mark.parametrize("kind", SESSIONS)
def test_what_is_remembered_does_not_grow_with_the_output(kind: str) -> None:
    def states(rounds: int) -> int:
        pipeline, offset = Pipeline(HEADER, EXTRACTOR), 0
        for number in range(rounds):
            text = json.dumps(SESSIONS[kind] + [{"type": f"kind {number}", "timestamp": "x", "sessionID": "x"}])
            for marked in ("call_", "toolu", "t1", "t2", "m1", "item_", "prt_", "run_shell"):
                text = text.replace(f'"{marked}', f'"{number}{marked}')
            data = lines_of(json.loads(text))
            pipeline.feed(Reads("stdout", offset, data, ((offset + len(data), 7),)))
            offset += len(data)
            pipeline.take()
        return len(pipeline.state())

    assert states(150) < 200_000
