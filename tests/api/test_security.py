"""Foreign hosts and origins, the token, and the headers of every answer."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers

from api.context import Settings
from api.errors import HostError, OriginError
from api.security import COOKIE, LOOPBACK_NAMES, allowed_names, check_request
from running_server import running
from sample_database import SampleDatabase


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8151",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "evil.example#localhost",
        "127.0.0.2",
        "0.0.0.0",
        "192.168.1.5:8151",
        "[::2]",
        "localhost:port",
        "localhost:",
        "localhost:1:2",
        "[::1",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/api/health", "/api/query/extractions", "/api/replay/session/last", "/nothing"])
def test_a_foreign_host_is_refused_before_anything_is_read(empty: httpx.Client, host: str, path: str) -> None:
    response = empty.get(path, headers={"Host": host})
    assert response.status_code == 421
    assert response.json()["error"]["kind"] == "host_not_allowed"
    assert "localhost" in response.json()["error"]["hint"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8151", "127.0.0.1:1", "[::1]:8151", "[::1]"])
def test_loopback_names_are_answered_on_any_port(empty: httpx.Client, host: str) -> None:
    assert empty.get("/api/health", headers={"Host": host}).status_code == 200


def test_the_bound_address_is_answered(database: SampleDatabase) -> None:
    with running(Settings(database.path, "1.2.3", host="127.0.0.9")) as client:
        assert client.get("/api/health", headers={"Host": "127.0.0.9:8151"}).status_code == 200
        assert client.get("/api/health", headers={"Host": "127.0.0.8:8151"}).status_code == 421


def test_two_hosts_are_none() -> None:
    headers = Headers(raw=[(b"host", b"localhost"), (b"host", b"localhost")])
    with pytest.raises(HostError, match="localhost, localhost"):
        check_request(headers, LOOPBACK_NAMES)
    with pytest.raises(HostError):
        check_request(Headers({}), LOOPBACK_NAMES)


@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost:8151", "http://localhost:9", "null", ""])
def test_another_origin_may_not_ask(origin: str) -> None:
    with pytest.raises(OriginError):
        check_request(Headers({"host": "localhost:8151", "origin": origin}), LOOPBACK_NAMES)


def test_our_own_page_and_programs_without_an_origin_may() -> None:
    check_request(Headers({"host": "localhost:8151", "origin": "http://localhost:8151"}), LOOPBACK_NAMES)
    check_request(Headers({"host": "localhost:8151"}), LOOPBACK_NAMES)


def test_a_foreign_page_that_posts_is_forbidden(empty: httpx.Client) -> None:
    response = empty.post("/api/health", headers={"Origin": "http://evil.example"})
    assert response.status_code == 403
    assert response.json()["error"]["kind"] == "origin_not_allowed"


@pytest.mark.parametrize("path", ["/api/health", "/nothing", "/api/query/extractions?limit=0", "/api/query/session/x"])
@pytest.mark.parametrize("origin", [{}, {"Origin": "http://evil.example"}])
def test_every_answer_tells_browsers_to_keep_out(empty: httpx.Client, path: str, origin: dict[str, str]) -> None:
    headers = empty.get(path, headers=origin).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
    assert not [name for name in headers if name.lower().startswith("access-control")]


TOKEN = "correct-horse-battery"


@pytest.fixture
def guarded(database: SampleDatabase) -> Iterator[httpx.Client]:
    with running(Settings(database.path, "1.2.3", token=TOKEN)) as http:
        yield http


@pytest.mark.parametrize("path", ["/api/health", "/metrics", "/api/openapi.json", "/api/live", "/nothing"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Cookie": f"{COOKIE}={TOKEN}"},
        {"Cookie": f"{COOKIE}="},
        {"Cookie": ";;==,\\"},
    ],
)
def test_without_the_token_nothing_is_answered(guarded: httpx.Client, path: str, headers: dict[str, str]) -> None:
    response = guarded.get(path, headers=headers)
    assert response.status_code == 401
    assert response.json()["error"]["kind"] == "token_required"
    assert TOKEN not in response.text


def test_a_program_sends_the_token_as_a_bearer(guarded: httpx.Client) -> None:
    assert guarded.get("/api/health", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert guarded.get("/api/health", headers={"Authorization": f"bearer  {TOKEN}"}).status_code == 200


def test_a_browser_gets_a_cookie_and_loses_the_token_from_its_address(guarded: httpx.Client) -> None:
    response = guarded.get("/api/query/extractions", params={"token": TOKEN, "agent": "a b&c", "limit": "5"})
    assert response.status_code == 303
    host = f"http://127.0.0.1:{guarded.base_url.port}"
    assert response.headers["location"] == f"{host}/api/query/extractions?agent=a+b%26c&limit=5"
    cookie = response.headers["set-cookie"]
    assert TOKEN not in cookie + response.headers["location"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    followed = guarded.get(response.headers["location"])
    assert followed.status_code == 200
    with guarded.stream("GET", "/api/live") as live:
        assert live.status_code == 200


@pytest.mark.parametrize("params", [{"token": "wrong"}, [("token", TOKEN), ("token", "wrong")], {"token": ""}])
def test_a_wrong_token_in_the_address_sets_no_cookie(guarded: httpx.Client, params: Any) -> None:
    response = guarded.get("/api/health", params=params)
    assert response.status_code == 401
    assert "set-cookie" not in response.headers


def test_the_redirection_never_leads_to_another_host(guarded: httpx.Client) -> None:
    request = guarded.build_request("GET", f"/?token={TOKEN}")
    request.url = request.url.copy_with(raw_path=f"//evil.example/%0d%0ax?token={TOKEN}".encode())
    location = guarded.send(request).headers["location"]
    assert location == f"http://{request.headers['host']}//evil.example/%0d%0ax"


def test_the_token_is_no_parameter_of_a_command(guarded: httpx.Client) -> None:
    response = guarded.post("/api/replay/control/x/stop", params={"token": TOKEN}, json={})
    assert response.status_code == 401


def test_with_a_token_the_server_has_any_name_beyond_this_machine_alone() -> None:
    assert allowed_names("0.0.0.0", TOKEN) is None
    assert allowed_names("127.0.0.1", TOKEN) == LOOPBACK_NAMES
    assert allowed_names("127.0.0.9", None) == LOOPBACK_NAMES | {"127.0.0.9"}
    check_request(Headers({"host": "build-machine.lan:8151"}), None)
    for host in ("", "a b", "a/b", "user@host", "a, b"):
        with pytest.raises(HostError):
            check_request(Headers({"host": host}), None)


def test_attacks_one_after_the_other_leave_the_server_in_order(client: httpx.Client, database: SampleDatabase) -> None:
    database.event()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    evil = {"Origin": "http://evil.example"}
    command = "/api/replay/control/x/stop"
    attacks = [
        client.get("/api/query/extractions", headers={"Host": "evil.example"}),
        client.get("/api/query/extractions", headers=evil),
        client.get("/api/query/extractions", headers={"Origin": "null"}),
        client.post(command, content=b"a=b", headers=form | evil),
        client.post(command, content=b"a=b", headers=form),
        client.post(command, content=b"{}", headers={"Content-Type": "text/plain"}),
        client.post("/api/query/extractions", json={}),
        client.post(command, content=b"{" * 1_000_000, headers={"Content-Type": "application/json"}),
    ]
    assert [response.status_code for response in attacks] == [421, 403, 403, 403, 415, 415, 405, 413]
    assert client.get("/api/query/extractions").json()["total"] == 1
