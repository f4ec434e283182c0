"""Who may ask: the Host, the Origin and the token of every request are checked, every answer tells browsers what to do.

The server listens on loopback, but any web page may make its own name resolve to 127.0.0.1 (DNS rebinding) and then
read our answers as its own. Such a request carries the page's name as its Host, and is refused. There is no CORS.

With a token, a request must have it: as `Authorization: Bearer`, or in the cookie that `?token=` sets, because a
browser's EventSource has no headers. Only with one may the server listen beyond this machine, under any name.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Collection
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, HostError, OriginError, TokenError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
COOKIE = "wrapper_token"

# Of pages: our own files and nothing else; `data:` for the small images within style sheets.
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@/\\?#\s]+)(:[0-9]{1,5})?")
# As ASGI has them: every answer gets those that it has not set itself.
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)


class SecurityMiddleware:
    """Refuses foreign requests before the application sees them."""

    def __init__(
        self, app: ASGIApp, bound_host: str, token: str | None, refusal: Callable[[Scope, ApiError], Response]
    ) -> None:
        self._app = app
        self._names = allowed_names(bound_host, token)
        self._token = token
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"]
                names = {name for name, _ in given}
                message["headers"] = [*given, *(header for header in _HEADERS if header[0] not in names)]
            await send(message)

        headers = Headers(scope=scope)
        try:
            check_request(headers, self._names)
            response = check_token(scope, headers, self._token) if self._token else None
        except ApiError as error:
            response = self._refusal(scope, error)
        await (response or self._app)(scope, receive, send_with_headers)


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def allowed_names(bound_host: str, token: str | None) -> Collection[str] | None:
    """The names that the server answers to; None for any: beyond loopback, the token decides."""
    if token and not is_loopback(bound_host):
        return None
    name = f"[{bound_host}]" if ":" in bound_host else bound_host
    return LOOPBACK_NAMES | {name.lower()}


def check_request(headers: Headers, names: Collection[str] | None) -> None:
    """Raises `HostError` or `OriginError` for what does not come from our own pages and programs."""
    host = ", ".join(headers.getlist("host"))
    match = _HOST.fullmatch(host.lower())
    if match is None or (names is not None and match[1] not in names):
        known = f"ask for one of {', '.join(sorted(names))}" if names else "ask for one host"
        raise HostError(f"Host is {host!r}", known)
    for origin in headers.getlist("origin"):
        if origin.lower() != f"http://{host.lower()}":
            raise OriginError(f"Origin is {origin!r}, not http://{host}", "only our own page may ask")


def check_token(scope: Scope, headers: Headers, token: str) -> Response | None:
    """None for a request that has the token, a redirection for one that has it in its URL. Raises `TokenError`."""
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    in_url = [value for name, value in given if name == "token"]
    if scope["method"] in ("GET", "HEAD") and in_url and all(_same(value, token) for value in in_url):
        return _redirection(scope, headers, token, [pair for pair in given if pair[0] != "token"])
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and _same(value.strip(), token):
        return None
    if _same(_cookie(headers), _cookie_value(token)):
        return None
    raise TokenError("this server needs its token", "send Authorization: Bearer …, or open /?token=… in a browser")


def _redirection(scope: Scope, headers: Headers, token: str, rest: list[tuple[str, str]]) -> Response:
    """To the same place without the token, which would stay in the browser's history."""
    path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or "/"
    query = f"?{urlencode(rest, encoding='latin-1')}" if rest else ""
    # With its host: a path that begins with two slashes would lead to another one.
    response = RedirectResponse(f"http://{headers['host']}{path}{query}", 303)
    response.set_cookie(COOKIE, _cookie_value(token), path="/", httponly=True, samesite="strict")
    return response


def _cookie(headers: Headers) -> str:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def _cookie_value(token: str) -> str:
    """Not the token itself: any text may be one, and a cookie is easily shown."""
    return hmac.new(token.encode(), b"wrapper cookie", hashlib.sha256).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
