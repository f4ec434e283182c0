"""Other people's programs take what we give: players, validators, readers of server-sent events."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pexpect
import pytest
from haralyzer import HarParser
from httpx_sse import connect_sse

from program import TIMEOUT, Place, serving, unclaimed_port, wait_until

# Escapes, characters of several bytes, a line that is written over.
AGENT = r"""
printf '\033[31mError: red\033[0m\n'; sleep 0.2
printf 'caf\303\251 \342\234\223\nloading 1%%\rloading 99%%\n'; sleep 0.1
printf 'PASS all 3 tests\nwarning: last\n'; exit 3
"""
NPM_PACKAGES = ("eventsource@4", "har-validator@5")

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
EVENT_SOURCE = """
import { EventSource } from "eventsource";
const [url, ...names] = process.argv.slice(2);
const source = new EventSource(url);
for (const name of names)
  source.addEventListener(name, (event) =>
    console.log(JSON.stringify({ name, id: event.lastEventId, data: JSON.parse(event.data) })));
"""
VALIDATE_HAR = """
import { readFileSync } from "node:fs";
import validator from "har-validator";
validator.har(JSON.parse(readFileSync(process.argv[2], "utf8"))).then(
  () => console.log("valid"),
  (error) => { console.log(JSON.stringify(error.errors)); process.exit(1); });
"""


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which node finds the packages, and our scripts that use them."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"private": true}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", *NPM_PACKAGES]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert installed.returncode == 0, installed.stderr
    (folder / "event_source.mjs").write_text(EVENT_SOURCE)
    (folder / "validate_har.mjs").write_text(VALIDATE_HAR)
    return folder


@pytest.fixture
def recorded(place: Place) -> Place:
    """One session that has ended with status 3."""
    assert place.run("codex", "--enable-db", AGENT).returncode == 3
    return place


def export(place: Place, name: str, to: str) -> Path:
    exported = place.run("export", "last", "--format", name, "-o", to)
    assert (exported.returncode, exported.stderr) == (0, b"")
    return place.directory / to


def test_asciinema_plays_our_casts(recorded: Place) -> None:
    path = export(recorded, "cast", "session.cast")
    arguments = ["-m", "asciinema", "cat", str(path)]  # it wants a terminal
    with pexpect.spawn(sys.executable, arguments, env=recorded.environ, timeout=TIMEOUT) as player:
        shown = player.read()
    assert player.exitstatus == 0
    recording = (recorded.recording() / "stdout.log").read_bytes()
    assert shown.replace(b"\r\n", b"\n") == recording.replace(b"\r\n", b"\n")


@pytest.mark.skipif(shutil.which("scriptreplay") is None, reason="there is no scriptreplay")
def test_scriptreplay_plays_our_typescript(recorded: Place) -> None:
    folder = export(recorded, "typescript", "pair")
    command = ["scriptreplay", "--divisor", "100", "--log-out", "typescript", "--log-timing", "timing"]
    shown = subprocess.run(command, cwd=folder, capture_output=True, timeout=TIMEOUT, check=True)
    assert shown.stdout.strip() == (recorded.recording() / "stdout.log").read_bytes().strip()
    command = ["scriptreplay", "--summary", "--log-timing", "timing"]
    summary = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=True)
    assert "EXIT_CODE" in summary.stdout


def test_haralyzer_reads_our_archive(recorded: Place) -> None:
    archive = json.loads(export(recorded, "har", "session.har").read_text())
    parser = HarParser(archive)
    (page,) = parser.pages
    rows = recorded.query("SELECT COUNT(*) FROM extraction_events UNION ALL SELECT COUNT(*) FROM process_state_changes")
    assert len(page.entries) == sum(count for (count,) in rows)
    failed = [entry for entry in page.entries if entry.response.status == 500]
    assert [entry.response.text for entry in failed] == ["Error: red", "failed"]
    took = sum(entry.time for entry in page.entries)
    assert took == pytest.approx(archive["log"]["pages"][0]["pageTimings"]["onLoad"], rel=0.01)


@needs_node
def test_har_validator_takes_our_archive(recorded: Place, node_modules: Path) -> None:
    path = export(recorded, "har", "session.har")
    checked = subprocess.run(
        ["node", node_modules / "validate_har.mjs", path], capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert checked.stdout == "valid\n"


@contextmanager
def node_listening(node_modules: Path, url: str, *names: str) -> Iterator["Queue[dict[str, Any] | None]"]:
    """What a JavaScript EventSource is given; None when its process has ended."""
    command = ["node", str(node_modules / "event_source.mjs"), url, *names]
    given: Queue[dict[str, Any] | None] = Queue()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as node:

        def read() -> None:
            assert node.stdout is not None
            for line in node.stdout:
                given.put(json.loads(line))
            given.put(None)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            yield given
        finally:
            node.kill()
            reader.join(TIMEOUT)


REPLAY_NAMES = ("session_start", "output", "extraction", "state_change", "replay_complete")


@needs_node
def test_two_readers_see_the_same_replay_and_none_comes_back_after_its_end(recorded: Place, node_modules: Path) -> None:
    with serving(recorded) as address:
        url = f"{address}/api/replay/session/last?speed=10"
        with httpx.Client(timeout=TIMEOUT) as client, connect_sse(client, "GET", url) as source:
            expected = [(event.event, event.id, event.json()) for event in source.iter_sse()]
        with node_listening(node_modules, url, *REPLAY_NAMES) as given:
            found = []
            while (event := given.get(timeout=TIMEOUT)) is not None:
                found.append((event["name"], event["id"], event["data"]))
    for _, _, data in (expected[0], found[0]):
        assert data.pop("replay_id")
    assert found == expected
    assert found[-1][0] == "replay_complete"


@needs_node
def test_across_a_restart_of_the_server_two_readers_lose_and_repeat_nothing(place: Place, node_modules: Path) -> None:
    count = "SELECT COUNT(*) FROM extraction_events"
    loop = "for i in $(seq 200); do echo Error: $i; sleep 0.02; done"
    assert place.run("codex", "--enable-db", "true").returncode == 0
    with ExitStack() as stack:
        port = str(unclaimed_port())
        with serving(place, "--port", port) as address:
            url = f"{address}/api/live"
            names = ("live_start", "extraction", "goodbye")
            given = stack.enter_context(node_listening(node_modules, url, *names))
            first = given.get(timeout=TIMEOUT)
            agent = stack.enter_context(place.start("claude", "--enable-db", "--", "sh", "-c", loop))
            wait_until(lambda: place.query(count)[0][0] >= 20, "the first events")
        wait_until(lambda: place.query(count)[0][0] >= 100, "events that nobody serves")
        stack.enter_context(serving(place, "--port", port))
        events = [first]
        while sum(event is not None and event["name"] == "extraction" for event in events) < 200:
            events.append(given.get(timeout=TIMEOUT))
            assert events[-1] is not None
        again = read_again(url, events[0]["id"] if events[0] else "", 200)
        assert agent.wait(TIMEOUT) == 0
    told = [event for event in events if event is not None]
    values = [event["data"]["matched_value"] for event in told if event["name"] == "extraction"]
    assert values == again == [str(number) for number in range(1, 201)]
    assert [event["name"] for event in told if event["name"] != "extraction"] == ["live_start", "goodbye", "live_start"]


def read_again(url: str, seen: str, count: int) -> list[str]:
    """The values of the next events behind an id, by another reader."""
    headers = {"Last-Event-ID": seen}
    with (
        httpx.Client(timeout=TIMEOUT) as client,
        connect_sse(client, "GET", url, headers=headers, params={"type": "error"}) as source,
    ):
        events = source.iter_sse()
        assert next(events).event == "live_start"
        return [next(events).json()["matched_value"] for _ in range(count)]
