"""Replay over HTTP, read by somebody else's reader of server-sent events."""

import asyncio
import base64
import json
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from api.alarm import Alarm
from api.context import Settings
from api.sse import EventStream
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, moment, record

# What came before this time comes at once: no test waits.
AT_ONCE = {"from": "1000000", "speed": "2.0"}


def replayed(
    client: httpx.Client, session_id: str, params: Mapping[str, str] = AT_ONCE, seen: str | None = None
) -> list[ServerSentEvent]:
    headers = {} if seen is None else {"Last-Event-ID": seen}
    path = f"/api/replay/session/{session_id}"
    with connect_sse(client, "GET", path, params=dict(params), headers=headers) as source:
        return list(source.iter_sse())


def output_of(events: list[dict[str, Any]]) -> dict[str, bytes]:
    logs = {"stdout": b"", "stderr": b""}
    for event in events:
        data = event["data"]
        logs[event["stream"]] += base64.b64decode(data) if "encoding" in event else data.encode()
    return logs


@pytest.fixture
def session(database: SampleDatabase, tmp_path: Path) -> str:
    """A session of two seconds with output, extractions and states."""
    reads = [Read(500_000, "✓ one\r\n\x85\u2028".encode()), Read(1_000_000, b"Error: \xff\n", "stderr")]
    record(database, tmp_path / "s1", reads, end=2_000_000, columns=80, rows=24)
    database.event("s1", timestamp=moment(1_000_000), metadata_json={"of": "stderr"})
    return "s1"


def test_events_are_named_numbered_and_complete(client: httpx.Client, session: str) -> None:
    events = replayed(client, session)
    assert [(event.event, event.id) for event in events] == [
        ("session_start", "0"),
        ("state_change", "1"),
        ("output", "2"),
        ("output", "3"),
        ("extraction", "4"),
        ("state_change", "5"),
        ("replay_complete", "6"),
    ]
    start, complete = events[0].json(), events[-1].json()
    assert start.pop("replay_id")
    assert start.pop("session") == client.get(f"/api/query/session/{session}").json()["session"]
    assert start == {"duration": 2.0, "size": {"cols": 80, "rows": 24}, "speed": 2.0}
    assert complete == {"session_id": session, "total_events": 5, "duration_seconds": 2.0, "speed": 2.0}
    assert events[2].json() == {"t": 0.5, "stream": "stdout", "data": "✓ one\r\n\x85\u2028"}
    assert events[3].json()["encoding"] == "base64"
    (row,) = client.get("/api/query/extractions", params={"session": session}).json()["extractions"]
    assert events[4].json() == {"t": 1.0} | row
    assert events[0].retry


def test_all_output_together_is_the_recording(client: httpx.Client, database: SampleDatabase, tmp_path: Path) -> None:
    source = random.Random(7)
    text = "é✓😀\r\n\x1b[31m\u2028".encode() * 5000
    data = source.randbytes(300_000) + text + b"\xe2\x9c"
    reads: list[Read] = []
    offset = 0
    while offset < len(data):
        size = source.choice([1, 3, 500, 4096, 200_000])
        reads.append(Read(len(reads) * 1000, data[offset : offset + size], source.choice(["stdout", "stderr"])))
        offset += size
    record(database, tmp_path / "s1", reads, end=len(reads) * 1000)
    logs = output_of([event.json() for event in replayed(client, "s1") if event.event == "output"])
    assert logs["stdout"] == (tmp_path / "s1" / "stdout.log").read_bytes()
    assert logs["stderr"] == (tmp_path / "s1" / "stderr.log").read_bytes()


def test_a_client_that_comes_back_gets_what_it_has_not_seen(client: httpx.Client, session: str) -> None:
    events = replayed(client, session)
    for number, event in enumerate(events[:-1]):
        resumed, *rest = replayed(client, session, seen=event.id)
        assert (resumed.event, resumed.id) == ("replay_resumed", event.id)
        assert resumed.json()["replay_id"]
        assert [(e.id, e.event, e.data) for e in rest] == [(e.id, e.event, e.data) for e in events[number + 1 :]]
        assert resumed.retry


def test_a_client_that_has_seen_the_end_gets_no_more(client: httpx.Client, session: str) -> None:
    last = replayed(client, session)[-1].id
    response = client.get(f"/api/replay/session/{session}", headers={"Last-Event-ID": last})
    assert response.status_code == 204
    assert not response.content


def test_an_id_of_something_else_is_refused(client: httpx.Client, session: str) -> None:
    response = client.get(f"/api/replay/session/{session}", headers={"Last-Event-ID": "live-5"})
    assert response.status_code == 400
    assert "'live-5'" in response.json()["error"]["message"]


def test_the_document_holds_the_same_events(client: httpx.Client, session: str) -> None:
    document = client.get(f"/api/replay/session/{session}", params={"format": "json"}).json()
    stream = [{"event": event.event, **event.json()} for event in replayed(client, session)[1:-1]]
    assert document["events"] == stream
    assert document["duration_seconds"] == 2.0
    assert document["session"]["session_id"] == session


def test_a_document_without_events_is_json(client: httpx.Client, database: SampleDatabase, tmp_path: Path) -> None:
    record(database, tmp_path / "s1", [], end=None)
    database.connection.execute("DELETE FROM process_state_changes")
    document = client.get("/api/replay/session/last", params={"format": "json"}).json()
    assert document["events"] == []


def test_a_recording_that_is_gone_is_not_found(client: httpx.Client, database: SampleDatabase, tmp_path: Path) -> None:
    database.session("s1", recording_path=str(tmp_path / "gone"))
    response = client.get("/api/replay/session/s1")
    assert response.status_code == 404
    assert response.json()["error"]["kind"] == "recording_not_found"
    assert response.json()["error"]["hint"]


def test_a_damaged_recording_ends_with_an_error_that_is_not_tried_again(
    client: httpx.Client, session: str, tmp_path: Path
) -> None:
    (tmp_path / session / "stderr.log").write_bytes(b"")
    events = replayed(client, session)
    assert [event.event for event in events] == ["session_start", "state_change", "output", "replay_error"]
    assert events[-1].json()["error"]["kind"] == "recording_damaged"
    again = client.get(f"/api/replay/session/{session}", headers={"Last-Event-ID": events[-1].id})
    assert again.status_code == 500
    assert again.json()["error"]["kind"] == "recording_damaged"


class VirtualClock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.woken: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def wait(self, _: Alarm, seconds: float) -> None:
        self.now += seconds
        self.woken.append(round(self.now - 100.0, 6))


@pytest.mark.parametrize(
    ("params", "woken"),
    [
        ({"speed": "1"}, [0.5, 1.0, 2.0]),
        ({"speed": "2"}, [0.25, 0.5, 1.0]),
        ({"speed": "5"}, [0.1, 0.2, 0.4]),
        ({"speed": "0.5"}, [1.0, 2.0, 4.0]),
        ({"speed": "2", "from": "0.75"}, [0.125, 0.625]),
        ({"speed": "1", "idle_limit": "0.25"}, [0.25, 0.5, 0.75]),
        ({"speed": "2", "idle_limit": "0.6", "from": "0.1"}, [0.2, 0.45, 0.75]),
    ],
)
def test_events_are_sent_when_they_are_due(
    database: SampleDatabase, session: str, params: dict[str, str], woken: list[float]
) -> None:
    clock = VirtualClock()
    with running(Settings(database.path, "1.2.3", monotonic=clock.monotonic, wait=clock.wait)) as client:
        replayed(client, session, params)
    assert clock.woken == woken


def test_a_client_that_comes_back_goes_on_at_the_time_it_was_cut_off(database: SampleDatabase, session: str) -> None:
    clock = VirtualClock()
    with running(Settings(database.path, "1.2.3", monotonic=clock.monotonic, wait=clock.wait)) as client:
        replayed(client, session, {"speed": "1"}, seen="2")
    assert clock.woken == [0.5, 1.5]


def test_a_silent_stream_says_that_it_lives(database: SampleDatabase, tmp_path: Path) -> None:
    record(database, tmp_path / "s1", [Read(3_600_000_000, b"an hour later")], end=None)
    settings = Settings(database.path, "1.2.3", heartbeat=0.01)
    with running(settings) as client, client.stream("GET", "/api/replay/session/s1") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert next(line for line in response.iter_lines() if line.startswith(":")) == ": heartbeat"


@pytest.mark.anyio
async def test_the_work_ends_when_the_client_goes() -> None:
    closed = []
    sent: list[Any] = []

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"data: x\n\n"
                await asyncio.sleep(0)
        finally:
            closed.append(True)

    async def receive() -> dict[str, str]:
        await asyncio.sleep(0)
        return {"type": "http.disconnect" if len(sent) > 2 else "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    response = EventStream(endless(), Settings(Path("unused"), "1.2.3"), asyncio.Event(), nullcontext)
    await response({"type": "http", "method": "GET", "headers": []}, receive, send)
    assert closed == [True]


def test_events_are_one_line_each_for_any_reader(client: httpx.Client, session: str) -> None:
    with client.stream("GET", f"/api/replay/session/{session}", params=AT_ONCE) as response:
        text = response.read().decode()
    data = [line for line in text.splitlines() if line.startswith("data: ")]
    assert len(data) == 7
    assert all(json.loads(line.removeprefix("data: ")) for line in data)
