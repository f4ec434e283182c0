"""A browser has six connections for a server: none is held by a page that nobody sees, nor by what stands still."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from api.context import Settings
from browsing import Viewer, Watch
from program import wait_until
from running_server import running
from sample_database import SampleDatabase
from sample_recording import header, moment, store
from session_sample import PTY, SECOND, add, record_sample
from stream.recording import RecordingWriter

CONNECTIONS = 6  # that a browser has for a server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SampleDatabase]:
    """Of a session that has ended, `s1`."""
    sample = SampleDatabase(tmp_path / "wrapper.db")
    record_sample(sample, tmp_path)
    yield sample
    sample.close()


@pytest.fixture
def agent(database: SampleDatabase) -> Iterator[RecordingWriter]:
    """What `running`, a session that goes on, prints."""
    directory = database.path.parent / "running"
    with RecordingWriter(directory, header("running", **PTY)) as writer:
        writer.output("stdout", b"first", 0)
        store(database, directory, None)
        yield writer


@pytest.fixture
def client(database: SampleDatabase) -> Iterator[httpx.Client]:
    with running(Settings(database.path, "1.2.3")) as http:
        yield http


def holds(client: httpx.Client, connections: int) -> None:
    """Waits until as many streams are open as said, for all pages together."""

    def held() -> float:
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("wrapper_sse_clients{"))

    wait_until(lambda: held() == connections, f"{connections} open streams")


def turn(page: Page, *, hidden: bool) -> None:
    """What a browser does when another tab is chosen, or this one: without a window all pages count as seen."""
    page.evaluate(f"""() => {{
        Object.defineProperty(document, "hidden", {{ value: {str(hidden).lower()}, configurable: true }});
        document.dispatchEvent(new Event("visibilitychange"));
    }}""")


def state(page: Page, name: str) -> None:
    expect(page.locator("#session")).to_have_attribute("data-state", name)


def shows(page: Page, text: str) -> None:
    expect(page.locator("#screen .xterm-rows")).to_contain_text(text)


def test_an_overview_that_nobody_sees_holds_none_and_catches_up_when_it_is_seen(
    client: httpx.Client, database: SampleDatabase, viewer: Viewer
) -> None:
    page = viewer(str(client.base_url))
    expect(page.locator("#connection")).to_have_text("Live")
    holds(client, 1)
    turn(page, hidden=True)
    holds(client, 0)
    database.session("meanwhile", state="completed", ended_at=moment(SECOND))
    turn(page, hidden=False)
    expect(page.locator("#history tr")).to_have_count(2)
    database.session("afterwards", state="completed", ended_at=moment(SECOND))
    expect(page.locator("#history tr")).to_have_count(3)
    holds(client, 1)


def test_a_running_session_that_nobody_sees_holds_none_and_misses_nothing(
    client: httpx.Client, database: SampleDatabase, agent: RecordingWriter, viewer: Viewer
) -> None:
    page = viewer(f"{client.base_url}/sessions/running")
    shows(page, "first")
    holds(client, 2)
    turn(page, hidden=True)
    holds(client, 0)
    agent.output("stdout", b"\r\nsecond", SECOND)
    add(database, "running", 1, "error", "boom")
    database.state("running", "paused", timestamp=moment(SECOND))
    turn(page, hidden=False)
    shows(page, "second")
    expect(page.locator("#follow")).to_be_checked()
    expect(page.locator("#events .row")).to_have_count(1)
    expect(page.locator("#state")).to_have_text("paused")
    expect(page.locator("#states .state")).to_have_text(["started", "paused"])
    database.state("running", "resumed", timestamp=moment(2 * SECOND))
    expect(page.locator("#states .state")).to_have_text(["started", "paused", "resumed"])
    agent.output("stdout", b"\r\nthird", 3 * SECOND)
    shows(page, "third")
    holds(client, 2)


def test_a_session_that_has_ended_holds_one_while_it_plays_alone(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=30.5")
    shows(page, "second 30")
    holds(client, 0)
    state(page, "paused")
    page.locator("#next-error").click()
    shows(page, "second 40")
    holds(client, 0)
    page.keyboard.press("0")
    expect(page.locator("#screen .xterm-rows")).not_to_contain_text("second 1")
    page.keyboard.press(">")
    page.locator("#play").click()
    shows(page, "second 1")
    holds(client, 1)
    page.locator("#play").click()
    state(page, "paused")
    holds(client, 0)


def test_who_jumps_to_the_end_begins_anew_with_the_next_play(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=30.5")
    state(page, "paused")
    holds(client, 0)
    page.keyboard.press("Shift+ArrowRight")
    state(page, "ended")
    page.keyboard.press(" ")
    state(page, "playing")
    expect(page.locator("#screen .xterm-rows")).not_to_contain_text("second 2")


def test_a_replay_stands_still_while_nobody_sees_it(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=30.5")
    state(page, "paused")
    page.keyboard.press(" ")
    shows(page, "second 31")
    turn(page, hidden=True)
    holds(client, 0)
    stands = page.locator("#scrubber").get_attribute("aria-valuenow")
    turn(page, hidden=False)
    state(page, "playing")
    assert stands is not None
    shows(page, f"second {int(float(stands)) + 1}")


def test_a_connection_is_held_until_what_was_asked_of_it_is_answered(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=30.5")
    state(page, "paused")
    holds(client, 0)
    held: list[Route] = []
    page.route("**/control/**", lambda route: held.append(route))  # noqa: PLW0108 (a builtin is refused)
    page.keyboard.press(" ")
    shows(page, "second 31")
    with page.expect_request("**/control/**"):
        page.keyboard.press(">")
    turn(page, hidden=True)
    state(page, "hidden")
    with page.expect_response("**/control/**") as answer:
        held[0].continue_()
    assert answer.value.status == 200
    holds(client, 0)


def test_a_click_asks_for_its_moment_once(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=30.5")
    state(page, "paused")
    holds(client, 0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    line = page.locator("#scrubber").bounding_box()
    assert line is not None
    # Both in one turn of the page, as on a machine that is slow to answer.
    page.locator("#scrubber").evaluate(
        """(line, at) => {
            line.setPointerCapture = () => {};
            for (const type of ["pointerdown", "pointerup"]) line.dispatchEvent(new PointerEvent(type, at));
        }""",
        {"button": 0, "clientX": line["x"] + line["width"] * 0.75, "clientY": line["y"]},
    )
    shows(page, "second 44")
    state(page, "paused")
    holds(client, 0)
    assert not [url for url in asked if "/control/" in url]


@pytest.mark.usefixtures("agent")
def test_a_page_that_was_opened_in_the_background_holds_none_until_it_is_seen(
    client: httpx.Client, viewer: Viewer
) -> None:
    page = viewer("about:blank")
    page.add_init_script("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/", "/sessions/running"):
        page.goto(f"{client.base_url}{address}", wait_until="networkidle")
    assert not [url for url in asked if "/api/live" in url or "/api/replay/session" in url]
    state(page, "hidden")
    turn(page, hidden=False)
    shows(page, "first")
    holds(client, 2)


def test_more_hits_of_a_search_can_be_open_than_there_are_connections(
    client: httpx.Client, viewer: Viewer, watch: Watch
) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=1")
    for second in range(2, CONNECTIONS + 2):
        shows(page, f"second {second - 1}")
        page = page.context.new_page()
        watch.follow(page)
        page.goto(f"{client.base_url}/sessions/s1?t={second}")
    shows(page, f"second {second}")
