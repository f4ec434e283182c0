"""The page of a session beside its terminal: what happened, in step with the replay; code, commands, files, exports."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.context import Settings
from browsing import Viewer, scrolls_sideways
from program import Place
from running_server import running
from sample_database import SampleDatabase
from sample_recording import moment, record
from session_sample import CODE, SECOND, add, record_sample


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("sessions")
    database = SampleDatabase(folder / "wrapper.db")
    record_sample(database, folder)
    record(database, folder / "bare", [], end=SECOND)
    record(database, folder / "gone", [], end=SECOND)
    for path in (folder / "gone").iterdir():
        path.unlink()
    database.block("bare", CODE, timestamp=moment(SECOND // 2), line_start=1)
    reason = f"unexpected status 401: {'no such key ' * 20}"
    ended = {"state": "failed", "ended_at": moment(SECOND), "exit_code": 1}
    database.session("refused", **ended, verdict="failed", verdict_reason=reason)
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    database.close()


@pytest.fixture
def opened(client: httpx.Client, viewer: Viewer) -> Page:
    page = viewer(f"{client.base_url}/sessions/s1?t=0", permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("#events .row")).to_have_count(10)
    expect(page.locator("#session")).to_have_attribute("data-state", "paused")
    return page


def at(page: Page, seconds: float) -> None:
    expect(page.locator("#position")).to_have_text(f"{int(seconds) // 60}:{int(seconds) % 60:02}")


def current(page: Page) -> str:
    return page.locator('#events [aria-selected="true"] .text').inner_text()


def test_what_the_exit_status_hides_stands_beside_it(place: Place, site: str, viewer: Viewer) -> None:
    place.run("codex", "--enable-db", "--", "echo", "==== 1 failed, 2 passed in 0.12s ====")
    page = viewer(f"{site}/sessions/last")
    verdict = page.locator(".about .verdict")
    expect(verdict).to_have_text("failed: 1 failed in the last test run")
    assert verdict.evaluate("element => element.scrollWidth <= element.clientWidth"), "it can be read whole"


def test_a_long_reason_does_not_widen_a_phones_page(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/refused", width=390, height=844)
    expect(page.locator(".about .verdict")).to_contain_text("exit 1: unexpected status 401")
    assert not scrolls_sideways(page)


def test_underscores_are_not_cut_off(opened: Page) -> None:
    expect(opened.locator("#screen .xterm-rows > div").first).to_have_css("overflow", "visible")


def test_the_events_are_listed_in_the_order_of_their_times(opened: Page) -> None:
    texts = opened.locator("#events .row .text").all_inner_texts()
    assert texts[:4] == ["pytest -q", "error at 10", "ls", "error at 20"]
    assert opened.locator("#events .row .time").all_inner_texts()[:3] == ["0:05", "0:10", "0:15"]


def test_an_event_leads_the_terminal_to_it_and_tells_all_that_is_known(opened: Page) -> None:
    opened.locator("#events .row", has_text="error at 20").click()
    at(opened, 20)
    expect(opened.locator("#screen .xterm-rows")).to_contain_text("second 20")
    expect(opened.locator("#screen .xterm-rows")).not_to_contain_text("second 21")
    expect(opened.locator("#details pre")).to_have_text("line: error at 20")
    assert current(opened) == "error at 20"
    opened.locator("#events .row", has_text="pytest -q").click()
    expect(opened.locator("#details dl")).to_contain_text("1500")


def test_types_can_be_hidden_and_shown_alone(opened: Page) -> None:
    error = opened.locator("#types [data-type=error]")
    error.click()
    expect(opened.locator("#events .row")).to_have_count(7)
    expect(error).to_have_attribute("aria-pressed", "false")
    error.click()
    expect(opened.locator("#events .row")).to_have_count(10)
    error.click(modifiers=["Alt"])
    expect(opened.locator("#events .row")).to_have_count(3)
    assert opened.locator("#types button").count() == 5


def test_commands_say_how_they_ended_and_how_long_they_took(opened: Page) -> None:
    opened.get_by_role("tab", name="Commands").click()
    rows = opened.locator("#commands-list .row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("pytest -q")
    expect(rows.first).to_contain_text("exit 1")
    expect(rows.first).to_contain_text("1.5s")
    rows.first.click()
    at(opened, 5)


def test_a_file_that_was_touched_twice_is_one_row(opened: Page) -> None:
    opened.get_by_role("tab", name="Files").click()
    rows = opened.locator("#files-list .row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("src/a.py")
    expect(rows.first).to_contain_text(re.compile("[+]5 .3"))
    rows.last.click()
    at(opened, 27)


def test_a_model_of_which_a_cost_alone_is_told_has_no_tokens(tmp_path: Path, viewer: Viewer) -> None:
    database = SampleDatabase(tmp_path / "wrapper.db")
    record(database, tmp_path / "s1", [], end=SECOND)
    nothing = {"total": 0, "input_uncached": 0, "cache_read": 0, "cache_write": 0, "output": 0}
    add(database, "s1", 1, "metric", "0.01", tokens=nothing, cost_usd=0.01, scope="session")
    names, values = ", ".join(nothing), (moment(0), *nothing.values())
    database.connection.execute(
        f"INSERT INTO usage_counts (session_id, model, agent_name, cost_usd, start, {names})"
        f" VALUES ('s1', '', 'claude', 0.01, ?, {', '.join('?' * len(nothing))})",
        values,
    )
    with running(Settings(database.path, "1.2.3")) as http:
        page = viewer(f"{http.base_url}/sessions/s1")
        page.get_by_role("tab", name="Usage").click()
        expect(page.locator(".usage-total li")).to_have_text(["model not told $0.01"])
        expect(page.locator("#usage-list .row")).to_have_text(["0:01 session$0.01"])
    database.close()


def test_usage_is_told_as_the_agent_told_it(opened: Page) -> None:
    opened.get_by_role("tab", name="Usage").click()
    expect(opened.locator("#usage-list .row")).to_have_text(["0:501.2k tokens out 200turn$0.50"])
    expect(opened.locator(".usage-total li")).to_have_text(["gpt-5.5 1.2k tokens in 1.0k · out 200$0.50"])


def test_code_is_coloured_copied_and_found_elsewhere(opened: Page) -> None:
    opened.get_by_role("tab", name="Code").click()
    block = opened.locator(".block").first
    expect(block.locator(".source")).to_have_text(CODE)
    expect(block.locator(".source .k").first).to_have_text("def")
    expect(block.locator(".source .c1")).to_have_text("# <b>bold</b>")
    block.get_by_role("button", name="Copy").click()
    expect(block.get_by_role("button", name="Copied")).to_be_visible()
    assert opened.evaluate("() => navigator.clipboard.readText()") == CODE
    block.get_by_text("Also in 1 other place").click()
    assert block.locator(".places a").get_attribute("href") == "/sessions/bare?t=0.5"
    block.get_by_role("button", name="0:12").click()
    at(opened, 12)


def test_facts_and_states_are_in_the_page_before_any_script(client: httpx.Client) -> None:
    text = client.get("/sessions/s1").text
    for part in ("codex exec", "80 columns, 24 rows", "completed", "stdin pty, stdout pty, stderr pty"):
        assert part in text


def test_tabs_and_states_work_from_the_keyboard(opened: Page) -> None:
    opened.get_by_role("tab", name="Events").focus()
    opened.keyboard.press("ArrowLeft")
    expect(opened.get_by_role("tab", name="Facts")).to_be_focused()
    opened.locator("#states a").last.focus()
    opened.keyboard.press("Enter")
    at(opened, 60)


def test_every_format_can_be_exported(opened: Page) -> None:
    opened.get_by_text("Export", exact=True).click()
    links = opened.locator("#export a")
    assert links.all_inner_texts() == ["json", "jsonl", "csv", "har", "cast", "cast3", "typescript", "txt"]
    with opened.expect_download() as download:
        links.first.click()
    assert json.loads(Path(download.value.path()).read_text())["session"]["session_id"] == "s1"


def test_a_session_in_which_nothing_happened_says_so(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/bare")
    expect(page.locator("#no-events")).to_be_visible()
    for name, text in (("Commands", "No command"), ("Files", "No file"), ("Usage", "no tokens")):
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel", name=name)).to_contain_text(text)


def test_without_its_recording_a_session_still_shows_what_was_found(client: httpx.Client, viewer: Viewer) -> None:
    page = viewer(f"{client.base_url}/sessions/gone")
    expect(page.locator("#overlay")).to_contain_text("recording of this session is gone")
    expect(page.locator("#transport")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
def test_it_fits_every_width(client: httpx.Client, viewer: Viewer, width: int) -> None:
    page = viewer(f"{client.base_url}/sessions/s1?t=30", width=width)
    expect(page.locator("#screen .xterm-rows")).to_contain_text("second 30")
    expect(page.locator("#play")).to_be_visible()
    assert not scrolls_sideways(page)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sessions/none", 404),
        ("/sessions/s1?t=soon", 400),
        ("/sessions/s1?when=1", 400),
        ("/sessions/s1/code?after=x", 400),
        ("/sessions/s1/outline?limit=1", 400),
        ("/sessions/none/outline", 200),
    ],
)
def test_wrong_addresses_are_told(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status
