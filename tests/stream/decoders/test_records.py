"""Finding records among lines: what is one, what only looks like one, and that it does not matter how they came."""

import json
from pathlib import Path

import pytest

from agent_json import Record, lines_of, of_type, read, read_records, values
from stream.decoders.json_objects import MAX_OBJECT_LINES

CAPTURES = Path(__file__).parents[2] / "captures"
JSON_CAPTURES = sorted(path for path in CAPTURES.glob("*json*.raw") if "stderr" not in path.name)

STARTED = {"type": "thread.started", "thread_id": "thread-1"}
MESSAGE = {"type": "item.completed", "item": {"id": "item_0", "type": "agent_message", "text": "Hello"}}
FAILED = {
    "type": "item.completed",
    "item": {
        "id": "item_1",
        "type": "command_execution",
        "command": "make",
        "aggregated_output": "error: nothing to be done\n",
        "exit_code": 2,
        "status": "failed",
    },
}


@pytest.mark.parametrize("path", JSON_CAPTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [1, 37, 4096])
def test_how_the_bytes_are_cut_and_where_a_run_is_resumed_changes_nothing(path: Path, size: int) -> None:
    data = path.read_bytes()
    if len(data) > 10_000 and size == 1:
        data = data[:10_000]
    whole = read(data)
    assert whole.events
    assert read(data, size=size) == whole
    assert read(data, size=max(size, 37), resume=True) == whole


@pytest.mark.parametrize("path", JSON_CAPTURES, ids=lambda path: path.stem)
def test_every_capture_tells_its_session_and_what_it_used(path: Path) -> None:
    found = read(path.read_bytes())
    assert of_type(found, "session")
    failed = "http401" in path.name or "cut" in path.name
    assert bool(found.usages) != failed
    assert bool(values(found, "error")) == (
        failed or ("markdown" not in path.name and path.name != "gemini-json-pipe.raw")
    )


def test_escapes_before_a_record_and_log_lines_between_records_are_no_obstacle() -> None:
    data = b"\x1b[?1004l" + lines_of([STARTED]) + b"error: from a log\n" + lines_of([FAILED])
    found = read(data)
    assert values(found, "session") == ["codex"]
    assert values(found, "error") == ["from a log", "nothing to be done"]
    assert [event.line_number for event in of_type(found, "error")] == [2, 3]


def test_two_records_on_a_line_and_text_behind_them_are_all_read() -> None:
    found = read(json.dumps(STARTED).encode() + b" " + json.dumps(FAILED).encode() + b"error: behind\n")
    assert values(found, "tool_use") == ["make"]
    assert values(found, "error") == ["nothing to be done", "behind"]


def test_a_record_over_many_lines_is_one() -> None:
    data = b"".join(json.dumps(record, indent=2).encode() + b"\n" for record in (STARTED, FAILED))
    found = read(data)
    assert values(found, "tool_use") == ["make"]
    [use] = of_type(found, "tool_use")
    assert (use.line_number, use.metadata["line_end"]) == (5, 15)
    assert use.original_line is not None
    assert use.original_line.startswith('{\n  "type"')


def test_what_stands_behind_the_last_brace_of_a_record_over_many_lines_is_text() -> None:
    found = read(json.dumps(STARTED, indent=2).encode() + b"error: behind\n")
    assert values(found, "session") == ["codex"]
    assert values(found, "error") == ["behind"]


def test_a_list_of_records_is_these_records() -> None:
    for indent in (None, 2):
        found = read(json.dumps([STARTED, FAILED], indent=indent).encode() + b"\n")
        assert values(found, "session") == ["codex"]
        assert values(found, "tool_use") == ["make"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"name": "package", "scripts": {"test": "error"}}, indent=2),
        json.dumps({"type": "module", "name": "package"}, indent=2),
        json.dumps({"type": "error", "message": "not found"}),
        json.dumps({"type": "error", "error": {"type": "not_found_error", "message": "x"}}),
        json.dumps({"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}, indent=2),
        json.dumps({"type": "result", "data": [1, 2]}),
        json.dumps({"type": "message", "role": "assistant", "content": "an API's answer"}),
        json.dumps({"type": "assistant", "sessionId": "a log of its own", "message": {"content": []}}),
        json.dumps([{"type": "user", "id": 1}]),
        "{}",
        "[]",
        "{",
        "[1] 12345",
    ],
)
def test_text_that_merely_is_json_is_no_agents_record(text: str) -> None:
    found = read(text.encode() + b"\nerror: after it\n")
    assert values(found, "error") == ["after it"]
    assert len(found.events) == 1


def test_lines_of_an_object_that_is_no_record_are_read_as_text() -> None:
    lines = ["{", '"type": "x",', "error: inside", "{", "error: inside too", "}", "warning: behind"]
    found = read("\n".join(lines).encode() + b"\n")
    assert [(event.event_type, event.line_number) for event in found.events] == [
        ("error", 3), ("error", 5), ("warning", 7),
    ]  # fmt: skip


def test_an_object_that_never_ends_hides_nothing() -> None:
    found = read(b'{\n"type": "x",\n' + b'"a": 1,\n' * (MAX_OBJECT_LINES + 5) + b"error: at last\n")
    assert values(found, "error") == ["at last"]
    found = read(b'{\n  "type": "thread.started",\n')
    assert found.events == ()
    assert found.lines == 2


def test_a_record_that_follows_an_object_which_is_none_is_found() -> None:
    found = read(b'{\n"type": "x"\n' + lines_of([STARTED]))
    assert values(found, "session") == ["codex"]


def test_half_a_record_is_no_text() -> None:
    found = read(lines_of([STARTED]) + b'{"type":"item.completed","item":{"id":"1","text":"error: half of it')
    assert [event.event_type for event in found.events] == ["session"]


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"a":' * 50_000, b'{"a": 1' + b"0" * 5000 + b"}", b'{"\xff": 1}'])
def test_json_that_cannot_be_read_is_text(line: bytes) -> None:
    assert values(read(line + b"\nerror: after\n"), "error") == ["after"]


def test_records_inside_a_code_fence_are_code_until_an_agent_has_spoken() -> None:
    found = read(b"```json\n" + lines_of([STARTED]) + b"```\n")
    assert values(found, "session") == []
    found = read(lines_of([STARTED]) + b"```\n" + lines_of([FAILED]))
    assert values(found, "tool_use") == ["make"]


def test_records_of_two_agents_in_one_stream_go_to_their_decoders() -> None:
    gemini = {"type": "init", "timestamp": "2026-11-22T00:00:55.375Z", "session_id": "g", "model": "gemini-2.5-pro"}
    found = read_records(STARTED, gemini, FAILED)
    assert values(found, "session") == ["codex", "gemini-2.5-pro"]
    assert values(found, "tool_use") == ["make"]


def test_kinds_that_nobody_knows_change_nothing_else() -> None:
    odd: list[Record] = [
        {"type": "item.completed", "item": {"id": "9", "type": "dream"}},
        {"type": "brand.new", "x": [1]},
    ]
    found, plain = read_records(STARTED, *odd, FAILED), read_records(STARTED, FAILED)
    assert [event[3:7] for event in found.events] == [event[3:7] for event in plain.events]
    assert found.state_changes[-1].metadata == {"unknown_records": {"codex item dream": 1, "codex brand.new": 1}}
    assert plain.state_changes[-1].metadata == {}


@pytest.mark.parametrize("value", [None, 1, "text", [], {}, [None, 1, "x"], {"type": 3}, 1e999, True])
def test_any_value_in_any_place_is_borne(value: object) -> None:
    for record in (STARTED, MESSAGE, FAILED):
        for key in record:
            read_records(STARTED, {**record, key: value})
        item = record.get("item")
        if isinstance(item, dict):
            for key in item:
                read_records(STARTED, {**record, "item": {**item, key: value}})
