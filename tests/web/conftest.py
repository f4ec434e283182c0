"""A person at a browser: Chromium, and a page that watches itself.

A browser lives for one module of tests: as long as Playwright's synchronous interface is there, nothing else in its
thread can run an event loop.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from api.context import Settings
from browsing import Viewer, Watch
from data.sqlite.database import open_writer
from program import Place
from running_server import running
from wrapper.version import VERSION

DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]
PATIENCE = 180_000  # ms that the browser waits for what must come: only a broken page takes that long


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = str(DEBIAN_CHROMIUM) if DEBIAN_CHROMIUM.exists() else None
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS, timeout=PATIENCE)
        yield chromium
        chromium.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test whose pages had an error that it does not expect, or asked another machine for anything."""
    watching = Watch()
    yield watching
    assert watching.unexpected() == []
    assert watching.foreign == []


@pytest.fixture
def site(place: Place) -> Iterator[str]:
    """The address of a server over the place's database, which has nothing in it yet.

    It runs in this process: starting the program takes longer than most of what is looked at.
    """
    place.database.parent.mkdir(parents=True, exist_ok=True)
    open_writer(place.database).close()
    with running(Settings(place.database, VERSION)) as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture
def viewer(browser: Browser, watch: Watch) -> Iterator[Viewer]:
    """Opens pages in browsers of their own: `viewer(address, width=…, height=…, color_scheme=…)`."""
    contexts: list[BrowserContext] = []

    def open_page(address: str, width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
