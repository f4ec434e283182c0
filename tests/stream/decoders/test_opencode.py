"""What the records of `opencode run --format json` mean."""

from typing import Any

import pytest

from agent_json import of_type, read_records, values


def part(kind: str, part_id: str = "p1", **fields: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": 1795305804943, "sessionID": "ses_1", "part": {"id": part_id, **fields}}


def tool(name: str, given: dict[str, Any], part_id: str = "p1", **state: Any) -> dict[str, Any]:
    told = {"status": "completed", "input": given, "output": "", "time": {"start": 1000, "end": 1250}} | state
    return part("tool_use", part_id, type="tool", tool=name, callID=f"call_{part_id}", state=told)


def test_the_first_record_tells_the_session() -> None:
    found = read_records(part("step_start"), part("text", "p2", text="Hello"))
    [session] = of_type(found, "session")
    assert (session.matched_value, session.metadata) == ("opencode", {"agent_session_id": "ses_1"})


@pytest.mark.parametrize(
    ("metadata", "outcome"),
    [({"exit": 0}, "ok"), ({"exit": 7}, "error"), ({"exit": None}, "error"), ({}, "ok")],
)
def test_a_command_is_judged_by_its_exit_code(metadata: dict[str, Any], outcome: str) -> None:
    found = read_records(tool("bash", {"command": "make"}, metadata=metadata))
    [use] = of_type(found, "tool_use")
    assert (use.matched_value, use.metadata["outcome"], use.metadata["duration_ms"]) == ("make", outcome, 250)
    assert use.metadata.get("exit_code") == metadata.get("exit")
    assert bool(values(found, "error")) == (outcome == "error")


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("File not found: /w/a", "error"),
        ("The user rejected permission to use this specific tool call.", "denied"),
        ("The user has specified a rule which prevents you from using this tool call", "denied"),
        ("Tool execution aborted", "cancelled"),
    ],
)
def test_a_tool_that_fails_has_its_own_words_for_it(words: str, outcome: str) -> None:
    found = read_records(tool("read", {"filePath": "/w/a"}, status="error", error=words))
    [use] = of_type(found, "tool_use")
    assert (use.matched_value, use.metadata["outcome"]) == ("read: /w/a", outcome)
    assert values(found, "error") == ([words] if outcome == "error" else [])


def test_files_that_were_changed_are_told_with_their_lines() -> None:
    found = read_records(
        tool("write", {"filePath": "/w/new"}, "1", metadata={"exists": False}),
        tool("write", {"filePath": "/w/old"}, "2", metadata={"exists": True}),
        tool(
            "edit", {"filePath": "/w/a", "oldString": "x"}, "3", metadata={"filediff": {"additions": 2, "deletions": 0}}
        ),
        tool("edit", {"filePath": "/w/b", "oldString": "x"}, "4", status="error", error="oldString not found"),
        tool("apply_patch", {}, "5", metadata={"files": [{"filePath": "/w/c", "type": "delete", "deletions": 3}]}),
        tool("read", {"filePath": "/w/d"}, "6"),
    )
    assert [(event.matched_value, event.metadata) for event in of_type(found, "file_operation")] == [
        ("/w/new", {"operation": "created"}),
        ("/w/old", {"operation": "modified"}),
        ("/w/a", {"operation": "modified", "added": 2, "removed": 0}),
        ("/w/c", {"operation": "deleted", "removed": 3}),
    ]


def test_a_part_that_is_told_twice_is_one() -> None:
    records = [part("text", "t", text="```\nb\n```"), tool("bash", {"command": "make"}, metadata={"exit": 0})]
    found = read_records(*records, *records)
    assert len(found.blocks) == 1
    assert values(found, "tool_use") == ["make"]


@pytest.mark.parametrize(("total", "expected"), [(None, 1165), (1150, 1150)])
def test_a_step_tells_its_own_tokens_and_dollars(total: int | None, expected: int) -> None:
    tokens = {"total": total, "input": 1000, "output": 50, "reasoning": 15, "cache": {"read": 100, "write": 0}}
    found = read_records(part("step_finish", tokens=tokens, cost=0.25))
    [metric] = of_type(found, "metric")
    assert metric.matched_value == str(expected)
    assert (metric.metadata["scope"], metric.metadata["cost_usd"]) == ("step", 0.25)
    [row] = found.usages
    assert (row.thread, row.key, row.scope, row.total, row.cost_usd) == ("ses_1", "p1", "step", expected, 0.25)


@pytest.mark.parametrize(
    ("error", "value", "metadata"),
    [
        ({"name": "APIError", "data": {"message": "slow down", "statusCode": 429}}, "slow down", {"kind": "HTTP 429"}),
        ({"name": "UnknownError", "data": {"message": "broken"}}, "broken", {"kind": "UnknownError"}),
        ({"name": "UnknownError"}, "UnknownError", {"kind": "UnknownError"}),
    ],
)
def test_an_error_of_the_session_is_an_error(error: dict[str, Any], value: str, metadata: dict[str, Any]) -> None:
    record = {"type": "error", "timestamp": 1795305804943, "sessionID": "ses_1", "error": error}
    [found] = of_type(read_records(record, record), "error")
    assert (found.matched_value, found.metadata) == (value, metadata)


def test_an_abort_is_an_interruption() -> None:
    error = {"name": "MessageAbortedError", "data": {"message": "aborted"}}
    found = read_records({"type": "error", "timestamp": 1795305804943, "sessionID": "ses_1", "error": error})
    assert (values(found, "state_change"), values(found, "error")) == (["interrupted"], [])
