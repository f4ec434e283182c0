"""A session that still runs: it is followed as it goes on, one can look back, and it ends without a reload."""

import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from browsing import Viewer
from program import TIMEOUT, Place, wait_until

AGENT = """
    for word in one two three four five; do read line; echo "Error: number $word"; echo "and on"; done
    read line; exit 3
"""


class Agent:
    """An agent that goes on at each line that it is given."""

    def __init__(self, place: Place, script: str = AGENT) -> None:
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "bufsize": 0}
        self._program = place.start("codex", "--enable-db", "--", "bash", "-c", script, **options)
        timing = wait_until(lambda: list(place.recordings.glob("*/*/timing")), "the recording")
        self.session = timing[0].parent.name

    def go_on(self) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(b"go\n")

    def end(self) -> None:
        assert self._program.stdin is not None
        self._program.stdin.close()
        self._program.wait(TIMEOUT)


@pytest.fixture
def agent(place: Place) -> Iterator[Agent]:
    running = Agent(place)
    yield running
    running.end()


@pytest.fixture
def opened(agent: Agent, site: str, viewer: Viewer) -> Page:
    page = viewer(site)
    expect(page.locator("#running .run")).to_have_count(1)
    page.goto(f"{site}/sessions/{agent.session}")
    expect(page.locator("#session")).to_have_attribute("data-state", "playing")
    return page


def rows(page: Page, *words: str) -> None:
    screen = page.locator("#screen .xterm-rows")
    for word in words:
        expect(screen).to_contain_text(f"number {word}")


def test_it_is_followed_to_its_end_without_a_reload(opened: Page, agent: Agent) -> None:
    opened.evaluate("() => { window.neverLoadedAgain = true; }")
    expect(opened.locator("#follow")).to_be_checked()
    expect(opened.locator("#connection")).to_have_text("Live")
    for word in ("one", "two"):
        agent.go_on()
        rows(opened, word)
    agent.end()
    expect(opened.locator("#session")).to_have_attribute("data-state", "ended")
    expect(opened.locator("#state")).to_have_text("failed")
    expect(opened.locator("#follow")).to_be_hidden()
    expect(opened.locator("#total")).to_have_text("5 events")
    expect(opened.locator("#events .row")).to_have_count(5)
    expect(opened.locator("#states .state").last).to_have_text("failed")
    assert opened.evaluate("() => window.neverLoadedAgain")


def test_it_learns_how_it_went_without_a_reload(site: str, viewer: Viewer, place: Place) -> None:
    script = 'read line; echo "===== 2 failed, 3 passed in 0.12s ====="; read line'
    agent = Agent(place, script)
    page = viewer(site)
    expect(page.locator("#running .run")).to_have_count(1)
    page.goto(f"{site}/sessions/{agent.session}")
    expect(page.locator("#connection")).to_have_text("Live")
    expect(page.locator("#tab-events .count")).to_be_hidden()
    agent.go_on()
    expect(page.locator("#tab-events .count")).to_have_text("1")
    expect(page.locator("#total")).to_have_text("1 event")
    agent.go_on()
    agent.end()
    expect(page.locator("#about .verdict")).to_contain_text("failed: 2 failed in the last test run")
    expect(page.locator("#took")).to_contain_text("took")
    about = page.locator("#about").inner_text()
    page.reload()
    assert page.locator("#about").inner_text().split("took")[0] == about.split("took")[0]


def test_who_looks_back_stays_there_until_following_again(opened: Page, agent: Agent) -> None:
    agent.go_on()
    rows(opened, "one")
    opened.keyboard.press(" ")
    expect(opened.locator("#session")).to_have_attribute("data-state", "paused")
    expect(opened.locator("#follow")).not_to_be_checked()
    agent.go_on()
    opened.keyboard.press("0")
    expect(opened.locator("#screen .xterm-rows")).not_to_contain_text("number")
    opened.keyboard.press("f")
    rows(opened, "one", "two")
    expect(opened.locator("#follow")).to_be_checked()
    agent.go_on()
    rows(opened, "three")


def test_the_switch_lets_go_of_the_live_edge(opened: Page, agent: Agent) -> None:
    agent.go_on()
    rows(opened, "one")
    opened.locator("#follow").uncheck()
    expect(opened.locator("#follow")).not_to_be_checked()
    opened.locator("#follow").check()
    agent.go_on()
    rows(opened, "two")
