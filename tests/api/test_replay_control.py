"""Commands to replays: they take effect in the longest wait, and what a client has afterwards is right."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent

from api.context import Settings
from program import wait_until
from replay_viewer import viewing
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, header, moment, record, store
from stream.recording import RecordingWriter

HOUR = 3_600_000_000


@pytest.fixture
def session(database: SampleDatabase, tmp_path: Path) -> str:
    """Output now, in an hour, and in two; an extraction beside the second."""
    record(database, tmp_path / "s1", [Read(0, b"one "), Read(HOUR, b"two "), Read(2 * HOUR, b"three")], end=2 * HOUR)
    database.event("s1", timestamp=moment(HOUR), matched_value="found")
    return "s1"


def told(events: list[ServerSentEvent]) -> list[tuple[str, Any]]:
    keys = {"output": "data", "extraction": "matched_value", "state_change": "state", "keyframe": "reset"}
    return [(event.event, event.json()[keys[event.event]] if event.event in keys else None) for event in events]


START = [("output", "one "), ("state_change", "started")]
UP_TO_TWO = [*START, ("output", "two "), ("extraction", "found")]
END = [("output", "three"), ("state_change", "completed"), ("replay_complete", None)]


@pytest.mark.usefixtures("session")
def test_a_jump_forwards_ends_a_long_wait_and_repeats_nothing(client: httpx.Client) -> None:
    with viewing(client) as viewer:
        assert told(viewer.take(2)) == START
        status = viewer.command("seek", t=3600.5)
        at = pytest.approx(3600.5, abs=60)
        assert status == {"replay_id": viewer.replay_id, "state": "playing", "t": at, "speed": 1.0}
        keyframe, *events = viewer.take(3)
        assert keyframe.json() == {"t": 3600.5, "reset": False, "size": None}
        assert told(events) == UP_TO_TWO[2:]
        viewer.command("seek", t=7200)
        assert told(viewer.rest()) == [("keyframe", False), *END]


@pytest.mark.usefixtures("session")
def test_a_jump_backwards_starts_over_and_comes_to_its_aim_at_once(client: httpx.Client) -> None:
    with viewing(client, **{"from": "7000"}) as viewer:
        assert told(viewer.take(4)) == UP_TO_TWO
        viewer.command("seek", t=3600)
        keyframe, *events = viewer.take(5)
        assert keyframe.json() == {"t": 3600.0, "reset": True, "size": None}
        assert told(events) == UP_TO_TWO
        viewer.command("seek", t=0)
        assert told(viewer.take(3)) == [("keyframe", True), *START]
        viewer.command("seek", t=1e9)
        assert told(viewer.rest()) == [("keyframe", False), *UP_TO_TWO[2:], *END]


@pytest.mark.usefixtures("session")
def test_who_is_cut_off_after_a_jump_goes_on_where_the_jump_led(client: httpx.Client) -> None:
    with viewing(client, **{"from": "7000"}) as viewer:
        viewer.take(4)
        viewer.command("seek", t=3600.5)
        events = viewer.take(5)
    for number, event in enumerate(events):
        with viewing(client, seen=event.id) as again:
            assert (again.first.event, again.first.id) == ("replay_resumed", event.id)
            assert told(again.take(4 - number)) == UP_TO_TWO[number:]
            assert again.command("pause")["t"] >= 3600.0


def test_paused_means_that_nothing_comes_but_a_jump_shows_its_aim(database: SampleDatabase, session: str) -> None:
    with running(Settings(database.path, "1.2.3")) as client, viewing(client, session, **{"from": "3000"}) as viewer:
        viewer.take(2)
        assert viewer.command("pause")["state"] == "paused"
        viewer.command("seek", t=3601)
        assert told(viewer.take(3)) == [("keyframe", False), *UP_TO_TWO[2:]]
        status = viewer.command("speed", speed=0.5)
        assert (status["state"], status["speed"], round(status["t"], 2)) == ("paused", 0.5, 3601.0)
        viewer.command("resume")
        viewer.command("seek", t=7200)
        assert told(viewer.rest()) == [("keyframe", False), *END]


def test_nothing_comes_while_it_is_paused(database: SampleDatabase, tmp_path: Path) -> None:
    record(database, tmp_path / "s1", [Read(0, b"now"), Read(60_000_000, b"soon")], end=60_000_000)
    with (
        running(Settings(database.path, "1.2.3", heartbeat=0.1)) as client,
        client.stream("GET", "/api/replay/session/s1") as response,
    ):
        lines = response.iter_lines()
        start = next(line for line in lines if line.startswith("data: "))
        command = f"/api/replay/control/{json.loads(start.removeprefix('data: '))['replay_id']}"
        assert client.post(f"{command}/pause", json={}).json()["state"] == "paused"
        assert client.post(f"{command}/speed", json={"speed": 100}).json()["state"] == "paused"
        heartbeats = 0
        while heartbeats < 15:  # 1.5 s, in which it would have ended at this speed
            line = next(lines)
            assert "soon" not in line
            heartbeats += line == ": heartbeat"
        assert client.post(f"{command}/resume", json={}).json()["state"] == "playing"
        assert [line for line in lines if "soon" in line]


def test_another_speed_holds_from_now_on(client: httpx.Client, database: SampleDatabase, tmp_path: Path) -> None:
    record(database, tmp_path / "s1", [Read(0, b"now"), Read(60_000_000, b"in a minute")], end=60_000_000)
    with viewing(client, speed="0.1") as viewer:
        viewer.take(2)
        assert viewer.command("speed", speed=100)["speed"] == 100
        *_, complete = viewer.rest()
        assert complete.event == "replay_complete"
        assert complete.json()["speed"] == 100


@pytest.mark.usefixtures("session")
def test_what_was_stopped_does_not_come_back(client: httpx.Client) -> None:
    with viewing(client) as viewer:
        viewer.take(2)
        assert viewer.command("stop")["state"] == "stopped"
        (stopped,) = viewer.rest()
    assert stopped.event == "replay_stopped"
    assert stopped.json()["session_id"] == "s1"
    assert client.get("/api/replay/session/s1", headers={"Last-Event-ID": stopped.id}).status_code == 204


@pytest.mark.usefixtures("session")
def test_an_id_is_good_for_as_long_as_its_client_is_there(client: httpx.Client) -> None:
    with viewing(client) as viewer:
        path = f"/api/replay/control/{viewer.replay_id}/pause"
        assert client.post(path, json={}).status_code == 200
    wait_until(lambda: client.post(path, json={}).status_code == 404, "the end of the replay")
    with viewing(client, **{"from": "7200"}) as viewer:
        viewer.rest()
        ended = client.post(f"/api/replay/control/{viewer.replay_id}/pause", json={})
    foreign = client.post("/api/replay/control/0123456789abcdef/pause", json={})
    for response in (ended, foreign):
        assert response.status_code == 404
        assert response.json()["error"]["kind"] == "not_found"


@pytest.mark.parametrize(
    ("command", "content", "content_type", "status"),
    [
        ("pause", b"{}", "application/x-www-form-urlencoded", 415),
        ("pause", b"{}", "text/plain", 415),
        ("pause", b"{}", "multipart/form-data; boundary=x", 415),
        ("pause", b"{}", None, 415),
        ("seek", b'{"t": 1', "application/json", 400),
        ("seek", b"", "application/json", 400),
        ("seek", b"[" * 3000, "application/json", 400),
        ("seek", b'{"t": "1"}', "application/json", 400),
        ("seek", b'{"t": true}', "application/json", 400),
        ("seek", b'{"t": -1}', "application/json", 400),
        ("seek", b'{"t": NaN}', "application/json", 400),
        ("seek", b'{"t": Infinity}', "application/json", 400),
        ("seek", b'{"t": 1e400}', "application/json", 400),
        ("seek", b'{"t": 1, "u": 2}', "application/json", 400),
        ("seek", b"1", "application/json", 400),
        ("speed", b'{"speed": 0}', "application/json", 400),
        ("speed", b'{"speed": 101}', "application/json", 400),
        ("pause", b'{"t": 1}', "application/json", 400),
        ("seek", b'{"t": 1}' + b" " * 5000, "application/json", 413),
        ("rewind", b"{}", "application/json", 404),
        ("pause", b"{}", "application/json; charset=utf-8", 200),
        ("pause", b"", "application/json", 200),
    ],
)
@pytest.mark.usefixtures("session")
def test_a_command_must_be_what_it_says(
    client: httpx.Client, command: str, content: bytes, content_type: str | None, status: int
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    with viewing(client) as viewer:
        path = f"/api/replay/control/{viewer.replay_id}/{command}"
        response = client.post(path, content=content, headers=headers)
        assert response.status_code == status, response.text
        assert viewer.command("stop")["state"] == "stopped"


@pytest.mark.usefixtures("session")
def test_a_foreign_page_commands_nothing(client: httpx.Client) -> None:
    with viewing(client) as viewer:
        path = f"/api/replay/control/{viewer.replay_id}/stop"
        assert client.post(path, json={}, headers={"Origin": "http://evil.example"}).status_code == 403
        assert client.post(path, json={}, headers={"Host": "evil.example"}).status_code == 421
        assert client.get(path).status_code == 405
        assert viewer.command("pause")["state"] == "paused"


def test_a_running_session_is_followed_to_its_end(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    with RecordingWriter(tmp_path / "s1", header("s1")) as writer:
        writer.output("stdout", b"before\n", 100)
        store(database, tmp_path / "s1", end=None)
        with viewing(client) as viewer:
            assert told(viewer.take(2)) == [("state_change", "started"), ("output", "before\n")]
            writer.output("stdout", b"live\n", 200)
            (live,) = viewer.take(1)
            assert told([live]) == [("output", "live\n")]
            database.event("s1", timestamp=moment(200), matched_value="found")
            assert told(viewer.take(1)) == [("extraction", "found")]
            viewer.command("seek", t=0.00015)
            assert told(viewer.take(2))[0] == ("keyframe", True)
            writer.finish(0, 300)
            database.state("s1", "completed", timestamp=moment(300))
            database.connection.execute("UPDATE process_sessions SET ended_at = ?", (moment(300),))
            assert told(viewer.rest())[-2:] == [("state_change", "completed"), ("replay_complete", None)]
        with viewing(client, seen=live.id) as again:
            assert told(again.rest()) == [
                ("extraction", "found"),
                ("state_change", "completed"),
                ("replay_complete", None),
            ]


def test_a_recording_that_goes_while_it_is_replayed_ends_with_an_error(
    client: httpx.Client, session: str, tmp_path: Path
) -> None:
    with viewing(client, **{"from": "3601"}) as viewer:
        viewer.take(4)
        (tmp_path / session / "timing").unlink()
        viewer.command("seek", t=0)
        (error,) = viewer.rest()
    assert error.event == "replay_error"
    assert error.json()["error"]["kind"] == "recording_not_found"
