"""Pages and files as a client without a browser gets them: headers, errors, and what no file of ours may hold."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from api.context import Settings
from api.security import PAGE_POLICY
from api.web.assets import STATIC
from api.web.rendering import TEMPLATES
from browsing import Viewer, Watch, serious_violations
from running_server import running
from sample_database import SampleDatabase, at

HTML = {"Accept": "text/html,application/xhtml+xml"}
OURS = [path for path in (*STATIC.rglob("*.js"), *TEMPLATES.rglob("*.html")) if "vendor" not in path.parts]
FILES = [*OURS, *(path for path in STATIC.rglob("*.css") if "vendor" not in path.parts)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    sample = SampleDatabase(tmp_path_factory.mktemp("pages") / "wrapper.db")
    sample.session("0123456789abcdef", ended_at=at(1), state="failed", exit_code=3)
    with running(Settings(sample.path, "1.2.3")) as http:
        yield http
    sample.close()


@pytest.mark.parametrize("path", ["/", "/search", "/search?q=x", "/sessions/0123456789abcdef"])
def test_pages_allow_our_own_files_and_nothing_else(client: httpx.Client, path: str) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Content-Security-Policy"] == PAGE_POLICY
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_has_no_exception() -> None:
    assert "unsafe" not in PAGE_POLICY
    assert "default-src 'none'" in PAGE_POLICY
    assert "script-src 'self';" in PAGE_POLICY
    assert "style-src 'self';" in PAGE_POLICY


def test_answers_for_programs_keep_their_own_policy(client: httpx.Client) -> None:
    policy = client.get("/api/health").headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/nothing", "/sessions/ffffffffffffffff", "/?state=sleeping", "/?agent=a&agent=b"])
def test_people_get_an_error_as_a_page_and_programs_as_json(client: httpx.Client, path: str) -> None:
    page, answer = client.get(path, headers=HTML), client.get(path)
    assert page.status_code == answer.status_code in (400, 404)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Security-Policy"] == PAGE_POLICY
    assert answer.json()["error"]["kind"] in page.text


@pytest.mark.parametrize("path", ["/api/query/session/none", "/static/none.js"])
def test_what_is_no_page_fails_as_json_for_all(client: httpx.Client, path: str) -> None:
    assert client.get(path, headers=HTML).json()["error"]["message"]


def test_a_browser_keeps_files_and_asks_whether_they_are_the_same(client: httpx.Client) -> None:
    first = client.get("/static/overview.js")
    assert first.status_code == 200
    assert "javascript" in first.headers["Content-Type"]
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/overview.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("path", ["..%2frendering.py", "%2e%2e/rendering.py", "../rendering.py", "/etc/passwd", ""])
def test_no_other_file_can_be_asked_for(client: httpx.Client, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_the_parts_from_npm_are_there(client: httpx.Client) -> None:
    for name in ("uplot.mjs", "uplot.css", "xterm.mjs", "xterm.css"):
        assert client.get(f"/static/vendor/{name}").status_code == 200


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a server that has a token; named before a viewer, it outlives its pages."""
    sample = SampleDatabase(tmp_path / "wrapper.db")
    with running(Settings(sample.path, "1.2.3", token="open sesame")) as client:
        yield client
    sample.close()


def test_the_whole_page_needs_a_token_where_there_is_one(guarded: httpx.Client) -> None:
    for path in ("/", "/search", "/overview/sessions.json", "/static/style.css"):
        assert guarded.get(path).status_code == 401
    guarded.get("/?token=open+sesame", follow_redirects=True)
    assert guarded.get("/").status_code == 200


def test_a_browser_without_the_token_is_told_how_to_get_in(guarded: httpx.Client, viewer: Viewer, watch: Watch) -> None:
    watch.expected = ("401",)
    assert guarded.get("/search", headers=HTML).status_code == 401
    assert guarded.get("/api/query/sessions", headers=HTML).json()["error"]["kind"] == "token_required"
    page = viewer(f"{guarded.base_url}/search?q=%3Cb%3E")
    expect(page.locator("pre")).to_have_text(f"{guarded.base_url}/search?token=TOKEN".replace(":80/", "/"))
    assert serious_violations(page) == []
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Open").click()
    page.get_by_label("Token").fill("open sesame")
    page.get_by_role("button", name="Open").click()
    expect(page.locator("main h1")).to_have_text("Search")
    assert page.url == f"{guarded.base_url}/search"


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_no_file_of_ours_makes_html_of_text_or_runs_it(path: Path) -> None:
    text = path.read_text()
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "new Function"):
        assert way not in text


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".html"], ids=lambda path: path.name)
def test_no_template_has_scripts_or_styles_in_it_or_leaves_text_as_it_is(path: Path) -> None:
    text = path.read_text()
    for inline in (r"<style", r"\sstyle=", r"\son[a-z]+=\"", r"<script(?![^>]*\ssrc=)", r"\|\s*safe\b", "autoescape"):
        assert not re.search(inline, text), inline


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_small_enough_to_hold_one_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 300


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_no_file_of_ours_names_another_machine(path: Path) -> None:
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", path.read_text())
