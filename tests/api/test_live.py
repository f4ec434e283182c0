"""The live feed: committed rows of all sessions, once each, also for those who come back."""

import random
import socket
import threading
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from api.context import Settings
from live_listener import listening, told
from program import wait_until
from running_server import running
from sample_database import SampleDatabase
from sample_recording import header, moment, store
from stream.recording import RecordingWriter


def test_rows_come_as_they_are_committed_with_the_names_and_shapes_of_a_replay(
    client: httpx.Client, database: SampleDatabase
) -> None:
    database.event("one", matched_value="before anybody listened")
    with listening(client) as listener:
        database.session("one", started_at=moment(0))
        (start,) = listener.take(1)
        assert start.event == "session_start"
        assert start.json() == {"session": client.get("/api/query/session/one").json()["session"]}
        database.event("one", timestamp=moment(1_500_000), metadata_json={"line": 3}, matched_value="it")
        (extraction,) = listener.take(1)
        row = client.get("/api/query/extractions").json()["extractions"][0]
        assert extraction.event == "extraction"
        assert extraction.json() == {"t": 1.5} | row
        database.state("one", "completed", timestamp=moment(2_000_000), exit_code=0)
        state, end = listener.take(2)
        assert (state.event, state.json()["state"], state.json()["t"]) == ("state_change", "completed", 2.0)
        assert (end.event, end.json()["session"]["session_id"]) == ("session_end", "one")
        assert len({start.id, extraction.id, state.id, end.id}) == 4


def test_what_one_transaction_stored_comes_in_the_order_of_its_times(
    client: httpx.Client, database: SampleDatabase
) -> None:
    with listening(client) as listener:
        database.connection.execute("BEGIN")
        database.session("one", started_at=moment(0))
        database.state("one", "started", timestamp=moment(0))
        database.state("one", "completed", timestamp=moment(300))
        for number in (1, 2, 3):
            database.event("one", timestamp=moment(number * 50), matched_value=str(number))
        database.connection.execute("COMMIT")
        assert told(listener.take(7)) == [
            ("session_start", "one"),
            ("state_change", "started"),
            ("extraction", "1"),
            ("extraction", "2"),
            ("extraction", "3"),
            ("state_change", "completed"),
            ("session_end", "one"),
        ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {"agent": "codex"},
            [("session_start", "a"), ("extraction", "1"), ("state_change", "failed"), ("session_end", "a")],
        ),
        ({"session": "b"}, [("session_start", "b"), ("extraction", "2")]),
        ({"type": "git"}, [("extraction", "2")]),
        ({"agent": "codex", "type": "git"}, []),
    ],
)
@pytest.mark.parametrize("missed", [True, False])
def test_filters_let_through_the_same_live_and_afterwards(
    client: httpx.Client,
    database: SampleDatabase,
    params: dict[str, str],
    expected: list[tuple[str, str]],
    *,
    missed: bool,
) -> None:
    def happen() -> None:
        database.session("a", agent_name="codex", started_at=moment(0))
        database.event("a", agent_name="codex", timestamp=moment(1), matched_value="1")
        database.session("b", agent_name="claude", started_at=moment(2))
        database.event("b", agent_name="claude", timestamp=moment(3), event_type="git", matched_value="2")
        database.state("a", "failed", timestamp=moment(4))
        # What every filter here lets through, so that the test knows where to stop.
        for agent, session in (("codex", "b"), ("claude", "b")):
            database.event(session, agent_name=agent, timestamp=moment(5), event_type="git", matched_value="last")

    with listening(client, **params) as listener:
        if not missed:
            happen()
            events = listener.take(len(expected) + 1)
    if missed:
        happen()
        with listening(client, listener.seen, **params) as listener:
            events = listener.take(len(expected) + 1)
    assert told(events) == [*expected, ("extraction", "last")]


def test_who_comes_back_gets_what_was_missed_once(client: httpx.Client, database: SampleDatabase) -> None:
    with listening(client) as listener:
        database.event(matched_value="0")
        listener.take(1)
    for number in range(1, 2500):
        database.event(matched_value=str(number))
    with listening(client, listener.seen) as listener:
        database.event(matched_value="2500")
        assert [event.json()["matched_value"] for event in listener.take(2500)] == [str(n) for n in range(1, 2501)]


def test_between_two_servers_nothing_is_lost_or_doubled(database: SampleDatabase) -> None:
    stop = threading.Event()
    source = random.Random(5)

    def write() -> None:
        writer = SampleDatabase(database.path)
        writer.session("one")
        while not stop.is_set():
            writer.connection.execute("BEGIN IMMEDIATE")
            for _ in range(source.choice([1, 3, 700])):
                writer.event("one")
            writer.state("one", source.choice(["running", "completed"]), timestamp=moment(0))
            writer.connection.execute("COMMIT")
            stop.wait(0.002)
        writer.close()

    settings = Settings(database.path, "1.2.3")
    seen = ""
    found: dict[str, list[int]] = {"extraction": [], "state_change": [], "session_end": []}
    with running(settings) as client, listening(client) as listener:
        seen = listener.seen
    thread = threading.Thread(target=write)
    thread.start()
    try:
        for count in (1, 40, 2000, 5, 900):
            with running(settings) as client, listening(client, seen) as listener:
                for event in listener.take(count):
                    if event.event in found:
                        found[event.event].append(event.json().get("id", 0))
                seen = listener.seen
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    total = database.number("SELECT COUNT(*) FROM extraction_events")
    states = database.number("SELECT COUNT(*) FROM process_state_changes")
    ends = database.number("SELECT COUNT(*) FROM process_state_changes WHERE state = 'completed'")
    with running(settings) as client, listening(client, seen) as listener:
        left = total + states + ends - sum(map(len, found.values()))
        for event in listener.take(left):
            if event.event in found:
                found[event.event].append(event.json().get("id", 0))
    assert found["extraction"] == list(range(1, total + 1))
    assert found["state_change"] == list(range(1, states + 1))
    assert len(found["session_end"]) == ends


def test_a_database_that_was_made_anew_is_followed_from_its_end(client: httpx.Client, database: SampleDatabase) -> None:
    with listening(client, "9000.9000.9000.9000") as listener:
        database.event(matched_value="1")
        assert told(listener.take(1)) == [("extraction", "1")]


@pytest.mark.parametrize("seen", ["17", "1.2.3", "1.2.3.4.5", "a.b.c.d", "-1.0.0.0", "1" * 20 + ".0.0.0"])
def test_an_id_of_something_else_is_refused(client: httpx.Client, seen: str) -> None:
    response = client.get("/api/live", headers={"Last-Event-ID": seen})
    assert response.status_code == 400
    assert repr(seen) in response.json()["error"]["message"]


def test_output_of_running_agents_comes_on_request(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    with (
        RecordingWriter(tmp_path / "old", header("old")) as old,
        RecordingWriter(tmp_path / "new", header("new")) as new,
    ):
        old.output("stdout", b"before", 100)
        store(database, tmp_path / "old", end=None)
        with listening(client, output="true") as listener, listening(client) as without:
            database.event("old", timestamp=moment(150), matched_value="follows by now")
            listener.take(1)
            old.output("stdout", b"caf\xc3", 200)
            old.output("stdout", b"\xa9\n", 300)
            output = listener.take(1)
            output += listener.take(1) if output[0].json()["data"] != "café\n" else []
            assert "".join(event.json()["data"] for event in output) == "café\n"
            assert {event.json()["session_id"] for event in output} == {"old"}
            assert {event.id for event in output} == {listener.seen}
            new.output("stderr", b"from the start\n", 50)
            store(database, tmp_path / "new", end=None)
            events = listener.take(3)
            assert sorted(told(events)) == [
                ("output", "from the start\n"),
                ("session_start", "new"),
                ("state_change", "started"),
            ]
            assert told(without.take(3)) == [
                ("extraction", "follows by now"),
                ("session_start", "new"),
                ("state_change", "started"),
            ]


def test_a_silent_feed_says_that_it_lives(database: SampleDatabase) -> None:
    settings = Settings(database.path, "1.2.3", heartbeat=0.01)
    with running(settings) as client, client.stream("GET", "/api/live") as response:
        lines = response.iter_lines()
        assert next(line for line in lines if line.startswith(":")) == ": heartbeat"
        assert next(line for line in lines if line.startswith(":")) == ": heartbeat"


def test_who_listens_when_the_server_stops_is_told(database: SampleDatabase) -> None:
    with ExitStack() as stack:
        stopping = stack.enter_context(ExitStack())
        client = httpx.Client(timeout=30)
        stack.enter_context(client)
        client.base_url = stopping.enter_context(running(Settings(database.path, "1.2.3"))).base_url
        listener = stack.enter_context(listening(client))
        stopping.close()
        (goodbye,) = listener.rest()
    assert goodbye.event == "goodbye"
    assert goodbye.retry


def test_a_client_that_does_not_read_is_cut_off_and_holds_up_nobody(database: SampleDatabase) -> None:
    line = "x" * 4000
    with running(Settings(database.path, "1.2.3", send_timeout=3)) as client, listening(client) as reader:
        address = client.base_url.host, client.base_url.port
        with socket.create_connection(address, timeout=30) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.sendall(b"GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert deaf.recv(12) == b"HTTP/1.1 200"
            wait_until(lambda: 'stream="live"} 2.0' in client.get("/metrics").text, "two clients")
            written = 0
            while 'stream="live"} 2.0' in client.get("/metrics").text:
                database.connection.execute("BEGIN")
                for _ in range(200):
                    database.event(original_line=line)
                database.connection.execute("COMMIT")
                written += 200
                assert len(reader.take(200)) == 200
                assert written < 100_000
        assert client.get("/api/health").status_code == 200
