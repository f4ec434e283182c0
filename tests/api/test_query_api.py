"""The questions over HTTP: shapes, paging, and values that look like SQL."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.context import Settings
from data.sqlite.rows import EVENT_COLUMNS
from running_server import running
from sample_database import SampleDatabase, at

HOSTILE = [
    "'",
    '"',
    "' OR '1'='1",
    "x'; DROP TABLE extraction_events; --",
    "%",
    "_",
    "\\",
    "?",
    ":agent",
    "a\x00b",
    "é✓",
]


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def test_extractions_carry_the_columns_of_their_table(client: httpx.Client, database: SampleDatabase) -> None:
    database.event(
        "s1",
        metadata_json={"tool": "bash", "cost": 0.5},
        auto_confirmable=1,
        risk_level="high",
        matched_value="no",
        original_line="Error: ✓ no",
        line_number=3,
        stream="stdout",
        byte_offset=17,
    )
    (row,) = get(client, "/api/query/extractions")["extractions"]
    assert row == {
        "id": 1,
        "agent_name": "codex",
        "session_id": "s1",
        "timestamp": at(0),
        "event_type": "error",
        "pattern": "error_line",
        "matched_value": "no",
        "original_line": "Error: ✓ no",
        "line_number": 3,
        "metadata": {"tool": "bash", "cost": 0.5},
        "code_block_language": None,
        "risk_level": "high",
        "auto_confirmable": True,
        "stream": "stdout",
        "byte_offset": 17,
    }
    assert set(row) == {name.strip() for name in EVENT_COLUMNS.split(",")} - {"metadata_json"} | {"metadata"}


def test_filters_of_a_request_apply_together(client: httpx.Client, database: SampleDatabase) -> None:
    wanted = database.event("s1", event_type="git", pattern="p", risk_level="low", timestamp=at(1))
    for changed in (
        {"agent_name": "claude"},
        {"event_type": "error"},
        {"pattern": "q"},
        {"session_id": "s2"},
        {"risk_level": "high"},
        {"timestamp": at(0)},
        {"timestamp": at(2)},
    ):
        database.event(
            **{
                "session_id": "s1",
                "event_type": "git",
                "pattern": "p",
                "risk_level": "low",
                "timestamp": at(1),
                **changed,
            }
        )
    answer = get(
        client,
        "/api/query/extractions",
        agent="codex",
        type="git",
        pattern="p",
        session="s1",
        risk="low",
        **{"from": at(1), "to": at(2)},
    )
    assert [row["id"] for row in answer["extractions"]] == [wanted]
    assert (answer["total"], answer["total_is"], answer["page"], answer["next"]) == (1, "exact", 1, None)


def test_cursor_and_page_lead_through_the_same_rows(client: httpx.Client, database: SampleDatabase) -> None:
    ids = [database.event() for _ in range(7)][::-1]
    first = get(client, "/api/query/extractions", limit=3)
    second = get(client, "/api/query/extractions", limit=3, cursor=first["next"])
    third = get(client, "/api/query/extractions", limit=3, cursor=second["next"])
    pages = [first, second, third]
    assert [row["id"] for page in pages for row in page["extractions"]] == ids
    assert third["next"] is None
    assert second["page"] is None
    for number, page in enumerate(pages, start=1):
        by_number = get(client, "/api/query/extractions", limit=3, page=number)
        assert by_number["extractions"] == page["extractions"]
        assert by_number["page"] == number


def test_sessions_say_what_ran_and_how_long(client: httpx.Client, database: SampleDatabase) -> None:
    database.session(
        "s1",
        command_json=["sh", "-c", "true"],
        started_at=at(0),
        ended_at=at(1.5),
        exit_code=0,
        state="completed",
        recording_path="/r/s1",
        total_lines_processed=12,
    )
    database.session("s2", agent_name="claude")
    running, ended = get(client, "/api/query/sessions")["sessions"]
    assert (running["session_id"], running["duration_seconds"], running["command"]) == ("s2", None, [])
    assert (ended["command"], ended["duration_seconds"]) == (["sh", "-c", "true"], 90.0)
    assert (ended["total_lines_processed"], ended["recording_path"], ended["state"]) == (12, "/r/s1", "completed")
    assert [row["session_id"] for row in get(client, "/api/query/sessions", active="true")["sessions"]] == ["s2"]
    assert [row["session_id"] for row in get(client, "/api/query/sessions", agent="codex")["sessions"]] == ["s1"]


def test_a_session_is_found_by_its_whole_id_or_as_last(client: httpx.Client, database: SampleDatabase) -> None:
    database.session("abc1", state="completed")
    database.state("abc1", "started", timestamp=at(0), metadata_json={"pid": 7})
    database.event("abc1", event_type="git")
    answer = get(client, "/api/query/session/abc1")
    assert answer["session"]["session_id"] == "abc1"
    assert [(row["state"], row["metadata"]) for row in answer["state_changes"]] == [("started", {"pid": 7})]
    assert answer["extractions_by_type"] == {"git": 1}
    assert get(client, "/api/query/session/last") == answer
    response = client.get("/api/query/session/abc")
    assert response.status_code == 404
    assert response.json()["error"]["kind"] == "session_not_found"
    assert response.json()["error"]["hint"]


def test_code_blocks_carry_content_and_place(client: httpx.Client, database: SampleDatabase) -> None:
    database.block("s1", "print(1)\n", line_start=3, line_end=5, context_json={"info": "python"})
    (block,) = get(client, "/api/query/code-blocks", language="python")["code_blocks"]
    assert (block["content"], block["language"], block["line_start"], block["line_end"]) == (
        "print(1)\n",
        "python",
        3,
        5,
    )
    assert block["context"] == {"info": "python"}
    assert len(block["digest"]) == 64


def test_statistics_of_agents_and_patterns_take_any_name(client: httpx.Client, database: SampleDatabase) -> None:
    database.event(agent_name="team/a b", pattern="p/✓", timestamp=at(1))
    agent = get(client, "/api/query/stats/agent/team%2Fa%20b")
    assert (agent["agent_name"], agent["total_extractions"], agent["success_rate"]) == ("team/a b", 1, None)
    assert agent["extractions_by_type"] == {"error": 1}
    pattern = get(client, "/api/query/stats/pattern/p%2F✓", recent=1)
    assert (pattern["extractions_by_agent"], pattern["first_seen"]) == ({"team/a b": 1}, at(1))
    assert [row["id"] for row in pattern["recent"]] == [1]


@pytest.mark.parametrize("path", ["/api/query/stats/agent/nobody", "/api/query/stats/pattern/nothing"])
def test_statistics_of_what_nobody_knows_are_not_found(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json()["error"]["kind"] == "not_found"


def test_the_timeline_counts_per_bucket_and_type(client: httpx.Client, database: SampleDatabase) -> None:
    database.bucket(at(0), "error", 2)
    database.bucket(at(5), "git", 3)
    database.bucket(at(30), "git", 4)
    answer = get(client, "/api/query/timeline", agent="codex", bucket="30m", **{"from": at(3), "to": at(31)})
    assert answer == {
        "agent": "codex",
        "from": at(0),
        "to": at(60),
        "bucket_seconds": 1800,
        "total": 9,
        "timeline": [
            {"start": at(0), "counts": {"error": 2, "git": 3}},
            {"start": at(30), "counts": {"git": 4}},
        ],
    }
    nobody = get(client, "/api/query/timeline", agent="nobody", days=30)
    assert (nobody["timeline"], nobody["total"]) == ([], 0)


def test_health_names_the_database_and_its_schema(client: httpx.Client, database: SampleDatabase) -> None:
    database.session("s1")
    assert get(client, "/api/health") == {
        "status": "ok",
        "version": "1.2.3",
        "database": str(database.path),
        "schema_version": database.number("SELECT MAX(version) FROM schema_migrations"),
        "active_sessions": 1,
    }


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "query",
    [
        ("/api/query/extractions", "extractions", "agent", "agent_name"),
        ("/api/query/extractions", "extractions", "pattern", "pattern"),
        ("/api/query/extractions", "extractions", "session", "session_id"),
        ("/api/query/sessions", "sessions", "agent", "agent_name"),
        ("/api/query/code-blocks", "code_blocks", "agent", "agent_name"),
        ("/api/query/code-blocks", "code_blocks", "language", "language"),
    ],
)
def test_a_value_is_only_ever_a_value(
    hostile_client: httpx.Client, query: tuple[str, str, str, str], value: str
) -> None:
    path, rows, name, column = query
    found = get(hostile_client, path, **{name: value})[rows]
    assert [row[column] for row in found] == [value]


@pytest.fixture(scope="module")
def hostile_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One row of each kind for each hostile value, and rows that only a hole in our quoting would find."""
    database = SampleDatabase(tmp_path_factory.mktemp("hostile") / "wrapper.db")
    for value in [*HOSTILE, "harmless"]:
        database.event(value, agent_name=value, pattern=value)
        database.session(value, agent_name=value)
        database.block(value, value, value, agent_name=value)
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    assert database.number("SELECT COUNT(*) FROM extraction_events") == len(HOSTILE) + 1
    database.close()


def test_sessions_are_found_by_how_they_went(client: httpx.Client, database: SampleDatabase) -> None:
    for session_id, verdict in (("s1", "gave_up"), ("s2", "succeeded"), ("s3", None)):
        database.session(session_id, verdict=verdict)
    answer = get(client, "/api/query/sessions", verdict="gave_up")
    assert ([row["session_id"] for row in answer["sessions"]], answer["total"]) == (["s1"], 1)
    assert client.get("/api/query/sessions?verdict=bad").status_code == 400


@pytest.mark.parametrize("name", ["sh", "bash", "Zsh"])
def test_a_language_is_found_by_each_of_its_names(client: httpx.Client, database: SampleDatabase, name: str) -> None:
    database.block("s1", "ls", "bash")
    database.block("s1", "print(1)", "python")
    answer = get(client, "/api/query/code-blocks", language=name)
    assert [row["content"] for row in answer["code_blocks"]] == ["ls"]
