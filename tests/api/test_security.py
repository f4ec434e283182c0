"""Foreign hosts and origins, and the headers of every answer."""

import httpx
import pytest
from starlette.datastructures import Headers

from api.context import Settings
from api.errors import HostError, OriginError
from api.security import LOOPBACK_NAMES, check_request
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
