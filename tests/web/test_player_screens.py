"""The screen in the browser is the terminal's: at the end of each capture, and wherever somebody jumps to."""

import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from api.context import Settings
from browsing import Viewer
from program import wait_until
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, record
from stream.screens.emulated_terminal import EmulatedTerminal

CAPTURES = sorted((Path(__file__).parent.parent / "captures").glob("*-pty.raw"))
COLUMNS, ROWS = 100, 30
READ, EVERY = 700, 0.02  # bytes, seconds: reads end anywhere, also within characters and sequences
AFTER = 500_000  # µs from the last output to the end
JUMPS = 10


def reads(path: Path) -> list[Read]:
    data = path.read_bytes()
    starts = range(0, len(data), READ)
    return [Read(round(n * EVERY * 1e6), data[start : start + READ]) for n, start in enumerate(starts)]


def rows_by(path: Path, seconds: float) -> list[str]:
    """What the terminal showed by then."""
    terminal = EmulatedTerminal(COLUMNS, ROWS)
    for read in reads(path):
        if read.at <= seconds * 1e6:
            terminal.feed(read.data)
    lines = terminal.text().split("\n") if terminal.text() else []
    return padded([line.rstrip() for line in lines[terminal.history :]])


def padded(lines: list[str]) -> list[str]:
    return lines + [""] * (ROWS - len(lines))


def rows_in(page: Page) -> list[str]:
    script = "rows => rows.map(row => row.textContent.replaceAll('\\u00a0', ' ').trimEnd())"
    shown: list[str] = page.locator("#screen .xterm-rows > div").evaluate_all(script)
    return shown


def expect_rows(page: Page, rows: list[str]) -> None:
    seen: list[str] = []

    def is_shown() -> bool:
        seen[:] = rows_in(page)
        return seen == rows

    try:
        wait_until(is_shown, "the screen", pause=0.05)
    except AssertionError:
        assert seen == rows


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("captures")
    database = SampleDatabase(folder / "wrapper.db")
    for path in CAPTURES:
        parts = reads(path)
        pty = ("pty", "pty", "pty")
        record(database, folder / path.stem, parts, end=parts[-1].at + AFTER, mode=pty, columns=COLUMNS, rows=ROWS)
    with running(Settings(database.path, "1.2.3")) as client:
        yield str(client.base_url).rstrip("/")
    database.close()


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_what_was_replayed_and_jumped_to_is_what_the_terminal_showed(address: str, viewer: Viewer, path: Path) -> None:
    duration = reads(path)[-1].at / 1e6 + 1
    page = viewer(f"{address}/sessions/{path.stem}?t=0&speed=10", width=1400)
    expect(page.locator("#session")).to_have_attribute("data-state", "paused")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#session")).to_have_attribute("data-state", "ended")
    expect_rows(page, rows_by(path, duration))

    scrubber = page.locator("#scrubber").bounding_box()
    assert scrubber is not None
    places = random.Random(path.stem)
    for _ in range(JUMPS):
        share = places.random()
        page.mouse.click(scrubber["x"] + share * scrubber["width"], scrubber["y"] + scrubber["height"] / 2)
        expect(page.locator("#session")).to_have_attribute("data-state", "paused")
        (seconds,) = parse_qs(urlsplit(page.url).query)["t"]
        expect_rows(page, rows_by(path, float(seconds)))

    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#session")).to_have_attribute("data-state", "ended")
    expect_rows(page, rows_by(path, duration))
