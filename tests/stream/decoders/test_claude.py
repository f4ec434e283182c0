"""What the records of `claude -p --output-format stream-json` and `json` mean."""

from typing import Any

import pytest

from agent_json import Record, of_type, read_records, values

INIT = {
    "type": "system", "subtype": "init", "session_id": "s1", "model": "claude-big", "permissionMode": "default",
    "cwd": "/w", "claude_code_version": "2.0.1",
}  # fmt: skip
FENCE = "```py\nx = 1\n```\n"


def said(*blocks: dict[str, Any], message_id: str = "m1", **fields: Any) -> dict[str, Any]:
    message = {"id": message_id, "model": "claude-big", "content": list(blocks)}
    return {"type": "assistant", "message": message, "session_id": "s1", **fields}


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def call(tool: str, call_id: str = "c1", **given: Any) -> dict[str, Any]:
    return said({"type": "tool_use", "id": call_id, "name": tool, "input": given}, message_id=f"m-{call_id}")


def result(content: Any, call_id: str = "c1", *, failed: bool = False, details: Any = None) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": call_id, "content": content, "is_error": failed}
    return {"type": "user", "message": {"content": [block]}, "session_id": "s1", "tool_use_result": details}


def ended(**fields: Any) -> dict[str, Any]:
    told = {"type": "result", "subtype": "success", "is_error": False, "session_id": "s1", "uuid": "u1"}
    return told | {"total_cost_usd": 0.5, "usage": {"input_tokens": 6, "output_tokens": 70}} | fields


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "stream_event", "event": {"type": kind, **fields}, "session_id": "s1"}


def system(subtype: str, **fields: Any) -> dict[str, Any]:
    return {"type": "system", "subtype": subtype, "session_id": "s1", **fields}


def test_the_beginning_tells_the_session_once_however_often_it_comes() -> None:
    [session] = of_type(read_records(INIT, INIT), "session")
    assert session.matched_value == "claude-big"
    assert session.metadata == {
        "agent_session_id": "s1", "model": "claude-big", "approval": "default", "version": "2.0.1", "cwd": "/w",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "failed", "details", "outcome", "exit_code"),
    [
        ("fine", False, None, "ok", None),
        ("Exit code 2\nbroken", True, None, "error", 2),
        ("Error: Exit code 127", True, None, "error", 127),
        ("Exit code 1\nit says success", False, None, "error", 1),
        ("it printed Exit code 1 itself", False, None, "ok", None),
        ([words("Exit code 3"), words("x")], True, None, "error", 3),
        ("half", False, {"interrupted": True}, "cancelled", None),
        ("[Request interrupted by user for tool use]", True, None, "cancelled", None),
        ("Claude requested permissions to use Bash, but you haven't granted it yet.", True, None, "denied", None),
        ("The user doesn't want to proceed with this tool use. The tool use was rejected", True, None, "denied", None),
        ("Permission to use Bash with command make has been denied.", True, None, "denied", None),
        ("Exit code 1\nssh: Permission to use key denied", True, None, "error", 1),
    ],
)
def test_how_a_command_ended_stands_in_its_result(
    content: Any, failed: bool, details: Any, outcome: str, exit_code: int | None
) -> None:
    found = read_records(INIT, call("Bash", command="make"), result(content, failed=failed, details=details))
    [use] = of_type(found, "tool_use")
    assert (use.matched_value, use.metadata["outcome"], use.metadata.get("exit_code")) == ("make", outcome, exit_code)
    assert bool(values(found, "error")) == (outcome == "error")
    assert values(found, "permission") == (["make"] if outcome == "denied" else [])


def test_a_tool_that_fails_has_its_own_words_for_it() -> None:
    failure = "<tool_use_error>String to replace not found in file.</tool_use_error>"
    found = read_records(INIT, call("Edit", file_path="/w/a"), result(failure, failed=True))
    [error] = of_type(found, "error")
    assert (error.pattern, error.matched_value) == ("tool_failed", "String to replace not found in file.")
    assert values(found, "tool_use") == ["Edit: /w/a"]
    assert values(found, "file_operation") == []


def test_what_tools_show_did_not_happen_and_what_helpers_answer_is_a_message() -> None:
    found = read_records(
        INIT,
        call("Read", "1", file_path="/w/a"), result(f"error: in a file\n{FENCE}", "1"),
        call("Grep", "2", pattern="error", path="/w"), result("error: found", "2"),
        call("Task", "3", description="look", prompt="x"), result([words(FENCE)], "3"),
    )  # fmt: skip
    assert values(found, "error") == []
    assert values(found, "tool_use") == ["Read: /w/a", "Grep: error", "Task: look"]
    assert [block.context["in"] for block in found.blocks] == ["tool_output", "message"]


_NEW = {"type": "create", "content": "a\nb\n", "structuredPatch": []}
_CHANGED = {"type": "update", "structuredPatch": [{"lines": ["-a", "+b", "+c", " d"]}]}


@pytest.mark.parametrize(
    ("tool", "details", "content", "operation"),
    [
        ("Write", _NEW, "", {"operation": "created", "added": 2, "removed": 0}),
        ("Write", _CHANGED, "", {"operation": "modified", "added": 2, "removed": 1}),
        ("Edit", {"structuredPatch": [{"lines": ["-a"]}]}, "", {"operation": "modified", "added": 0, "removed": 1}),
        ("Write", None, "File created successfully at: /w/a", {"operation": "created"}),
        ("Write", "text", "The file /w/a has been updated.", {"operation": "modified"}),
        ("MultiEdit", None, "Applied 2 edits", {"operation": "modified"}),
    ],
)
def test_files_that_were_changed_are_told(tool: str, details: Any, content: str, operation: dict[str, Any]) -> None:
    found = read_records(INIT, call(tool, file_path="/w/a"), result(content, details=details))
    [change] = of_type(found, "file_operation")
    assert (change.matched_value, change.metadata) == ("/w/a", operation)


def test_a_call_that_has_no_result_is_told_at_the_end() -> None:
    [use] = of_type(read_records(INIT, call("Bash", command="sleep 9"), call("Bash", command="sleep 9")), "tool_use")
    assert (use.line_number, use.metadata["outcome"]) == (2, "unknown")


def test_a_result_that_comes_twice_is_one() -> None:
    records = [INIT, call("Bash", command="make"), result("Exit code 2", failed=True)]
    found = read_records(*records, *records[1:])
    assert (values(found, "tool_use"), values(found, "error")) == (["make"], ["make exited 2"])


def test_the_text_of_a_message_is_read_once_however_many_records_tell_it() -> None:
    found = read_records(INIT, said(words(FENCE)), said(words(FENCE)), ended(result=FENCE))
    assert len(found.blocks) == 1
    found = read_records(INIT, said(words(FENCE)), said(words(FENCE), message_id="m2"))
    assert len(found.blocks) == 2


def test_partial_messages_are_one_text_and_the_whole_message_repeats_them() -> None:
    partial = [
        event("message_start", message={"id": "m1", "model": "claude-big", "usage": {"output_tokens": 1}}),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": "Look:\n``"}),
        event("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": "{"}),
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": "`py\nx = 1\n```"}),
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9}),
        event("message_stop"),
    ]
    found = read_records(INIT, *partial, said(words("Look:\n" + FENCE)), ended())
    assert [block.content for block in found.blocks] == ["x = 1"]
    assert max(usage.output or 0 for usage in found.usages if usage.key == "m1") == 9
    assert found.state_changes[-1].metadata == {}


def test_a_message_that_breaks_off_ends_what_is_open_in_it() -> None:
    start = event("message_start", message={"id": "m1"})
    delta = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "```sh\nmake"})
    for records in ([start, delta], [start, delta, event("message_start", message={"id": "m2"})]):
        assert [block.content for block in read_records(INIT, *records).blocks] == ["make"]


def test_thinking_and_prompts_are_marked_as_such() -> None:
    prompt = {"type": "user", "message": {"role": "user", "content": FENCE}, "session_id": "s1"}
    found = read_records(INIT, prompt, said({"type": "thinking", "thinking": FENCE, "signature": "x"}))
    assert [block.context["in"] for block in found.blocks] == ["prompt", "thinking"]


@pytest.mark.parametrize(
    ("record", "value", "metadata"),
    [
        (
            system("api_retry", attempt=2, max_retries=10, retry_delay_ms=600, error_status=529, error="overloaded"),
            "retrying",
            {"reason": "529 overloaded", "attempt": 2, "of": 10, "until": "2023-11-14T22:13:20.600007Z"},
        ),
        (
            system("api_retry", attempt=1, max_retries=10, error_status=429, error="rate_limit"),
            "rate_limited",
            {"reason": "429 rate_limit", "attempt": 1, "of": 10},
        ),
        (
            system("compact_boundary", compact_metadata={"trigger": "auto", "pre_tokens": 9, "post_tokens": 3}),
            "compacted",
            {"reason": "auto", "tokens_before": 9, "tokens_after": 3},
        ),
        (
            {
                "type": "rate_limit_event",
                "session_id": "s1",
                "rate_limit_info": {"status": "rejected", "resetsAt": 1795305804, "rateLimitType": "five_hour"},
            },
            "rate_limited",
            {"reason": "five hour rate limit", "until": "2026-11-22T00:03:24.000000Z"},
        ),
    ],
)
def test_what_claude_tells_of_itself_is_its_state(record: Record, value: str, metadata: dict[str, Any]) -> None:
    found = read_records(INIT, record)
    [change] = of_type(found, "state_change")
    assert (change.matched_value, change.metadata) == (value, metadata)
    assert values(found, "error") == []


def test_a_limit_that_comes_near_is_warned_of_once() -> None:
    info = {"status": "allowed_warning", "rateLimitType": "seven_day", "utilization": 0.91}
    near = {"type": "rate_limit_event", "session_id": "s1", "rate_limit_info": info}
    far = {"type": "rate_limit_event", "session_id": "s1", "rate_limit_info": {"status": "allowed"}}
    assert values(read_records(INIT, far, near, near), "warning") == ["seven day rate limit: 91% used"]


def test_a_hook_that_fails_is_a_warning() -> None:
    failed = system("hook_response", hook_name="PreToolUse:Bash", exit_code=2, outcome="error")
    fine = system("hook_response", hook_name="PreToolUse:Bash", exit_code=0, outcome="success")
    assert values(read_records(INIT, fine, failed), "warning") == ["PreToolUse:Bash exited 2"]


@pytest.mark.parametrize(
    ("fields", "value", "kind"),
    [
        ({"is_error": True, "result": "API Error: 529 overloaded"}, "API Error: 529 overloaded", "HTTP 529"),
        ({"is_error": True, "result": "no", "api_error_status": 429}, "no", "HTTP 429"),
        ({"subtype": "error_max_turns"}, "error_max_turns", "error_max_turns"),
        ({"subtype": "error_during_execution", "errors": ["a", "b"]}, "a\nb", "error_during_execution"),
    ],
)
def test_a_run_that_ended_badly_is_an_error_whatever_it_calls_itself(
    fields: dict[str, Any], value: str, kind: str
) -> None:
    found = read_records(INIT, ended(**fields), ended(**fields))
    [error] = of_type(found, "error")
    assert (error.matched_value, error.metadata) == (value, {"kind": kind})


def test_an_error_that_the_result_repeats_is_one() -> None:
    limit = "You've hit your session limit"
    found = read_records(INIT, said(words(limit), error="rate_limit"), ended(is_error=True, result=limit))
    [error] = of_type(found, "error")
    assert (error.matched_value, error.metadata) == (limit, {"kind": "rate_limit"})


def test_a_refusal_is_told_once_also_if_the_result_lists_it() -> None:
    denial = {"tool_name": "Bash", "tool_use_id": "c1", "tool_input": {"command": "rm -rf /"}}
    refused = result("Permission to use Bash has been denied", failed=True)
    for records in ([call("Bash", command="rm -rf /"), refused], []):
        found = read_records(INIT, *records, ended(permission_denials=[denial]))
        [permission] = of_type(found, "permission")
        assert (permission.matched_value, permission.metadata["phase"]) == ("rm -rf /", "denied")
        assert permission.risk_level == "critical"


def test_a_question_to_its_host_is_a_permission_that_is_asked_for() -> None:
    request = {"subtype": "can_use_tool", "tool_name": "Write", "input": {"file_path": "/w/a"}, "tool_use_id": "c1"}
    [permission] = of_type(
        read_records({"type": "control_request", "request_id": "r1", "request": request}), "permission"
    )
    assert (permission.matched_value, permission.metadata["phase"], permission.metadata["kind"]) == (
        "Write: /w/a", "asked", "edit",
    )  # fmt: skip


def test_the_only_record_of_json_is_a_session_a_message_and_what_it_cost() -> None:
    used = {"inputTokens": 6, "outputTokens": 70, "cacheReadInputTokens": 5, "costUSD": 0.5}
    found = read_records(ended(result=FENCE, modelUsage={"claude-big": used}))
    assert values(found, "session") == ["claude-big"]
    assert [block.content for block in found.blocks] == ["x = 1"]
    [metric] = of_type(found, "metric")
    assert metric.metadata == {
        "tokens": {"input_uncached": 6, "cache_read": 5, "output": 70, "total": 81}, "cost_usd": 0.5, "scope": "run",
    }  # fmt: skip
