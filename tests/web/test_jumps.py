"""Jumps lead to the event that was meant: also among several of one moment, and before the page has read them all."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from api.context import Settings
from browsing import Viewer, Watch
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, record
from session_sample import PTY, SECOND, add

LINK = b"\x1b]8;;https://example.com/a\x1b\\the report\x1b]8;;\x1b\\"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("jumps")
    database = SampleDatabase(folder / "wrapper.db")
    reads = [Read(0, b"see " + LINK), Read(10 * SECOND, b"\r\nten"), Read(20 * SECOND, b"\r\ntwenty")]
    record(database, folder / "s1", reads, end=30 * SECOND, **PTY)
    for number in range(1, 4):
        add(database, "s1", 10, "error", f"error {number} of 3")
    add(database, "s1", 10, "tool_use", "make")
    add(database, "s1", 20, "error", "the last error")
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    database.close()


def current(page: Page, text: str) -> None:
    expect(page.locator('#events [aria-selected="true"] .text')).to_have_text(text)


def test_of_several_events_at_a_moment_the_one_that_was_meant_is_marked(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=5")
    expect(page.locator("#session")).to_have_attribute("data-state", "paused")
    for text in ("error 1 of 3", "error 2 of 3", "error 3 of 3", "the last error"):
        page.locator("#next-error").click()
        current(page, text)
    page.locator("#previous-error").click()
    current(page, "error 3 of 3")
    page.locator("#events .row", has_text="error 2 of 3").click()
    current(page, "error 2 of 3")
    page.keyboard.press(".")
    current(page, "error 3 of 3")


def test_a_jump_waits_for_the_events(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer("about:blank")
    held: list[Route] = []
    page.route("**/outline", lambda route: held.append(route))  # noqa: PLW0108 (a builtin is refused)
    page.goto(f"{client.base_url}/sessions/s1?t=5")
    expect(page.locator("#session")).to_have_attribute("data-state", "paused")
    page.locator("#next-error").click()
    page.keyboard.press("e")
    held[0].continue_()
    current(page, "error 2 of 3")
    expect(page.locator("#position")).to_have_text("0:10")


def test_events_that_cannot_be_read_are_said_and_the_terminal_plays(
    client: httpx.Client, viewer: Viewer, watch: Watch
) -> None:
    watch.expected = ("503",)
    page = viewer("about:blank")
    page.route("**/outline", lambda route: route.fulfill(status=503))
    page.goto(f"{client.base_url}/sessions/s1?t=25")
    expect(page.locator("#no-events")).to_contain_text("The events cannot be read.")
    expect(page.locator("#screen .xterm-rows")).to_contain_text("twenty")
