"""What the line of time has drawn: a mark at the time of each event, in the colour and the lane of its type."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.context import Settings
from browsing import Viewer, Watch
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, record
from session_sample import PTY, SECOND, add

LENGTH = 100  # seconds
MARKS = {  # of each type the seconds of its events, and how far down its lane is, where no other one goes
    "error": ((10, 11), 0.2),
    "tool_use": ((30,), 0.5),
    "test_result": ((50,), 0.5),
    "permission": ((70,), 0.9),
}
EVENTS = sum(len(times) for times, _ in MARKS.values()) + 2  # a tool that failed, and one without a mark
UNMARKED = 90  # seconds: an event whose type has no lane
# The colour (r, g, b, a) that is drawn there, or of a property of the style.
_DRAWN = """([seconds, down, length]) => {
    const canvas = document.querySelector("#scrubber canvas");
    const [x, y] = [(seconds / length) * (canvas.width - 2 * devicePixelRatio), down * canvas.height];
    const { data } = canvas.getContext("2d").getImageData(Math.floor(x), Math.floor(y), 1, 1);
    return [...data];
}"""
_COLOR = """(property) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = getComputedStyle(document.getElementById("scrubber")).getPropertyValue(property);
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
}"""
_MARKED = """() => {
    const canvas = document.querySelector("#scrubber canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const columns = new Set();
    for (let at = 3; at < data.length; at += 4) if (data[at]) columns.add(((at - 3) / 4) % canvas.width);
    return [...columns].map((column) => column / canvas.width).sort((one, other) => one - other);
}"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("scrubber")
    database = SampleDatabase(folder / "wrapper.db")
    record(database, folder / "s1", [Read(0, b"begins")], end=LENGTH * SECOND, **PTY)
    for event_type, (times, _) in MARKS.items():
        for at in times:
            add(database, "s1", at, event_type, f"{event_type} at {at}")
    add(database, "s1", 31, "tool_use", "make", outcome="error")
    add(database, "s1", UNMARKED, "metric", "1200")
    record(database, folder / "often", [Read(0, b"begins")], end=LENGTH * SECOND, **PTY)
    for moment in (10, 10.01, 50):
        add(database, "often", moment, "error", "broken")
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    database.close()


@pytest.fixture(autouse=True)
def reading_pixels_is_slow(watch: Watch) -> None:
    watch.expected = ("willReadFrequently",)


def opened(client: httpx.Client, viewer: Viewer, session: str = "s1", events: int = EVENTS, **options: Any) -> Page:
    page = viewer(f"{client.base_url}/sessions/{session}?t=0", **options)
    expect(page.locator("#events .row")).to_have_count(events)
    page.wait_for_function(f"() => ({_MARKED})().length > 0")
    return page


def drawn(page: Page, seconds: float, down: float) -> list[int]:
    found: list[int] = page.evaluate(_DRAWN, [seconds, down, LENGTH])
    return found


def color(page: Page, event_type: str) -> list[int]:
    found: list[int] = page.evaluate(_COLOR, f"--type-{event_type}")
    return found


@pytest.mark.parametrize("options", [{}, {"device_scale_factor": 2}, {"width": 360}, {"color_scheme": "dark"}], ids=str)
def test_each_event_is_a_mark_at_its_time_in_the_lane_and_the_colour_of_its_type(
    client: httpx.Client, viewer: Viewer, options: dict[str, Any]
) -> None:
    page = opened(client, viewer, **options)
    for event_type, (times, down) in MARKS.items():
        for at in times:
            assert drawn(page, at, down) == color(page, event_type), (event_type, at)
    assert drawn(page, 31, MARKS["tool_use"][1]) == color(page, "error"), "a tool that failed"


def test_nothing_is_marked_where_nothing_happened(client: httpx.Client, viewer: Viewer) -> None:
    page = opened(client, viewer)
    marked: list[float] = page.evaluate(_MARKED)
    times = sorted({31, *(at for times, _ in MARKS.values() for at in times)})
    assert all(any(abs(share * LENGTH - at) < 1 for at in times) for share in marked)
    assert all(any(abs(share * LENGTH - at) < 1 for share in marked) for at in times)


def test_marks_go_with_their_type_and_come_back(client: httpx.Client, viewer: Viewer) -> None:
    page = opened(client, viewer)
    there = {(event_type, times[0], down): color(page, event_type) for event_type, (times, down) in MARKS.items()}
    for event_type, (times, down) in MARKS.items():
        chip = page.locator(f"#types [data-type={event_type}]")
        gone = f"place => ({_DRAWN})(place)[3] === 0"
        chip.click()
        page.wait_for_function(gone, arg=[times[0], down, LENGTH])
        for (other, at, lane), expected in there.items():
            assert other == event_type or drawn(page, at, lane) == expected
        chip.click()
        page.wait_for_function(f"place => ({_DRAWN})(place)[3] === 255", arg=[times[0], down, LENGTH])


def test_a_mark_of_many_is_stronger_than_a_mark_of_one(client: httpx.Client, viewer: Viewer) -> None:
    page = opened(client, viewer, session="often", events=3)
    many, one = drawn(page, 10, MARKS["error"][1]), drawn(page, 50, MARKS["error"][1])
    assert many == color(page, "error")
    assert 0 < one[3] < many[3]
