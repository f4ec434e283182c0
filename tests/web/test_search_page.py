"""The search in a browser: what is found, in its context, and the way to the moment."""

import re

from playwright.sync_api import expect

from browsing import Viewer, Watch, scrolls_sideways, serious_violations
from program import Place

CODE = "printf 'Look:\\n```python\\nimport antigravity\\n```\\n'"


def record(place: Place, agent: str, command: str) -> None:
    place.run(agent, "--enable-db", "--", "sh", "-c", command)


def test_a_hit_shows_its_context_and_opens_the_session_at_its_moment(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "codex", "sleep 1.2; echo 'Error: connection to registry refused by peer'")
    page = viewer(site)
    page.get_by_role("searchbox", name="Search events and code").fill("registry refused")
    page.keyboard.press("Enter")
    hit = page.locator("#hits .hit")
    expect(hit).to_have_count(1)
    expect(hit.locator("mark").first).to_have_text("registry")
    expect(hit.locator(".snippet")).to_have_text("Error: connection to registry refused by peer")
    hit.locator("a").click()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f]{16}\?t=[1-9][0-9.]*$"))


def test_code_and_events_can_be_searched_apart(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "codex", f"{CODE}; echo 'ModuleNotFoundError: No module named antigravity'")
    page = viewer(f"{site}/search?q=antigravity")
    expect(page.locator("#hits .hit").first).to_be_visible()
    page.get_by_role("radio", name="Code").check()
    expect(page).to_have_url(re.compile("in=code_block"))
    expect(page.locator("#hits .hit")).to_have_count(1)
    expect(page.locator("#hits .chip")).to_have_text("python")
    expect(page.get_by_role("radio", name="Code")).to_be_checked()


def test_nothing_found_and_nothing_asked_say_what_to_do(site: str, viewer: Viewer) -> None:
    page = viewer(f"{site}/search")
    expect(page.locator("main")).to_contain_text("words that begin so")
    page.locator("main input[type=search]").fill("nowhere to be found")
    page.locator("main").get_by_role("button", name="Search").click()
    expect(page.get_by_role("status").filter(has_text="No event and no code holds")).to_contain_text(
        "nowhere to be found"
    )


def test_a_search_that_cannot_be_read_is_explained_beside_what_was_typed(
    site: str, viewer: Viewer, watch: Watch
) -> None:
    watch.expected = ("400 (Bad Request)",)
    page = viewer(f"{site}/search?q=%22no+end")
    expect(page.get_by_role("alert")).to_contain_text("quote")
    expect(page.locator("main input[type=search]")).to_have_value('"no end')


def test_everything_can_be_done_with_keys_alone(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "codex", "echo 'Error: the first'")
    record(place, "claude", "echo 'Error: the second'")
    page = viewer(site)
    expect(page.locator("#connection")).to_have_text("Live")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Overview")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("#history tr").first.locator("a")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#history tr").last.locator("a")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sessions/"))
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.locator("#history tr")).to_have_count(2)
    expect(page.locator("#connection")).to_have_text("Live")
    page.keyboard.press("/")
    page.keyboard.type("first j")
    expect(page.get_by_role("searchbox", name="Search events and code")).to_have_value("first j")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page.locator("#hits .hit")).to_have_count(1)
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sessions/.*t="))


def test_focus_can_be_seen_and_skips_to_the_content(site: str, viewer: Viewer) -> None:
    page = viewer(site)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Tab")
    focused = "() => getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(focused) == "solid"


def test_hits_fit_a_phone_and_can_be_read_by_all(place: Place, site: str, viewer: Viewer) -> None:
    record(place, "a-long-agent-name-" * 5, f"echo 'Error: {'x' * 400}'; {CODE}")
    for scheme in ("light", "dark"):
        for address in (f"{site}/search?q=x*", f"{site}/search", f"{site}/search?q=zzz"):
            page = viewer(address, width=360, color_scheme=scheme)
            assert not scrolls_sideways(page)
            assert serious_violations(page) == []
