"""What running agents print, told live: whoever comes back goes on where it stood, nothing lost and nothing twice."""

import base64
import random
import threading
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from httpx_sse import ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

from api.context import Settings
from api.live_cursor import MAX_SESSIONS, LiveCursor
from data.changes import Cursor
from live_listener import Listener, listening, told
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, header, moment, record, store
from stream.recording import RecordingWriter

NUMBERS = st.integers(0, 10**15)


def printed(events: Iterable[ServerSentEvent]) -> dict[tuple[str, str], bytes]:
    """By session and stream."""
    found: dict[tuple[str, str], bytes] = defaultdict(bytes)
    for event in events:
        if event.event == "output":
            data = event.json()
            text = data["data"]
            decoded = base64.b64decode(text) if data.get("encoding") == "base64" else text.encode()
            found[data["session_id"], data["stream"]] += decoded
    return dict(found)


def until(listener: Listener, name: str, session_id: str) -> list[ServerSentEvent]:
    """Everything up to this event of this session."""
    events: list[ServerSentEvent] = []
    while not events or events[-1].event != name or session_id not in str(events[-1].json()):
        events += listener.take(1)
    return events


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), st.none() | st.dictionaries(NUMBERS, NUMBERS, max_size=150))
def test_a_cursor_says_what_it_says_as_text(rows: tuple[int, int, int, int], output: dict[int, int] | None) -> None:
    kept = None if output is None else {session: output[session] for session in sorted(output)[-MAX_SESSIONS:]}
    assert LiveCursor.parse(str(LiveCursor(Cursor(*rows), output))) == LiveCursor(Cursor(*rows), kept)


@pytest.mark.parametrize(
    "output", ["1", "1:", "1:2:3", "1:2,", "-1:2", "a:2", "1:" + "2" * 20, "~", "1:2," * 100 + "1:2"]
)
def test_an_id_of_something_else_is_refused(client: httpx.Client, output: str) -> None:
    seen = f"1.2.3.4~{output}"
    response = client.get("/api/live", params={"output": "true"}, headers={"Last-Event-ID": seen})
    assert response.status_code == 400
    assert repr(seen) in response.json()["error"]["message"]


def test_who_comes_back_is_told_what_was_printed_meanwhile(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    with RecordingWriter(tmp_path / "old", header("old")) as old:
        old.output("stdout", b"before anybody listened caf\xc3", 100)
        store(database, tmp_path / "old", end=None)
        with listening(client, output="true") as listener:
            old.output("stdout", b"\xa9 one\n", 200)
            old.output("stderr", b"\xf0\x9f", 210)
            first = listener.take(1)
            assert printed(first) == {("old", "stdout"): "é one\n".encode()}
        old.output("stdout", b"two\n", 300)
        old.output("stderr", b"\x98\x80\n", 310)
        database.event("old", timestamp=moment(320), matched_value="a row")
        with listening(client, listener.seen, output="true") as listener:
            old.output("stdout", b"three\n", 400)
            events = listener.take(4)
            assert told([event for event in events if event.event != "output"]) == [("extraction", "a row")]
            assert printed(events) == {("old", "stdout"): b"two\nthree\n", ("old", "stderr"): "😀\n".encode()}
        assert printed(first).keys() == {("old", "stdout")}


def test_sessions_that_began_and_ended_meanwhile_are_told_whole(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    with RecordingWriter(tmp_path / "old", header("old")) as old:
        old.output("stdout", b"before\n", 100)
        store(database, tmp_path / "old", end=None)
        with listening(client, output="true") as listener:
            seen = listener.seen
        old.output("stdout", b"the rest\n", 200)
        old.finish(0, 300)
    database.state("old", "completed", timestamp=moment(300), exit_code=0)
    database.connection.execute("UPDATE process_sessions SET ended_at = ?", (moment(300),))
    record(database, tmp_path / "short", [Read(10, b"all of it\n"), Read(20, b"and this\n", "stderr")], end=30)
    record(database, tmp_path / "other", [Read(10, b"of nobody's interest\n")], end=30, agent="claude")
    expected = {
        ("old", "stdout"): b"the rest\n",
        ("short", "stdout"): b"all of it\n",
        ("short", "stderr"): b"and this\n",
        ("other", "stdout"): b"of nobody's interest\n",
    }
    with listening(client, seen, output="true") as listener:
        events = until(listener, "session_end", "other")
    assert printed(events) == expected
    assert LiveCursor.parse(events[-1].id).output == {}, "nothing more is to be told of sessions that have ended"
    # Cut off behind any event, the rest is told to who comes back behind it.
    for place, event in enumerate(events[:-1]):
        with listening(client, event.id, output="true") as listener:
            rest = events[place + 1 :]
            again = listener.take(len(rest))
        assert [(each.event, each.data, each.id) for each in again] == [
            (each.event, each.data, each.id) for each in rest
        ]
    with listening(client, seen, output="true", session="short") as listener:
        assert printed(until(listener, "session_end", "short")).keys() == {("short", "stdout"), ("short", "stderr")}


def test_the_end_of_a_session_is_told_behind_all_that_it_printed(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    line = b"x" * 999 + b"\n"
    with listening(client, output="true") as listener:
        record(database, tmp_path / "loud", [Read(number, line * 50) for number in range(200)], end=300)
        events = until(listener, "session_end", "loud")
    assert len(printed(events)["loud", "stdout"]) == 200 * 50 * len(line)


def test_a_recording_that_is_gone_or_another_one_is_passed_over(
    client: httpx.Client, database: SampleDatabase, tmp_path: Path
) -> None:
    record(database, tmp_path / "here", [Read(1, b"four"), Read(2, b"five5")], end=None)
    database.session("gone", recording_path=str(tmp_path / "nowhere"))
    with listening(client, "0.0.0.2~1:6,2:17", output="true") as listener, ExitStack() as stack:
        writer = stack.enter_context(RecordingWriter(tmp_path / "later", header("later")))
        writer.output("stdout", b"goes on\n", 5)
        store(database, tmp_path / "later", end=None)
        events = until(listener, "session_start", "later")
    assert printed(events) == {("later", "stdout"): b"goes on\n"}


def test_between_servers_no_byte_is_lost_or_doubled(database: SampleDatabase, tmp_path: Path) -> None:
    source = random.Random(7)
    written: dict[tuple[str, str], bytes] = defaultdict(bytes)
    stop = threading.Event()

    def write() -> None:
        other = SampleDatabase(database.path)
        for number in range(10_000):
            if stop.is_set():
                break
            directory = tmp_path / f"run{number:04}"
            with RecordingWriter(directory, header(directory.name)) as writer:
                store(other, directory, end=None)
                for step in range(source.randrange(1, 30)):
                    stream = source.choice(["stdout", "stdout", "stderr"])
                    data = source.choice(
                        [b"a line\n", "é😀".encode()[:3], "é😀".encode()[3:], b"\xff\n", b"y" * 70_000]
                    )
                    writer.output(stream, data, step)
                    written[directory.name, stream] += data
                    stop.wait(0.001)
                writer.output("stdout", b"end\n", 1000)
                writer.output("stderr", b"end\n", 1000)
                for stream in ("stdout", "stderr"):
                    written[directory.name, stream] += b"end\n"
                writer.finish(0, 1000)
            other.event(directory.name, timestamp=moment(1000))
            other.state(directory.name, "completed", timestamp=moment(1000), exit_code=0)
            other.connection.execute(
                "UPDATE process_sessions SET ended_at = ? WHERE session_id = ?", (moment(1000), directory.name)
            )
        other.close()

    settings = Settings(database.path, "1.2.3")
    events: list[ServerSentEvent] = []
    with running(settings) as client, listening(client, output="true") as listener:
        seen = listener.seen
    thread = threading.Thread(target=write)
    thread.start()
    try:
        for count in (1, 30, 7, 200, 2, 60):
            with running(settings) as client:
                for part in (count, 3):
                    with listening(client, seen, output="true") as listener:
                        events += listener.take(part)
                        seen = listener.seen
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
    last = max(written)[0]
    with running(settings) as client, listening(client, seen, output="true") as listener:
        events += until(listener, "session_end", last)
    assert printed(events) == dict(written)
    rows = [event.json()["id"] for event in events if event.event == "extraction"]
    assert rows == list(range(1, len(rows) + 1))
