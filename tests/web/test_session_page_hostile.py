"""Whatever an agent prints or is called, on its session's page it is text or a terminal's picture, and never runs."""

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

IMAGE = "<img src=x onerror=window.ran=1>"
HOSTILE = (
    f"{IMAGE}<script>window.ran=1</script>\"'><svg onload=window.ran=1>{{{{ 7*7 }}}}${{7*7}}</textarea></template>"
)
SECOND = 1_000_000

OUTPUT = (
    f"\r\n{HOSTILE}\r\n".encode()
    + b"\x1b]0;HACKED\x07\x1b]2;HACKED\x1b\\\x1b]1;HACKED\x07"  # titles
    + b"\x1b]52;c;SEFDS0VE\x07"  # a clipboard
    + b"\x1b]8;;javascript:window.ran=1\x1b\\SCRIPTLINK\x1b]8;;\x1b\\ \r\n"
    + b"\x1b]8;;data:text/html,<script>window.ran=1</script>\x1b\\DATALINK\x1b]8;;\x1b\\ \r\n"
    + b"\x1b]8;;file:///etc/passwd\x1b\\FILELINK\x1b]8;;\x1b\\ \r\n"
    + b"\x1b]8;;https://example.com/?a=<b>\x1b\\WEBLINK\x1b]8;;\x1b\\ \r\n"
    + b"http://example.org/plain\r\n"
    + b"\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[6n\x1b[c\x1b[5n"  # wants the mouse, and answers
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    database = SampleDatabase(folder / "wrapper.db")
    pty = ("pty", "pty", "pty")
    record(
        database, folder / "s1", [Read(SECOND // 10, OUTPUT)], end=SECOND, mode=pty, columns=160, rows=24, cwd=HOSTILE
    )
    columns = {"agent_name": HOSTILE, "environment": HOSTILE, "command_json": [HOSTILE]}
    for name, value in columns.items():
        text = value if isinstance(value, str) else f'["{IMAGE}"]'
        database.connection.execute(f"UPDATE process_sessions SET {name} = ?", (text,))
    for event_type in ("error", "tool_use", "file_operation", "metric", HOSTILE):
        database.event(
            "s1",
            timestamp=moment(SECOND // 2),
            event_type=event_type,
            pattern=HOSTILE,
            matched_value=HOSTILE,
            original_line=HOSTILE,
            metadata_json={HOSTILE: HOSTILE, "outcome": HOSTILE, "tool": HOSTILE, "arguments": {HOSTILE: HOSTILE}},
            risk_level="high",
        )
    database.block("s1", HOSTILE, HOSTILE, agent_name=HOSTILE, timestamp=moment(0))
    database.block("s1", HOSTILE, "html", agent_name=HOSTILE, timestamp=moment(0))
    database.state("s1", HOSTILE, timestamp=moment(0))
    with running(Settings(database.path, "1.2.3")) as http:
        yield http
    database.close()


@pytest.fixture
def opened(client: httpx.Client, viewer: Viewer) -> Page:
    page = viewer(f"{client.base_url}/sessions/s1?t=0", width=1600)
    expect(page.locator("#session")).to_have_attribute("data-state", "paused")
    page.locator("#play").click()
    expect(page.locator("#session")).to_have_attribute("data-state", "ended")
    expect(page.locator("#screen .xterm-rows")).to_contain_text("WEBLINK")
    return page


@pytest.fixture(params=["played", "jumped to"])
def linked(request: pytest.FixtureRequest, client: httpx.Client, viewer: Viewer) -> Page:
    """The links, as the agent's own bytes or as the keyframe of a jump brings them to the terminal."""
    if request.param == "played":
        page: Page = request.getfixturevalue("opened")
        return page
    page = viewer(f"{client.base_url}/sessions/s1?t=0.9", width=1600)
    expect(page.locator("#session")).to_have_attribute("data-state", "paused")
    expect(page.locator("#screen .xterm-rows")).to_contain_text("WEBLINK")
    return page


def is_untouched(page: Page) -> bool:
    """Nothing ran, and no element came from what was printed."""
    script = """() => window.ran === undefined && !document.querySelector(
        "main img, main script, [onload], [onerror], main textarea:not([disabled])")"""
    return bool(page.evaluate(script))


def click_on(page: Page, word: str) -> None:
    """A click in the terminal's row that holds the word, which stands at its beginning."""
    row = page.locator("#screen .xterm-rows > div", has_text=word).bounding_box()
    assert row is not None
    page.mouse.move(row["x"] + 12, row["y"] + row["height"] / 2)
    page.mouse.move(row["x"] + 14, row["y"] + row["height"] / 2)
    page.mouse.click(row["x"] + 14, row["y"] + row["height"] / 2)


@pytest.mark.parametrize("tab", ["Events", "Code", "Commands", "Files", "Usage", "Facts"])
def test_everywhere_it_is_text(opened: Page, tab: str) -> None:
    opened.get_by_role("tab", name=tab).click()
    panel = opened.get_by_role("tabpanel", name=tab)
    expect(panel).to_contain_text("onerror=window.ran=1")
    for row in panel.locator(".row").all():
        row.click()
    assert is_untouched(opened)
    expect(opened.locator("h1 .agent")).to_have_text(HOSTILE)


def test_titles_clipboards_and_questions_do_nothing_to_the_page(opened: Page) -> None:
    assert "HACKED" not in opened.title()
    assert IMAGE in opened.title()
    assert is_untouched(opened)
    assert opened.evaluate("() => getSelection().toString()") == ""


def test_links_that_are_no_web_addresses_lead_nowhere(linked: Page) -> None:
    address = linked.url
    for word in ("SCRIPTLINK", "DATALINK", "FILELINK"):
        click_on(linked, word)
        expect(linked.locator("#link")).to_be_hidden()
    click_on(linked, "WEBLINK")  # comes after them: they had their chance
    expect(linked.locator("#link-address")).to_have_text("https://example.com/?a=%3Cb%3E")
    assert linked.url == address
    assert len(linked.context.pages) == 1
    assert is_untouched(linked)


@pytest.mark.parametrize(
    ("word", "address"),
    [("WEBLINK", "https://example.com/?a=%3Cb%3E"), ("example.org", "http://example.org/plain")],
)
def test_a_web_address_is_shown_before_it_is_opened(linked: Page, word: str, address: str) -> None:
    click_on(linked, word)
    expect(linked.locator("#link")).to_be_visible()
    expect(linked.locator("#link-address")).to_have_text(address)
    link = linked.locator("#link-open")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == (address, "noopener noreferrer")
    linked.get_by_role("button", name="Cancel").click()
    expect(linked.locator("#link")).to_be_hidden()
    assert len(linked.context.pages) == 1


def test_a_program_that_wants_the_mouse_leaves_it_to_the_reader(opened: Page) -> None:
    row = opened.locator("#screen .xterm-rows > div", has_text="SCRIPTLINK").bounding_box()
    assert row is not None
    opened.mouse.move(row["x"] + 2, row["y"] + 5)
    opened.mouse.down()
    opened.mouse.move(row["x"] + 300, row["y"] + 5, steps=5)
    opened.mouse.up()
    copied = """() => {
        const data = new DataTransfer();
        document.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true}));
        return data.getData("text/plain");
    }"""
    assert opened.evaluate(copied).startswith("SCRIPTLINK")
