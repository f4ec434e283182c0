"""What the records of `codex exec --json` mean."""

from typing import Any

import pytest

from agent_json import of_type, read_records, values

STARTED = {"type": "thread.started", "thread_id": "t1"}


def item(kind: str, item_id: str = "item_1", *, state: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"type": f"item.{state}", "item": {"id": item_id, "type": kind, **fields}}


def command(text: str, **fields: Any) -> dict[str, Any]:
    return item("command_execution", command=text, **{"aggregated_output": "", "status": "completed"} | fields)


def test_a_thread_is_a_session_with_the_agents_own_id() -> None:
    [session] = of_type(read_records(STARTED), "session")
    assert (session.pattern, session.matched_value, session.metadata) == (
        "codex_json", "codex", {"agent_session_id": "t1"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"exit_code": 0}, "ok"),
        ({"exit_code": 3, "status": "failed"}, "error"),
        ({"exit_code": 3, "status": "completed"}, "error"),
        ({"exit_code": None, "status": "failed"}, "error"),
        ({"exit_code": None, "status": "declined"}, "denied"),
        ({"exit_code": -1, "status": "declined"}, "denied"),
        ({"exit_code": None, "status": "in_progress"}, "unknown"),
        ({"exit_code": None, "status": "something new"}, "unknown"),
    ],
)
def test_a_commands_exit_code_counts_whatever_its_status_says(fields: dict[str, Any], outcome: str) -> None:
    [use] = of_type(read_records(STARTED, command("/bin/bash -lc 'make all'", **fields)), "tool_use")
    assert (use.matched_value, use.metadata["tool"], use.metadata["outcome"]) == ("make all", "shell", outcome)
    assert use.metadata["arguments"] == {"command": "/bin/bash -lc 'make all'"}
    assert use.metadata.get("exit_code") == fields["exit_code"]


def test_the_errors_that_a_failed_command_names_are_told_and_one_that_names_none_is_an_error_itself() -> None:
    failed = {"exit_code": 2, "status": "failed"}
    found = read_records(STARTED, command("make", aggregated_output="error: no rule\nwarning: old\n", **failed))
    assert values(found, "error") == ["no rule"]
    assert values(found, "warning") == ["old"]
    assert of_type(found, "error")[0].metadata == {"in": "tool_output"}
    found = read_records(STARTED, command("grep x y", aggregated_output="nothing", **failed))
    [error] = of_type(found, "error")
    assert (error.pattern, error.matched_value, error.metadata) == (
        "tool_failed", "grep x y exited 2", {"tool": "shell", "kind": "exit 2"},
    )  # fmt: skip


def test_what_a_command_that_succeeded_prints_is_no_error() -> None:
    found = read_records(STARTED, command("make", exit_code=0, aggregated_output="error: expected\n3 passed\n"))
    assert values(found, "error") == []
    assert values(found, "test_result") == ["3 passed"]


def test_what_a_command_shows_did_not_happen() -> None:
    found = read_records(
        STARTED, command("tail -3 test.log", exit_code=0, aggregated_output="3 passed\n```\ncode\n```\n")
    )
    assert values(found, "test_result") == []
    assert [block.content for block in found.blocks] == ["code"]


def test_a_refused_command_is_a_permission_as_well() -> None:
    found = read_records(STARTED, command("rm -rf /", exit_code=None, status="declined"))
    [permission] = of_type(found, "permission")
    assert (permission.matched_value, permission.metadata["phase"], permission.metadata["kind"]) == (
        "rm -rf /", "denied", "command",
    )  # fmt: skip
    assert permission.risk_level == "critical"
    assert values(found, "error") == []


def test_a_call_without_its_end_is_told_when_the_stream_ends_where_it_began() -> None:
    started = item("command_execution", state="started", command="sleep 99", status="in_progress")
    found = read_records(STARTED, started, item("agent_message", "item_2", text="Waiting"))
    [use] = of_type(found, "tool_use")
    assert (use.line_number, use.metadata["outcome"], use.metadata["call_id"]) == (2, "unknown", "item_1")


def test_a_call_that_is_told_twice_is_one_and_the_next_run_counts_its_items_anew() -> None:
    done = command("make", exit_code=0)
    assert values(read_records(STARTED, done, done), "tool_use") == ["make"]
    assert values(read_records(STARTED, done, STARTED, done), "tool_use") == ["make", "make"]


def test_a_patch_is_a_tool_use_and_its_files_count_once_they_were_changed() -> None:
    changes = [{"path": "/w/a", "kind": "add"}, {"path": "/w/b", "kind": {"type": "update", "move_path": "/w/c"}}]
    found = read_records(STARTED, item("file_change", changes=changes, status="completed"))
    assert values(found, "tool_use") == ["apply_patch: /w/a, /w/b"]
    assert [(event.matched_value, event.metadata) for event in of_type(found, "file_operation")] == [
        ("/w/a", {"operation": "created"}),
        ("/w/b", {"operation": "renamed", "to": "/w/c"}),
    ]
    for status in ("failed", "declined", "in_progress"):
        found = read_records(STARTED, item("file_change", changes=changes, status=status))
        assert values(found, "file_operation") == []


def test_other_tools_say_what_they_were_used_on() -> None:
    failed: dict[str, Any] = {"status": "failed", "error": {"message": "no such issue"}}
    found = read_records(
        STARTED,
        item("mcp_tool_call", "1", server="jira", tool="get", arguments={"url": "http://x"}, status="completed"),
        item("mcp_tool_call", "2", server="jira", tool="get", arguments={}, **failed),
        item("web_search", "3", query="how to"),
        item("collab_tool_call", "4", tool="spawn_agent", prompt="look\nthere", status="completed"),
    )
    assert values(found, "tool_use") == ["jira.get: http://x", "jira.get", "web_search: how to", "spawn_agent: look"]
    assert values(found, "error") == ["no such issue"]


@pytest.mark.parametrize(
    ("message", "value", "metadata"),
    [
        ("Reconnecting... 2/5 (stream closed)", "retrying", {"reason": "stream closed", "attempt": 2, "of": 5}),
        ("Reconnecting... 1/5", "retrying", {"attempt": 1, "of": 5}),
        ("stream error: 429 Too Many Requests; retrying 3/5 in 1.2s…", "rate_limited",
         {"reason": "stream error: 429 Too Many Requests", "attempt": 3, "of": 5}),
    ],
)  # fmt: skip
def test_an_attempt_that_is_made_again_is_no_error(message: str, value: str, metadata: dict[str, Any]) -> None:
    found = read_records(STARTED, {"type": "error", "message": message})
    [change] = of_type(found, "state_change")
    assert (change.matched_value, change.metadata) == (value, metadata)
    assert values(found, "error") == []


def test_a_turn_that_fails_with_the_error_that_was_told_is_one_error() -> None:
    message = "unexpected status 401 Unauthorized: no key"
    failed = {"type": "turn.failed", "error": {"message": message}}
    found = read_records(STARTED, {"type": "error", "message": message}, failed)
    [error] = of_type(found, "error")
    assert (error.matched_value, error.metadata) == (message, {"kind": "HTTP 401"})
    assert values(read_records(STARTED, failed), "error") == [message]


def test_an_item_error_is_a_warning_and_the_same_again_is_the_same_one() -> None:
    notice = item("error", message="a setting is ignored")
    assert values(read_records(STARTED, notice, notice), "warning") == ["a setting is ignored"]
    assert len(values(read_records(STARTED, notice, command("ls", exit_code=0), notice), "warning")) == 2


def test_messages_and_thinking_have_code_blocks_and_no_errors() -> None:
    words = "error: as an example\n```py\nx = 1\n```\n"
    found = read_records(STARTED, item("agent_message", text=words), item("reasoning", "2", text=words))
    assert values(found, "error") == []
    assert [block.context["in"] for block in found.blocks] == ["message", "thinking"]


def test_older_versions_call_the_item_type_otherwise() -> None:
    old = {"type": "item.completed", "item": {"id": "1", "item_type": "assistant_message", "text": "```\nold\n```"}}
    assert [block.content for block in read_records(old).blocks] == ["old"]


def test_the_end_of_a_turn_tells_the_running_total_of_the_thread() -> None:
    usage = {"input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 7, "reasoning_output_tokens": 3}
    found = read_records(STARTED, {"type": "turn.completed", "usage": usage})
    [metric] = of_type(found, "metric")
    assert metric.matched_value == "107"
    assert metric.metadata == {
        "tokens": {"input_uncached": 40, "cache_read": 60, "output": 7, "reasoning": 3, "total": 107},
        "scope": "thread",
    }
    [row] = found.usages
    assert (row.thread, row.scope, row.total, row.source, row.cost_usd) == (
        "t1", "thread", 107, "codex turn.completed", None,
    )  # fmt: skip


def test_arguments_that_are_long_are_cut_and_say_so() -> None:
    [use] = of_type(read_records(STARTED, command("echo " + "x" * 100_000, exit_code=0)), "tool_use")
    assert use.metadata["arguments"]["command"].endswith("… (100005 characters)")
    assert len(str(use.metadata)) < 10_000
    assert use.metadata["line_cut"] > 100_000
