"""The overview at a million events: from the request until Chromium first paints it, everything in it.

The server's clock stands at the end of the months that the database holds, so that all of it counts.
"""

import statistics
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from api.app import create_app
from api.context import Settings
from benchmarks.budget import Measurement
from benchmarks.large_database import SESSIONS, START, build
from wrapper.server import Server, bind

EVENTS = 1_000_000
ROUNDS = 15
BUDGET = 500.0  # ms

_END = START + SESSIONS * 3_600_000_000
_CHROMIUM = Path("/usr/bin/chromium")
_PAINT = """() => new Promise((resolve) => new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName("first-contentful-paint")) resolve(entry.startTime);
}).observe({type: "paint", buffered: true}))"""


def measure(folder: Path) -> list[Measurement]:
    """Beside the overview a page without any question to the database: what the browser itself takes."""
    database = folder / "bench.db"
    build(database, EVENTS)
    executable = str(_CHROMIUM) if _CHROMIUM.exists() else None
    with _serving(database) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        overview = _paints(browser, f"{address}/")
        plain = _paints(browser, f"{address}/search")
        browser.close()
    median = statistics.median(overview)
    told = f"{median:.0f} ms, at most {max(overview):.0f} (a page without data {statistics.median(plain):.0f})"
    return [Measurement("first paint of the overview, 1 M events", f"≤ {BUDGET:.0f} ms", told, median <= BUDGET)]


@contextmanager
def _serving(database: Path) -> Iterator[str]:
    with bind("127.0.0.1", 0) as listener:
        server = Server(create_app(Settings(database, "benchmark", now=lambda: _END)), grace=1)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _paints(browser: Browser, address: str) -> Sequence[float]:
    """Milliseconds to the first paint, each time in a new browser without a cache."""
    paints = []
    for _ in range(ROUNDS):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        paints.append(float(page.evaluate(_PAINT)))
        context.close()
    return paints
