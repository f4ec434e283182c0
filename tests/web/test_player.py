"""The player: time goes on, stands still, jumps; by mouse and by keys; the address tells where it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.context import Settings
from browsing import Viewer, Watch
from program import Place, serving, unclaimed_port, wait_until
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, record
from session_sample import LENGTH, SECOND, record_sample


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("player")
    database = SampleDatabase(folder / "wrapper.db")
    record_sample(database, folder)
    silence = [Read(0, b"before"), Read(3600 * SECOND, b" after")]
    record(database, folder / "silent", silence, end=3600 * SECOND)
    record(database, folder / "pipes", [Read(0, b"one\ntwo\n"), Read(SECOND, b"three", "stderr")], end=2 * SECOND)
    own: dict[str, Any] = {"mode": ("pipe", "pipe", "pty"), "columns": 80, "rows": 24}
    errors = [Read(0, b"one\n", "stderr"), Read(SECOND, b"two\nthree", "stderr")]
    record(database, folder / "stderr-alone", errors, end=2 * SECOND, **own)
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    database.close()


@pytest.fixture
def opened(client: httpx.Client, viewer: Viewer) -> Page:
    page = viewer(f"{client.base_url}/sessions/s1?t=30.5")
    state(page, "paused")
    shows(page, 30)
    expect(page.locator("#events .row")).to_have_count(10)
    return page


def state(page: Page, name: str) -> None:
    expect(page.locator("#session")).to_have_attribute("data-state", name)


def shows(page: Page, second: int) -> None:
    rows = page.locator("#screen .xterm-rows")
    expect(rows).to_contain_text(f"second {second}")
    expect(rows).not_to_contain_text(f"second {second + 1}")


def place_of(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_link_opens_at_its_moment(opened: Page) -> None:
    assert place_of(opened) == {"t": "30.5"}
    expect(opened.locator("#position")).to_have_text("0:30")
    expect(opened.locator("#duration")).to_have_text("1:00")
    expect(opened.locator("#scrubber")).to_have_attribute("aria-valuenow", "30.5")


def test_without_a_moment_the_end_is_shown_and_play_begins_anew(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1")
    state(page, "ended")
    shows(page, LENGTH - 1)
    page.get_by_role("button", name="Play", exact=True).click()
    state(page, "playing")
    expect(page.locator("#screen .xterm-rows")).not_to_contain_text(f"second {LENGTH - 1}")
    expect(page.locator("#screen .xterm-rows")).to_contain_text("second 0")


def test_ten_times_as_fast_it_comes_to_the_end(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=0&speed=10")
    state(page, "paused")
    page.get_by_role("button", name="Play", exact=True).click()
    state(page, "playing")
    state(page, "ended")
    shows(page, LENGTH - 1)
    assert place_of(page) == {"t": "60", "speed": "10"}


def test_paused_it_stands_still_and_goes_on_from_there(opened: Page) -> None:
    opened.get_by_role("button", name="Play", exact=True).click()
    expect(opened.locator("#screen .xterm-rows")).to_contain_text("second 31")
    opened.get_by_role("button", name="Pause", exact=True).click()
    state(opened, "paused")
    stands = place_of(opened)["t"]
    assert 31 <= float(stands) < LENGTH
    shows(opened, int(float(stands)))
    opened.locator("#speeds button[value='10']").click()
    assert place_of(opened) == {"t": stands, "speed": "10"}
    opened.get_by_role("button", name="Play", exact=True).click()
    state(opened, "ended")


def test_keys_lead_everywhere(opened: Page) -> None:
    expected = [
        ("ArrowRight", 35.5),
        ("Shift+ArrowLeft", 5.5),
        ("ArrowLeft", 0.5),
        ("Shift+ArrowRight", 30.5),
        ("5", 30.0),
        ("9", 54.0),
        ("0", 0.0),
        (".", 5.001),
        (".", 10.001),
        (",", 5.001),
        ("e", 10.001),
        ("e", 20.001),
        ("e", 40.001),
        ("Shift+E", 20.001),
    ]
    for key, seconds in expected:
        opened.keyboard.press(key)
        assert float(place_of(opened)["t"]) == pytest.approx(seconds, abs=0.002), key
        shows(opened, int(seconds))
    opened.keyboard.press("Shift+>")
    opened.keyboard.press("Shift+>")
    expect(opened.locator("#speeds button[value='5']")).to_have_attribute("aria-pressed", "true")
    opened.keyboard.press("Shift+<")
    assert place_of(opened)["speed"] == "2"
    opened.keyboard.press(" ")
    state(opened, "playing")
    opened.keyboard.press(" ")
    state(opened, "paused")


def test_the_keys_are_listed(opened: Page) -> None:
    opened.keyboard.press("?")
    expect(opened.locator("#keys")).to_contain_text("Play or pause")
    expect(opened.locator("#keys")).to_contain_text("Next error")


def test_the_list_of_keys_is_shown_from_its_start_on_a_phone(opened: Page) -> None:
    opened.set_viewport_size({"width": 360, "height": 500})
    opened.keyboard.press("?")
    expect(opened.locator("#keys-title")).to_be_in_viewport(ratio=1)


def test_clicks_and_drags_on_the_line_of_time_lead_there(opened: Page) -> None:
    line = opened.locator("#scrubber").bounding_box()
    assert line is not None
    middle = line["y"] + line["height"] / 2
    opened.mouse.click(line["x"] + line["width"] * 0.25, middle)
    shows(opened, 15)
    opened.mouse.move(line["x"] + line["width"] * 0.25, middle)
    opened.mouse.down()
    for share in range(26, 76):
        opened.mouse.move(line["x"] + line["width"] * share / 100, middle)
    opened.mouse.up()
    shows(opened, 45)
    assert float(place_of(opened)["t"]) == pytest.approx(45, abs=0.2)
    expect(opened.locator("#scrubber .tip")).to_be_visible()


def test_buttons_jump_between_errors(opened: Page) -> None:
    opened.locator("#next-error").click()
    shows(opened, 40)
    opened.locator("#previous-error").click()
    shows(opened, 20)


def test_silence_is_skipped_unless_one_wants_it(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/silent?t=0&speed=10")
    state(page, "paused")
    page.get_by_role("button", name="Play", exact=True).click()
    state(page, "ended")
    expect(page.locator("#screen .xterm-rows")).to_contain_text("before after")
    page.get_by_label("Skip idle").uncheck()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#position")).not_to_have_text("0:00")
    state(page, "playing")
    expect(page.locator("#screen .xterm-rows")).not_to_contain_text("after")


@pytest.mark.parametrize("session", ["pipes", "stderr-alone"])
def test_lines_that_end_with_lf_alone_begin_at_the_left(client: httpx.Client, viewer: Viewer, session: str) -> None:
    page = viewer(f"{client.base_url}/sessions/{session}?t=0&speed=10")
    state(page, "paused")
    page.keyboard.press(" ")
    state(page, "ended")
    rows = page.locator("#screen .xterm-rows > div")
    assert [text.replace("\u00a0", " ").rstrip() for text in rows.all_inner_texts()[:3]] == ["one", "two", "three"]


def test_a_link_to_the_moment_can_be_copied(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=7.25", permissions=["clipboard-read", "clipboard-write"])
    state(page, "paused")
    page.get_by_role("button", name="Copy link").click()
    script = "() => navigator.clipboard.readText()"
    assert wait_until(lambda: page.evaluate(script), "the link") == f"{client.base_url}/sessions/s1?t=7.25"


def test_a_server_that_went_away_is_told_and_found_again(place: Place, viewer: Viewer, watch: Watch) -> None:
    watch.expected = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET")
    place.run("codex", "--enable-db", "--", "sh", "-c", "echo here")
    port = str(unclaimed_port())
    with serving(place, "--port", port) as address:
        page = viewer(f"{address}/sessions/last?t=0")
        state(page, "paused")
    page.keyboard.press(" ")
    expect(page.locator("#connection")).to_have_text("Connection lost, trying again…")
    with serving(place, "--port", port):
        expect(page.locator("#screen .xterm-rows")).to_contain_text("here")


def test_a_session_that_was_removed_says_so(viewer: Viewer, place: Place, site: str, watch: Watch) -> None:
    watch.expected = ("404 (Not Found)",)
    place.run("codex", "--enable-db", "--", "sh", "-c", "echo first; sleep 0.1; echo second")
    page = viewer(f"{site}/sessions/last")
    state(page, "ended")
    session = page.locator("#session").get_attribute("data-session")
    assert session is not None
    place.run("rm", session)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#overlay")).to_have_text("This session was removed.")
    state(page, "gone")
    expect(page.locator("#connection")).to_have_text("")
