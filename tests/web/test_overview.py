"""The overview in a browser: what runs, what ran, and that it stays true without being loaded again."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from browsing import Viewer, Watch, scrolls_sideways, serious_violations
from program import TIMEOUT, Place, serving, unclaimed_port

AGENT = "read line; echo 'Error: the build is broken'; echo; echo 'Trying again'; read line; echo bye"


@contextmanager
def running(place: Place, agent: str = "codex", script: str = AGENT) -> Iterator[subprocess.Popen[bytes]]:
    """An agent that goes on at each line that it is given."""
    program = place.start(agent, "--enable-db", "--", "sh", "-c", script, stdin=subprocess.PIPE, stdout=-3, bufsize=0)
    assert program.stdin is not None
    try:
        yield program
    finally:
        program.stdin.close()
        program.wait(TIMEOUT)


def say(program: subprocess.Popen[bytes]) -> None:
    assert program.stdin is not None
    program.stdin.write(b"go\n")


def record(place: Place, agent: str, command: str) -> None:
    place.run(agent, "--enable-db", "--", "sh", "-c", command)


def test_an_empty_database_says_how_to_begin(site: str, viewer: Viewer) -> None:
    page = viewer(site)
    expect(page.get_by_text("Nothing recorded yet")).to_be_visible()
    expect(page.locator("#overview")).to_be_hidden()


def test_a_recording_appears_lives_and_ends_without_a_reload(place: Place, site: str, viewer: Viewer) -> None:
    page = viewer(site)
    page.evaluate("() => { window.neverLoadedAgain = true; }")
    expect(page.locator("#connection")).to_have_text("Live")
    with running(place) as program:
        row = page.locator("#running .run")
        expect(row).to_have_count(1)
        expect(row.locator(".agent")).to_have_text("codex")
        expect(row.locator(".state")).to_have_text("running")
        expect(page.locator("#welcome")).to_be_hidden()
        say(program)
        expect(row.locator(".line")).to_have_text("Trying again")
        expect(row).to_contain_text("1 event")
        before = row.locator(".took").inner_text()
        expect(row.locator(".took")).not_to_have_text(before)
        say(program)
    expect(page.locator("#running .run")).to_have_count(0)
    ended = page.locator("#history tr")
    expect(ended).to_have_count(1)
    expect(ended.locator(".state")).to_have_text("completed")
    expect(page.locator("#legend [data-type=error]")).to_contain_text("1")
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(page.locator("[data-key='Today'] [data-slot=sessions]")).to_have_text("1")
    assert page.evaluate("() => window.neverLoadedAgain") is True


def test_what_went_wrong_needs_attention(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "nightly", "echo working; echo 'cannot reach the registry'; exit 3")
    page = viewer(site)
    concern = page.locator("#attention .concern")
    expect(concern.locator(".why")).to_have_text("failed, exit 3")
    expect(concern.locator(".line")).to_have_text("cannot reach the registry")
    concern.locator("a").click()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f]{16}(\?t=[0-9.]+)?$"))


def test_what_went_wrong_leads_to_the_error_that_ended_it(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "nightly", "echo 'Error: the disk is full'; echo cleaning up; exit 1")
    concern = viewer(site).locator("#attention .concern")
    expect(concern.locator(".line")).to_have_text("the disk is full")
    expect(concern.locator("a")).to_have_attribute("href", re.compile(r"\?t="))


def test_the_first_paint_has_everything_in_it_without_scripts(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "codex", "echo 'Error: one'")
    page = viewer(site, java_script_enabled=False)
    expect(page.locator("#history tr")).to_have_count(1)
    expect(page.locator("#legend")).to_contain_text("error 1")
    expect(page.locator("[data-key='This month'] [data-slot=errors]")).to_have_text("1")
    page.locator("select[name=verdict]").select_option("failed")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#history tr")).to_have_count(0)


def test_filters_stand_in_the_address_and_going_back_undoes_them(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "codex", "echo one")
    record(place, "claude", "echo two; exit 1")
    page = viewer(site)
    rows = page.locator("#history tr")
    expect(rows).to_have_count(2)
    page.locator("select[name=agent]").select_option("claude")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("claude")
    assert urlsplit(page.url).query == "agent=claude"
    page.locator("select[name=verdict]").select_option("succeeded")
    expect(page.locator("#no-history")).to_have_text("No session fits this filter.")
    page.go_back()
    expect(rows).to_have_count(1)
    page.go_back()
    expect(rows).to_have_count(2)
    page.locator("input[name=text]").fill("ECHO one")
    page.locator("input[name=text]").press("Enter")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("codex")
    page.reload()
    expect(page.locator("input[name=text]")).to_have_value("ECHO one")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Reset").click()
    expect(rows).to_have_count(2)
    expect(page.locator("#connection")).to_have_text("Live")
    page.locator("select[name=from]").select_option("-24h")
    expect(page.locator("#activity-span")).to_have_text("last 24 hours")
    expect(rows).to_have_count(2)


def test_what_is_shown_as_failed_is_found_as_failed(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "codex", "echo '===== 2 failed, 3 passed in 0.12s ====='")
    record(place, "codex", "echo fine")
    page = viewer(site)
    rows = page.locator("#history tr")
    expect(rows).to_have_count(2)
    expect(page.locator("#activity")).to_be_visible()
    page.get_by_label("How it went").select_option("failed")
    expect(rows).to_have_count(1)
    expect(rows.locator(".how")).to_contain_text("failed")
    expect(page.locator("#activity")).to_be_hidden()
    page.reload()
    expect(rows).to_have_count(1)
    expect(page.locator("#activity")).to_be_hidden()
    page.get_by_label("How it went").select_option("")
    expect(rows).to_have_count(2)
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(page.locator("#totals")).to_contain_text("test runs")


def test_an_address_that_asks_for_a_state_shows_it_and_lets_it_go(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "codex", "exit 1")
    record(place, "codex", "echo fine")
    page = viewer(f"{site}/?state=failed")
    rows = page.locator("#history tr")
    expect(rows).to_have_count(1)
    page.get_by_label("How it went").select_option("failed")
    expect(page).to_have_url(re.compile(r"\?verdict=failed&state=failed$"))
    expect(rows).to_have_count(1)
    page.get_by_label("How it went").select_option("")
    page.locator("select[name=state]").select_option("")
    expect(rows).to_have_count(2)


def test_a_filter_that_cannot_be_is_explained(site: str, viewer: Viewer, watch: Watch) -> None:
    watch.expected = ("400 (Bad Request)",)
    page = viewer(f"{site}/?state=sleeping")
    expect(page.get_by_role("heading", name="Bad request")).to_be_visible()
    expect(page.locator("main")).to_contain_text("state must be one of completed, failed")


def test_a_lost_server_is_said_and_what_was_missed_is_there_when_it_is_back(
    place: Place, viewer: Viewer, watch: Watch
) -> None:
    watch.expected = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET")
    port = str(unclaimed_port())
    with serving(place, "--port", port) as address:
        page = viewer(address)
        expect(page.locator("#connection")).to_have_text("Live")
    expect(page.locator("#connection")).to_contain_text("Connection lost")
    record(place, "codex", "echo meanwhile")
    with serving(place, "--port", port):
        expect(page.locator("#connection")).to_have_text("Live")
        expect(page.locator("#history tr")).to_have_count(1)


def test_a_question_that_fails_is_said_and_the_page_keeps_what_it_has(
    place: Place, site: str, viewer: Viewer, watch: Watch
) -> None:
    watch.expected = ("503 (Service Unavailable)",)
    record(place, "codex", "echo one")
    page = viewer(site)
    error = '{"error": {"kind": "database_error", "message": "the database is locked", "hint": "wait"}}'
    page.route("**/overview/*.json*", lambda route: route.fulfill(status=503, body=error))
    record(place, "codex", "echo two")
    expect(page.get_by_role("alert")).to_contain_text("the database is locked")
    expect(page.locator("#history tr")).to_have_count(1)
    page.unroute("**/overview/*.json*")
    record(place, "codex", "echo three")
    expect(page.locator("#history tr")).to_have_count(3)
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 768, 2560])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_it_fits_and_can_be_read_by_all(place: Place, site: str, viewer: Viewer, width: int, color_scheme: str) -> None:
    record(place, "an-agent-with-a-name-that-is-long-" * 3, f"echo {'x' * 300}; exit 1")
    with running(place) as program:
        page = viewer(site, width=width, color_scheme=color_scheme)
        say(program)
        expect(page.locator("#running .line")).to_have_text("Trying again")
        assert not scrolls_sideways(page)
        assert serious_violations(page) == []
        dark = color_scheme == "dark"
        assert (lightness(page) < 0.2) is dark


def lightness(page: Page) -> float:
    """Of the page's background, 0 is black."""
    color = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", color)[:3])) / (3 * 255)
