"""What is true of every page: it fits a phone and a wall, can be read by all in both colour schemes, and lies still."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.context import Settings
from browsing import Viewer, Watch, scrolls_sideways, serious_violations
from running_server import running
from sample_database import SampleDatabase
from session_sample import record_sample

LONG = "a-name-without-any-blank-" * 20
PAGES = {  # address and what is on it once it is there
    "overview": ("/", "#history tr"),
    "overview, nothing fits": ("/?agent=nobody", "#no-history"),
    "search": ("/search", "main input[type=search]"),
    "search, hits": ("/search?q=error", "#hits .hit"),
    "search, a long hit": (f"/search?q={LONG}", "#hits .hit"),
    "search, nothing found": (f"/search?q=no-{LONG}", "main [role=status]"),
    "search, not understood": ("/search?q=%22no+end", "main [role=alert]"),
    "session": ("/sessions/s1?t=30", "#session[data-state=paused] .xterm-rows"),
    "session, long names": ("/sessions/long", "#session .agent"),
    "no such page": (f"/{LONG}", "main h1"),
    "no such session": (f"/sessions/{LONG}", "main h1"),
    "not understood": (f"/?state={LONG}", "main h1"),
}
TABS = ("Events", "Code", "Commands", "Files", "Usage", "Facts")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("pages")
    database = SampleDatabase(folder / "wrapper.db")
    record_sample(database, folder)
    database.session("long", agent_name=LONG, command_json=[LONG], environment=LONG)
    database.event("long", matched_value=LONG, original_line=LONG, agent_name=LONG)
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    database.close()


@pytest.fixture(autouse=True)
def errors_are_pages_too(watch: Watch) -> None:
    watch.expected = ("400 (Bad Request)", "404 (Not Found)")


def there(page: Page, mark: str) -> None:
    expect(page.locator(mark).first).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_it_fits_a_phone_and_a_wall_and_can_be_read_by_all(client: httpx.Client, viewer: Viewer, name: str) -> None:
    address, mark = PAGES[name]
    for width, scheme in ((360, "light"), (2560, "dark")):
        page = viewer(f"{client.base_url}{address}", width=width, color_scheme=scheme)
        there(page, mark)
        assert not scrolls_sideways(page), width
        assert serious_violations(page) == [], scheme


def test_every_tab_of_a_session_fits_a_phone_and_can_be_read_by_all(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=30", width=360)
    there(page, PAGES["session"][1])
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        panel = page.get_by_role("tabpanel", name=tab)
        expect(panel).to_be_visible()
        expect(panel).not_to_have_attribute("aria-busy", "true")
        for colors in ("light", "dark"):
            page.emulate_media(color_scheme=colors)
            assert not scrolls_sideways(page), (tab, colors)
            assert serious_violations(page) == [], (tab, colors)


@pytest.mark.parametrize("width", [360, 390])
def test_a_terminal_of_80_columns_fits_a_phone(client: httpx.Client, viewer: Viewer, width: int) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=30", width=width)
    there(page, PAGES["session"][1])
    columns = page.locator("#session").get_attribute("data-columns")
    assert columns == "80"
    overflow = page.locator("#screen").evaluate("(element) => element.scrollWidth - element.clientWidth")
    assert overflow <= 0


@pytest.mark.parametrize("speed", ["0", "1000", "x"])
def test_a_speed_that_no_replay_takes_is_refused(client: httpx.Client, speed: str) -> None:
    assert client.get(f"/sessions/s1?speed={speed}").status_code == 400
    assert client.get("/sessions/s1?speed=2.0").status_code == 200


@pytest.mark.parametrize("name", ["overview", "search, hits", "session"])
def test_nothing_moves_by_itself_for_who_asked_for_that(client: httpx.Client, viewer: Viewer, name: str) -> None:
    address, mark = PAGES[name]
    page = viewer(f"{client.base_url}{address}", reduced_motion="reduce")
    there(page, mark)
    script = """() => [...document.querySelectorAll("*")]
        .flatMap((element) => [getComputedStyle(element), getComputedStyle(element, "::before")])
        .filter((style) => [style.transitionDuration, style.animationDuration]
            .some((times) => times.split(",").some((time) => parseFloat(time) > 0.001))).length"""
    assert page.evaluate(script) == 0


@pytest.mark.parametrize("name", ["overview", "search, hits", "session", "no such page"])
def test_the_keys_of_a_page_are_listed_on_it(client: httpx.Client, viewer: Viewer, name: str) -> None:
    address, mark = PAGES[name]
    page = viewer(f"{client.base_url}{address}")
    there(page, mark)
    page.keyboard.press("?")
    rows = page.get_by_role("dialog", name="Keys").locator("dl > div:not(.group)")
    listed = {"".join(row.locator("kbd").all_inner_texts()): row.locator("dd").inner_text() for row in rows.all()}
    expected = {"/": "Search", "go": "Overview", "gs": "Search page", "?": "These keys"}
    if name == "session":
        expected |= {
            "Space": "Play or pause",
            "←": "Back 5 seconds",
            "→": "On 5 seconds",
            "Shift+←": "Back 30 seconds",
            "Shift+→": "On 30 seconds",
            ",": "Previous event",
            ".": "Next event",
            "e": "Next error",
            "E": "Previous error",
            "<": "Slower",
            ">": "Faster",
            "f": "Follow a running session",
        }
        assert "tenths" in listed["0"]
    assert listed | expected == listed
    assert "" not in listed.values()


def test_who_wants_no_motion_is_told_of_loading_as_well(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer("about:blank", reduced_motion="reduce")
    page.route("**/api/replay/session/**", lambda _: None)
    page.route("**/s1/code?*", lambda _: None)
    page.goto(f"{client.base_url}/sessions/s1?t=30")
    expect(page.locator("#session")).to_have_attribute("data-state", "connecting")
    page.get_by_role("tab", name="Code").click()
    for place, part in ((".frame", "::after"), ("#panel-code", "::before")):
        shown = page.locator(place).evaluate("(element, part) => getComputedStyle(element, part).opacity", part)
        assert shown == "1", place
