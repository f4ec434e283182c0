"""A replay with keyframes: each moment comes as what paints it, and what follows continues it."""

import base64
import itertools
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent

from api.context import Settings
from replay_viewer import viewing
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, header, moment, record, store
from stream.recording import RecordingWriter
from stream.screens.emulated_terminal import EmulatedTerminal

CAPTURE = (Path(__file__).parent.parent / "captures" / "opencode-tui-pty.raw").read_bytes()
SECOND = 1_000_000
PARTS = [CAPTURE[start : start + 4096] for start in range(0, len(CAPTURE), 4096)]  # one a second
LAST = len(PARTS) - 1
PTY: dict[str, Any] = {"mode": ("pty", "pty", "pty"), "columns": 100, "rows": 30}
PAUSED = {"keyframes": "true", "paused": "true"}
FULL_SPEED = {"keyframes": "true", "speed": "100"}


def data_of(event: ServerSentEvent) -> bytes:
    told = event.json()
    return base64.b64decode(told["data"]) if told.get("encoding") else told["data"].encode()


class Screen:
    """A client's terminal."""

    def __init__(self) -> None:
        self._terminal = EmulatedTerminal(1, 1)

    def take(self, event: ServerSentEvent) -> None:
        if event.event == "keyframe":
            size = event.json()["size"]
            self._terminal = EmulatedTerminal(size["cols"], size["rows"])
        if event.event in ("keyframe", "output"):
            self._terminal.feed(data_of(event))

    @property
    def text(self) -> str:
        return self._terminal.text()


def text(count: int) -> str:
    terminal = EmulatedTerminal(100, 30)
    terminal.feed(b"".join(PARTS[:count]))
    return terminal.text()


@pytest.fixture
def session(database: SampleDatabase, tmp_path: Path) -> str:
    reads = [Read(number * SECOND, part) for number, part in enumerate(PARTS)]
    record(database, tmp_path / "s1", reads, end=LAST * SECOND, **PTY)
    database.event("s1", timestamp=moment(SECOND), matched_value="found")
    return "s1"


@pytest.mark.usefixtures("session")
def test_a_replay_begins_with_a_keyframe_and_holds_what_a_terminal_needs(client: httpx.Client) -> None:
    with viewing(client, **FULL_SPEED) as viewer:
        keyframe, *events = viewer.rest()
    assert keyframe.json() | {"data": ""} == {"t": 0.0, "reset": True, "size": {"cols": 100, "rows": 30}, "data": ""}
    assert {event.event for event in events[:-1]} == {"output"}
    assert len(events) == LAST + 1
    assert events[-1].json()["total_events"] == LAST
    screen = Screen()
    for event in (keyframe, *events):
        screen.take(event)
    assert screen.text == text(LAST + 1)


@pytest.mark.usefixtures("session")
def test_a_replay_from_a_moment_sends_nothing_that_came_before(client: httpx.Client) -> None:
    screen = Screen()
    with viewing(client, **FULL_SPEED, **{"from": "12.5"}) as viewer:
        keyframe, *events = viewer.rest()
    screen.take(keyframe)
    assert screen.text == text(13)
    assert keyframe.json()["t"] == 12.5
    assert [event.json()["t"] for event in events[:-1]] == list(range(13, LAST + 1))
    assert events[-1].event == "replay_complete"
    assert events[-1].json()["duration_seconds"] == LAST


@pytest.mark.usefixtures("session")
def test_a_paused_replay_stays_where_it_was_led_however_late_the_server_is(database: SampleDatabase) -> None:
    late = itertools.count(step=10).__next__  # seconds pass between any two looks at the clock
    with running(Settings(database.path, "1.2.3", monotonic=late)) as client, viewing(client, **PAUSED) as viewer:
        viewer.take(1)
        for at in (20.2, 3.9, 11.5):
            assert viewer.command("seek", t=at)["t"] == at
            assert viewer.take(1)[0].event == "keyframe"
        viewer.command("stop")
        assert [event.event for event in viewer.rest()] == ["replay_stopped"]


@pytest.mark.usefixtures("session")
def test_jumps_either_way_give_the_right_screen_at_once(client: httpx.Client) -> None:
    screen = Screen()
    with viewing(client, keyframes="true") as viewer:
        screen.take(viewer.take(1)[0])
        viewer.command("pause")
        for at in (20.2, 3.9, 4.0, 0.0, 21.0, 11.5, LAST - 0.5):
            viewer.command("seek", t=at)
            keyframe = viewer.take(1)[0]
            screen.take(keyframe)
            assert keyframe.json()["t"] == at
            assert keyframe.json()["reset"] is True
            assert screen.text == text(int(at) + 1)
        viewer.command("seek", t=LAST - 2)
        viewer.command("speed", speed=100)
        viewer.command("resume")
        for event in viewer.rest():
            screen.take(event)
    assert screen.text == text(LAST + 1)


@pytest.mark.usefixtures("session")
def test_a_replay_that_begins_paused_shows_its_moment_and_waits(client: httpx.Client) -> None:
    with viewing(client, paused="true", **FULL_SPEED, **{"from": "3"}) as viewer:
        assert viewer.take(1)[0].event == "keyframe"
        assert viewer.command("seek", t=7)["state"] == "paused"
        assert viewer.take(1)[0].json()["t"] == 7
        assert viewer.command("resume")["state"] == "playing"
        assert viewer.take(1)[0].json()["t"] == 8


@pytest.mark.usefixtures("session")
def test_who_was_cut_off_comes_back_to_the_screen_that_it_had(client: httpx.Client) -> None:
    with viewing(client, **FULL_SPEED, **{"from": "5"}) as viewer:
        event = viewer.take(4)[-1]
    assert (event.id, event.json()["t"]) == ("t8000000", 8.0)
    with viewing(client, seen=event.id, **FULL_SPEED) as again:
        assert (again.first.event, again.first.id) == ("replay_resumed", "t8000000")
        keyframe, *events = again.rest()
    screen = Screen()
    screen.take(keyframe)
    assert (keyframe.json()["t"], screen.text) == (8.0, text(9))
    assert [event.json()["t"] for event in events[:-1]] == list(range(9, LAST + 1))
    assert events[-1].id == "end"
    headers = {"Last-Event-ID": "end"}
    assert client.get("/api/replay/session/s1", params=FULL_SPEED, headers=headers).status_code == 204


def test_characters_and_sequences_that_a_read_has_cut_are_whole(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    parts = ["☃".encode()[:1], "☃".encode()[1:] + b"\x1b[3", b"1mred"]
    record(database, tmp_path / "s1", [Read(n * SECOND, part) for n, part in enumerate(parts)], end=2 * SECOND, **PTY)
    for at in ("0", "1"):
        screen = Screen()
        with viewing(client, **FULL_SPEED, **{"from": at}) as viewer:
            for event in viewer.rest():
                screen.take(event)
        assert screen.text == "☃red"


def test_pipes_have_a_terminal_whose_lines_begin_at_the_left(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    reads = [Read(0, b"one\ntwo\n"), Read(SECOND, b"three", "stderr")]
    record(database, tmp_path / "s1", reads, end=SECOND)
    screen = Screen()
    with viewing(client, **FULL_SPEED, **{"from": "5"}) as viewer:
        screen.take(viewer.take(1)[0])
    assert screen.text == "one\ntwo\nthree"


def test_a_session_that_runs_is_followed_as_it_goes_on(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    screen = Screen()
    with RecordingWriter(tmp_path / "s1", header("s1", **PTY)) as writer:
        writer.output("stdout", PARTS[0], 0)
        store(database, tmp_path / "s1", None)
        with viewing(client, keyframes="true", **{"from": "999999999"}) as viewer:
            for number in range(1, 4):
                event = viewer.take(1)[0]
                screen.take(event)
                assert (event.json()["t"], screen.text) == ((number - 1) * 3600, text(number))
                writer.output("stdout", PARTS[number], number * 3600 * SECOND)
            screen.take(viewer.take(1)[0])
            writer.finish(0, 3 * 3600 * SECOND)
            database.connection.execute("UPDATE process_sessions SET ended_at = ?", (moment(3 * 3600 * SECOND),))
            assert [event.event for event in viewer.rest()] == ["replay_complete"]
    assert screen.text == text(4)


@pytest.mark.usefixtures("session")
def test_a_recording_that_is_damaged_is_an_error(client: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "s1" / "stdout.log").write_bytes(b"short")
    response = client.get("/api/replay/session/s1", params={"keyframes": "true", "from": "20"})
    assert (response.status_code, response.json()["error"]["kind"]) == (500, "recording_damaged")


@pytest.mark.usefixtures("session")
def test_behind_the_end_there_is_the_last_screen_and_the_end(client: httpx.Client) -> None:
    screen = Screen()
    with viewing(client, keyframes="true") as viewer:
        viewer.take(1)
        viewer.command("seek", t=999)
        keyframe, complete = viewer.rest()[-2:]
    screen.take(keyframe)
    assert (keyframe.json()["t"], screen.text) == (LAST, text(LAST + 1))
    assert complete.event == "replay_complete"


@pytest.mark.parametrize(
    ("params", "headers", "named"),
    [
        ({"keyframes": "true", "format": "json"}, {}, "format=json"),
        ({"keyframes": "maybe"}, {}, "maybe"),
        ({"keyframes": "true"}, {"Last-Event-ID": "17"}, "17"),
        ({}, {"Last-Event-ID": "t17"}, "t17"),
    ],
)
@pytest.mark.usefixtures("session")
def test_what_does_not_go_together_is_refused(
    client: httpx.Client, params: dict[str, str], headers: dict[str, str], named: str
) -> None:
    response = client.get("/api/replay/session/s1", params=params, headers=headers)
    assert (response.status_code, response.json()["error"]["kind"]) == (400, "invalid_parameter")
    assert named in response.text
