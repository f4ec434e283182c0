"""What a page says while something is on its way, and when it does not come."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from api.context import Settings
from browsing import Viewer, Watch, serious_violations
from running_server import running
from sample_database import SampleDatabase
from session_sample import record_sample


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("waiting")
    database = SampleDatabase(folder / "wrapper.db")
    record_sample(database, folder)
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    database.close()


def held(page: Page, pattern: str) -> list[Route]:
    """Requests that are not answered until they are let go."""
    routes: list[Route] = []
    page.route(pattern, lambda route: routes.append(route))  # noqa: PLW0108 (a builtin is refused)
    return routes


def test_a_list_says_that_its_events_are_being_read_and_then_shows_them(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer("about:blank")
    routes = held(page, "**/outline")
    page.goto(f"{client.base_url}/sessions/s1?t=30")
    events, progress = page.locator("#events"), page.get_by_role("progressbar", name="Reading the events")
    expect(events).to_have_attribute("aria-busy", "true")
    expect(progress).to_be_visible()
    said = "element => getComputedStyle(element, '::before').content"
    assert events.evaluate(said) == '"Reading the events…"'
    assert serious_violations(page) == []
    routes[0].continue_()
    expect(events).to_have_attribute("aria-busy", "false")
    expect(progress).to_be_hidden()
    expect(page.locator("#events .row")).to_have_count(10)
    assert events.evaluate(said) == "none"


def test_a_list_that_cannot_be_read_says_so_alone(client: httpx.Client, viewer: Viewer, watch: Watch) -> None:
    watch.expected = ("503",)
    page = viewer("about:blank")
    page.route("**/outline", lambda route: route.fulfill(status=503))
    page.goto(f"{client.base_url}/sessions/s1?t=30")
    expect(page.locator("#no-events")).to_contain_text("The events cannot be read.")
    expect(page.locator("#events")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#reading")).to_be_hidden()


def test_events_are_asked_for_once(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{client.base_url}/sessions/s1?t=30")
    expect(page.locator("#events .row")).to_have_count(10)
    assert sum(address.endswith("/outline") for address in asked) == 1


def test_a_tab_that_cannot_be_filled_says_so_and_is_filled_at_the_next_try(
    client: httpx.Client, viewer: Viewer, watch: Watch
) -> None:
    watch.expected = ("500",)
    page = viewer(f"{client.base_url}/sessions/s1?t=30")
    page.route("**/s1/code?*", lambda route: route.fulfill(status=500, body="{}"), times=1)
    tab, panel = page.get_by_role("tab", name="Code"), page.get_by_role("tabpanel", name="Code")
    tab.click()
    expect(panel.locator("p.empty")).to_contain_text("Choose the tab again to try again.")
    tab.click()
    expect(panel.locator("article")).to_have_count(2)
    expect(panel.locator("p.empty")).to_have_count(0)


def test_a_page_that_is_not_there_suggests_nothing_that_is_for_programs(client: httpx.Client) -> None:
    told = client.get("/sessions/none", headers={"Accept": "text/html"}).text
    assert "no session has the id" in told
    assert "/api/" not in told
