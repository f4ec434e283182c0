"""What the records of `gemini -o stream-json` and `-o json` mean."""

import json
from typing import Any

import pytest

from agent_json import lines_of, of_type, read_records, values
from agent_text import find, header
from stream.pipeline import Findings

TIME = "2026-11-22T00:00:55.000Z"
INIT = {"type": "init", "timestamp": TIME, "session_id": "g1", "model": "gemini-2.5-pro"}


def message(content: str, role: str = "assistant", **fields: Any) -> dict[str, Any]:
    return {"type": "message", "timestamp": TIME, "role": role, "content": content, **fields}


def call(tool: str, call_id: str = "c1", **parameters: Any) -> dict[str, Any]:
    return {"type": "tool_use", "timestamp": TIME, "tool_name": tool, "tool_id": call_id, "parameters": parameters}


def result(call_id: str = "c1", status: str = "success", **fields: Any) -> dict[str, Any]:
    return {
        "type": "tool_result",
        "timestamp": "2026-11-22T00:00:56.500Z",
        "tool_id": call_id,
        "status": status,
        **fields,
    }


def shell(command: str, output: str, **fields: Any) -> list[dict[str, Any]]:
    return [INIT, call("run_shell_command", command=command), result(output=output, **fields)]


def test_the_beginning_tells_the_model_and_the_session() -> None:
    [session] = of_type(read_records(INIT, INIT), "session")
    assert session.matched_value == "gemini-2.5-pro"
    assert session.metadata == {"agent_session_id": "g1", "model": "gemini-2.5-pro"}


def test_deltas_are_one_text_which_ends_with_what_comes_next() -> None:
    pieces = ["a\n``", "`py", "thon\nx", " = 1\n`", "``\nrest\n```sh\nls"]
    deltas = [message(piece, delta=True) for piece in pieces]
    found = read_records(INIT, *deltas, call("read_file", file_path="/w/a"), message("```\nb\n```"))
    assert [(block.language, block.content) for block in found.blocks] == [
        ("python", "x = 1"),
        ("bash", "ls"),
        ("", "b"),
    ]
    assert found.blocks[1].context["cut"] == "end"
    assert {block.context["in"] for block in found.blocks} == {"message"}


def test_the_prompt_is_no_message() -> None:
    found = read_records(INIT, message("error: x\n```\nb\n```", role="user"))
    assert [block.context["in"] for block in found.blocks] == ["prompt"]
    assert values(found, "error") == []


@pytest.mark.parametrize(
    ("output", "outcome", "exit_code"),
    [
        ("done", "ok", None),
        ("error: it broke", "error", None),
        ("half of it\nExit Code: 7\nPIDs: 1", "error", 7),
        ("all of it\nExit Code: 0", "ok", 0),
        ("[Operation Cancelled] Reason: User cancelled the operation.", "cancelled", None),
        ("Command was cancelled by user before it could complete.", "cancelled", None),
    ],
)
def test_success_is_not_believed_of_a_shell_command(output: str, outcome: str, exit_code: int | None) -> None:
    [use] = of_type(read_records(*shell("make", output)), "tool_use")
    assert (use.metadata["outcome"], use.metadata.get("exit_code")) == (outcome, exit_code)
    assert use.metadata["duration_ms"] == 1500


def test_the_errors_of_a_command_that_shows_files_are_somebody_elses() -> None:
    found = read_records(*shell("cat log | grep -i error", "error: it broke last week"))
    assert [event.metadata["outcome"] for event in of_type(found, "tool_use")] == ["ok"]
    assert values(found, "error") == []


def test_a_command_that_shows_files_has_errors_of_its_own() -> None:
    output = "ls: cannot access 'x': No such file or directory\nerror: it broke last week\nmake: *** [all] Error 2"
    found = read_records(*shell("ls x; cat log", output))
    assert [event.metadata["outcome"] for event in of_type(found, "tool_use")] == ["error"]
    assert values(found, "error") == ["cannot access 'x': No such file or directory"]


def test_a_program_that_the_shell_does_not_find_is_an_error_of_its_call_whatever_it_was_to_show() -> None:
    output = "/usr/bin/bash: line 4: jq: command not found\nerror: no jq"
    found = read_records(*shell("ls\ncat b\njq . a", output))
    assert [event.metadata["outcome"] for event in of_type(found, "tool_use")] == ["error"]
    assert values(found, "error") == ["no jq"]
    log = read_records(*shell("cat build.log", output))
    assert [event.metadata["outcome"] for event in of_type(log, "tool_use")] == ["ok"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ({"type": "file_not_found", "message": "File not found: /w/a"}, "error"),
        ({"type": "policy_violation", "message": "Tool execution denied by policy."}, "denied"),
        ({"type": "unknown", "message": "User cancelled the operation."}, "cancelled"),
    ],
)
def test_a_tool_that_fails_has_its_own_words_for_it(error: dict[str, str], outcome: str) -> None:
    found = read_records(
        INIT, call("replace", file_path="/w/a"), result(status="error", output="Error: x", error=error)
    )
    [use] = of_type(found, "tool_use")
    assert (use.matched_value, use.metadata["outcome"]) == ("replace: /w/a", outcome)
    assert values(found, "error") == ([error["message"]] if outcome == "error" else [])
    assert values(found, "permission") == (["replace: /w/a"] if outcome == "denied" else [])
    assert values(found, "file_operation") == []


def test_what_became_of_a_file_is_told_where_it_is_known() -> None:
    found = read_records(
        INIT,
        call("write_file", "1", file_path="/w/any", content="x"), result("1"),
        call("read_file", "2", file_path="/w/old"), result("2", output=""),
        call("write_file", "3", file_path="/w/old", content="x"), result("3"),
        call("replace", "4", file_path="/w/old", old_string="x", new_string="y"), result("4"),
        call("write_file", "5", file_path="/w/told", content="x"), result("5", output="Successfully overwrote created"),
        call("write_file", "6", file_path="/w/new", content="x"), result("6", output="Successfully created a new file"),
        call("replace", "7", file_path="/w/first", old_string="", new_string="y"), result("7"),
        call("run_shell_command", "8", command="rm -r *"), result("8", output=""),
        call("write_file", "9", file_path="/w/old", content="x"), result("9"),
    )  # fmt: skip
    assert [(event.matched_value, event.metadata.get("operation")) for event in of_type(found, "file_operation")] == [
        ("/w/any", None), ("/w/old", "modified"), ("/w/old", "modified"), ("/w/told", "modified"),
        ("/w/new", "created"), ("/w/first", "created"), ("/w/old", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "parameters", "risk"),
    [
        ("web_fetch", {"prompt": "get http://127.0.0.1:18099/nothing"}, None),
        ("web_fetch", {"prompt": "compare (http://localhost:3000/a), http://[::1]/b."}, None),
        ("web_fetch", {"url": "localhost:8000/x", "prompt": "what does https://example.com say"}, None),
        ("web_fetch", {"prompt": "compare http://localhost/a and https://example.com/"}, "medium"),
        ("web_fetch", {"prompt": "get http://localhost:80@example.com/"}, "medium"),
        ("web_fetch", {"prompt": "get localhost"}, "medium"),
        ("google_web_search", {"query": "http://localhost:3000 refused"}, "medium"),
    ],
)
def test_only_what_is_fetched_from_other_machines_is_network_access(
    tool: str, parameters: dict[str, str], risk: str | None
) -> None:
    [use] = of_type(read_records(INIT, call(tool, **parameters), result(output="x")), "tool_use")
    assert use.risk_level == risk


def test_a_result_without_its_call_is_told_by_what_is_known() -> None:
    [use] = of_type(read_records(INIT, result("lost", output="x")), "tool_use")
    assert (use.matched_value, use.metadata["outcome"]) == ("lost", "ok")


def test_errors_and_warnings_are_told_by_their_severity_and_once() -> None:
    warned = {"type": "error", "timestamp": TIME, "severity": "warning", "message": "Loop detected"}
    failed = {"type": "error", "timestamp": TIME, "severity": "error", "message": "Maximum session turns exceeded"}
    end = {"type": "result", "timestamp": TIME, "status": "error", "error": {"type": "E", "message": failed["message"]}}
    found = read_records(INIT, warned, failed, end)
    assert (values(found, "warning"), values(found, "error")) == (["Loop detected"], ["Maximum session turns exceeded"])


def test_the_result_tells_the_run_by_model_and_counts_cached_tokens_once() -> None:
    told = {"total_tokens": 130, "input_tokens": 100, "output_tokens": 20, "cached": 60, "input": 40}
    end = {"type": "result", "timestamp": TIME, "status": "success", "stats": {**told, "models": {"m1": told}}}
    found = read_records(INIT, end, end)
    [metric] = of_type(found, "metric")
    tokens = {"input_uncached": 40, "cache_read": 60, "output": 20, "total": 130}
    assert metric.metadata == {"tokens": tokens, "scope": "run"}
    [row] = found.usages
    assert (row.thread, row.model, row.key, row.total, row.cost_usd) == ("g1", "m1", "run m1", 130, None)


def test_the_one_object_of_json_is_a_session_a_message_and_what_it_used() -> None:
    tokens = {"prompt": 100, "cached": 60, "input": 40, "candidates": 20, "thoughts": 10, "total": 130, "tool": 0}
    stats = {"models": {"m1": {"tokens": tokens}}, "tools": {"totalCalls": 0}}
    found = read_records({"session_id": "g1", "response": "```\nb\n```", "stats": stats, "warnings": ["careful"]})
    assert values(found, "session") == ["m1"]
    assert values(found, "warning") == ["careful"]
    assert [block.content for block in found.blocks] == ["b"]
    assert of_type(found, "metric")[0].metadata["tokens"] == {
        "input_uncached": 40, "cache_read": 60, "output": 20, "reasoning": 10, "total": 130,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "value", "kind"),
    [
        ({"type": "FatalAuthenticationError", "message": "no key", "code": 41}, "no key", "FatalAuthenticationError"),
        (
            {"type": "Error", "message": '{"error":{"code":401,"message":"bad key"}}', "code": 401},
            "bad key",
            "HTTP 401",
        ),
        ({"type": "Error", "message": "{not JSON", "code": "?"}, "{not JSON", "Error"),
    ],
)
def test_the_one_object_of_json_may_be_an_error(error: dict[str, Any], value: str, kind: str) -> None:
    [found] = of_type(read_records({"session_id": "g1", "error": error}), "error")
    assert (found.matched_value, found.metadata) == (value, {"kind": kind})


RUN = [
    INIT, message("do it", role="user"), call("read_file", file_path="/w/gone"),
    result(status="error", error={"type": "file_not_found", "message": "File not found: /w/gone"}),
]  # fmt: skip
RUN_TEXT = lines_of(RUN).decode()


def found_in(command: tuple[str, ...], stdout: str, stderr: str = "", **fields: Any) -> Findings:
    return find(header("gemini", command), stdout, stderr, stderr_first=False, **fields)


def told_by(findings: Findings) -> list[tuple[str, str | None]]:
    return [(event.event_type, event.matched_value) for event in findings.events]


RUN_TOLD = [
    ("session", "gemini-2.5-pro"), ("tool_use", "read_file: /w/gone"), ("error", "File not found: /w/gone"),
]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        ("gemini", "-p", "x"),  # settings may have it, too
        ("./night.sh",),
        ("sh", "-c", "gemini -o stream-json -p 'do it'"),
        ("/bin/sh", "-c", "cd /w && gemini -y -o stream-json -p 'do it' | tee log"),
    ],
)
@pytest.mark.parametrize("before", ["", "\nYOLO mode is enabled.\n"])
def test_json_is_read_though_the_command_does_not_show_it(command: tuple[str, ...], before: str) -> None:
    found = found_in(command, before + RUN_TEXT + "error: of the script\n", "Error executing tool read_file: x\n")
    assert told_by(found) == [*RUN_TOLD, ("error", "of the script")]
    whole = before + RUN_TEXT
    assert found_in(command, whole, cuts=list(range(0, len(whole), 40)), resume=True) == found_in(command, whole)


def test_json_is_read_behind_what_a_script_has_to_say() -> None:
    text = "nightly run\n\n" + RUN_TEXT
    found = found_in(("./night.sh",), text)
    assert told_by(found) == RUN_TOLD
    assert [event.line_number for event in found.events] == [3, 6, 6]
    assert found_in(("./night.sh",), text, cuts=list(range(0, len(text), 40)), resume=True) == found


@pytest.mark.parametrize("indent", [None, 2])
def test_the_one_object_of_json_is_read_where_it_is_the_first_that_a_script_prints(indent: int | None) -> None:
    whole = json.dumps({"session_id": "g1", "error": {"type": "E", "message": "no key"}}, indent=indent)
    assert ("error", "no key") in told_by(found_in(("./night.sh",), f"{whole}\n"))
    assert told_by(found_in(("./night.sh",), f"It would say:\n{whole}\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        "It begins with\n" + lines_of(RUN[:1]).decode() + "and goes on.\n",
        "It begins with\n" + lines_of(RUN[:1]).decode() + "and goes on with\n" + lines_of(RUN[1:]).decode(),
        "A call looks like\n" + lines_of(RUN[2:]).decode(),
        "```\n" + RUN_TEXT + "```\n",
        "See:\n```json\n" + RUN_TEXT + "```\n",
        '{"error": "x"}\nerror: x\n',
    ],
)
@pytest.mark.parametrize("command", [("gemini", "-p", "x"), ("./night.sh",)])
def test_records_that_an_answer_quotes_are_text(command: tuple[str, ...], text: str) -> None:
    assert [event for event in told_by(found_in(command, text)) if event[0] != "code_block"] == []


def test_what_another_program_makes_of_the_json_is_an_answer() -> None:
    command = ("sh", "-c", "gemini -o json -p x | jq -r .response")
    assert told_by(found_in(command, "error: nothing is one\n")) == []
