"""One shape for every error, and nothing of our insides in it."""

from pathlib import Path

import httpx
import pytest

from api.errors import describe
from data.stores import SessionNotFoundError, StoreError
from sample_database import SampleDatabase
from stream.recording import RecordingError


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/query/nothing", 404, "not_found"),
        ("GET", "/api/query/session/", 404, "not_found"),
        ("POST", "/api/query/extractions", 405, "method_not_allowed"),
        ("DELETE", "/api/replay/session/x", 405, "method_not_allowed"),
        ("GET", "/api/query/session/x", 404, "session_not_found"),
        ("GET", "/api/replay/session/x", 404, "session_not_found"),
    ],
)
def test_an_error_has_kind_message_and_hint(
    client: httpx.Client, method: str, path: str, status: int, kind: str
) -> None:
    response = client.request(method, path)
    error = response.json()["error"]
    assert response.status_code == status
    assert set(error) == {"kind", "message", "hint"}
    assert error["kind"] == kind
    assert error["message"]
    assert error["hint"]
    assert response.headers["content-type"] == "application/json"


def test_who_asks_for_no_session_is_sent_to_the_list_of_this_interface(client: httpx.Client) -> None:
    error = client.get("/api/query/session/x").json()["error"]
    assert error["hint"] == "/api/query/sessions lists them"


def test_a_method_that_is_not_taken_is_told_which_are(client: httpx.Client) -> None:
    response = client.post("/api/health")
    assert "GET" in response.headers["allow"]
    assert "GET" in response.json()["error"]["hint"]


def test_a_broken_database_is_unavailable_and_named(client: httpx.Client, database: SampleDatabase) -> None:
    database.event()
    database.connection.execute("ALTER TABLE extraction_events RENAME TO gone")
    response = client.get("/api/query/extractions")
    assert response.status_code == 503
    assert response.json()["error"]["kind"] == "database_error"
    assert str(database.path) in response.json()["error"]["message"]
    assert "Traceback" not in response.text


def test_an_unforeseen_error_tells_nothing_of_itself(client: httpx.Client, database: SampleDatabase) -> None:
    database.session("s1")
    database.connection.execute("UPDATE process_sessions SET command_json = '{not json'")
    response = client.get("/api/query/sessions")
    assert response.status_code == 500
    assert response.json()["error"]["kind"] == "internal_error"
    assert "json" not in response.text.lower()


@pytest.mark.parametrize(
    ("error", "status", "kind", "hint"),
    [
        (SessionNotFoundError("no", "look"), 404, "session_not_found", "look"),
        (StoreError("no"), 503, "database_error", "is the database in place, and is its disk full?"),
        (RecordingError("no"), 500, "recording_damaged", "wrapper reindex says how much is readable"),
    ],
)
def test_errors_of_the_layers_below_keep_their_own_hint(error: Exception, status: int, kind: str, hint: str) -> None:
    problem = describe(error)
    assert (problem.status, problem.kind, problem.message, problem.hint) == (status, kind, "no", hint)


def test_a_path_in_an_error_is_only_text(client: httpx.Client, tmp_path: Path) -> None:
    response = client.get("/<script>alert(1)</script>")
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert tmp_path.name not in response.text
