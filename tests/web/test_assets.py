"""Files of the page: kept for good under an address that names their content, and asked for all at once."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.context import Settings
from api.web.assets import SHEETS, STATIC
from api.web.session_page import MODULES
from running_server import running
from sample_database import SampleDatabase

IMPORT = re.compile(r'^(?:import|export) .*from "(\..+)";$', re.MULTILINE)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    sample = SampleDatabase(tmp_path_factory.mktemp("assets") / "wrapper.db")
    with running(Settings(sample.path, "1.2.3")) as http:
        yield http
    sample.close()


def imported(path: Path) -> set[Path]:
    """What a module imports, and what that does."""
    if path.suffix == ".mjs":
        return set()
    found = {(path.parent / name).resolve() for name in IMPORT.findall(path.read_text())}
    return found.union(*map(imported, found))


def test_a_page_names_files_by_their_content_and_they_are_kept_for_good(client: httpx.Client) -> None:
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/search").text)
    assert len(addresses) > 3
    for address in addresses:
        kept = client.get(address)
        assert kept.status_code == 200
        assert "immutable" in kept.headers["Cache-Control"]
        plain = client.get("/static/" + address.split("/", 3)[3])
        assert plain.content == kept.content
        assert plain.headers["Cache-Control"] == "no-cache"


def test_another_version_is_not_there(client: httpx.Client) -> None:
    assert client.get("/static/0123456789abcdef/style.css").status_code == 404


def test_files_can_be_asked_for_and_nothing_else(client: httpx.Client) -> None:
    refused = client.post("/static/style.css")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")
    head = client.head("/static/vendor/xterm.mjs")
    assert int(head.headers["Content-Length"]) == (STATIC / "vendor" / "xterm.mjs").stat().st_size
    assert head.headers["Content-Type"].startswith("text/javascript")


def test_a_sessions_page_asks_for_all_of_its_modules_at_once() -> None:
    needed = imported(STATIC / "session" / "main.js")
    assert {STATIC / name for name in MODULES} == needed


@pytest.mark.parametrize("path", ["/", "/search", "/nowhere"])
def test_a_page_asks_for_one_sheet_which_holds_all_of_its_styles(client: httpx.Client, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html"}).text
    [address] = re.findall(r'<link rel="stylesheet" href="/static/[0-9a-f]+/([^"]+)">', page)
    sheet = client.get(f"/static/{address}")
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert [part for part in SHEETS[address] if (STATIC / part).read_text() not in sheet.text] == []


def test_no_style_is_left_out_of_the_sheets() -> None:
    styles = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.css")}
    assert {part for parts in SHEETS.values() for part in parts} == styles
