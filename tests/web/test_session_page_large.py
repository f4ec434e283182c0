"""A session with many events: the page holds what can be seen of them, and finds any of them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.context import Settings
from browsing import Viewer
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, moment, record

EVENTS = 50_000
HOUR = 3_600_000_000
MOST_ROWS = 60  # more cannot be seen at once


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("large")
    database = SampleDatabase(folder / "wrapper.db")
    record(database, folder / "s1", [Read(0, b"begins"), Read(HOUR, b" ends")], end=HOUR)
    types = ("tool_use", "error", "file_operation", "tool_use")
    rows = [
        ("codex", "s1", moment(HOUR * number // EVENTS), types[number % 4], "p", f"event {number}")
        for number in range(EVENTS)
    ]
    database.connection.executemany(
        """INSERT INTO extraction_events (agent_name, session_id, timestamp, event_type, pattern, matched_value)
           VALUES (?, ?, ?, ?, ?, ?)""",
        rows,
    )
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    database.close()


@pytest.fixture
def opened(client: httpx.Client, viewer: Viewer) -> Page:
    page = viewer(f"{client.base_url}/sessions/s1?t=1800")
    expect(page.locator("#types [data-type=error] .count")).to_have_text("12,500")
    expect(page.locator("#events .row").first).to_have_attribute("aria-setsize", str(EVENTS))
    return page


def text_of_current(page: Page) -> str:
    return page.locator('#events [aria-selected="true"] .text').inner_text()


def test_only_what_can_be_seen_is_in_the_page(opened: Page) -> None:
    assert 10 < opened.locator("#events .row").count() < MOST_ROWS
    expect(opened.locator("#events .row").first).to_have_attribute("aria-setsize", str(EVENTS))


def test_the_list_stands_where_the_terminal_stands(opened: Page) -> None:
    current = opened.locator('#events [aria-selected="true"] .text')
    expect(current).to_have_text("event 25000")
    expect(current).to_be_in_viewport()
    opened.keyboard.press("9")
    expect(current).to_have_text("event 45000")
    expect(current).to_be_in_viewport()
    opened.keyboard.press("e")
    expect(current).to_have_text("event 45001")


def test_the_list_leads_to_the_moment_though_it_was_behind_another_tab(opened: Page) -> None:
    opened.get_by_role("tab", name="Code").click()
    opened.keyboard.press("2")
    expect(opened.locator("#scrubber")).to_have_attribute("aria-valuenow", "720.0")
    opened.get_by_role("tab", name="Events").click()
    current = opened.locator('#events [aria-selected="true"] .text')
    expect(current).to_have_text("event 10000")
    expect(current).to_be_in_viewport()


def test_a_list_that_has_grown_since_it_was_shown_can_be_led_to_its_new_end(opened: Page) -> None:
    script = """async () => {
        const { Windowed } = await import("/static/session/windowed.js");
        const place = document.body.appendChild(document.createElement("div"));
        Object.assign(place, { id: "grown", className: "list" });
        place.style.cssText = "height: 200px; position: fixed; top: 0; left: 0; right: 0";
        const fill = (row, item) => (row.textContent = item);
        const list = new Windowed(place, { height: 20, make: () => document.createElement("div"), fill });
        const items = ["first"];
        list.show(items);
        for (let number = 1; number < 1000; number++) items.push(`item ${number}`);
        list.mark(900);
    }"""
    opened.evaluate(script)
    expect(opened.locator("#grown .row", has_text="item 900")).to_be_in_viewport()


def test_it_scrolls_to_its_end_and_back(opened: Page) -> None:
    rows = opened.locator("#events .row")
    opened.locator("#events").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(rows.last).to_have_text(f"59:59event {EVENTS - 1}")
    opened.locator("#events").evaluate("list => list.scrollTo(0, 0)")
    expect(rows.first).to_have_text("0:00event 0")
    assert rows.count() < MOST_ROWS


def test_arrows_move_through_the_list_and_the_terminal_follows(opened: Page) -> None:
    current = opened.locator('#events [aria-selected="true"] .text')
    expect(current).to_have_text("event 25000")
    opened.locator("#events").focus()
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("ArrowDown")
    expect(current).to_have_text("event 25002")
    expect(opened.locator("#scrubber")).to_have_attribute("aria-valuenow", "1800.1")


def test_commands_come_page_by_page(opened: Page) -> None:
    opened.get_by_role("tab", name="Commands").click()
    expect(opened.locator("#commands-list .row").first).to_have_attribute("aria-setsize", str(EVENTS // 2))
    assert opened.locator("#commands-list .row").count() < MOST_ROWS
