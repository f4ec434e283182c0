"""Who may ask: the Host and Origin of every request are checked, every answer says what a browser may do with it.

The server listens on loopback, but any web page may make its own name resolve to 127.0.0.1 (DNS rebinding) and then
read our answers as its own. Such a request carries the page's name as its Host, and is refused. There is no CORS.
"""

import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, HostError, OriginError, describe

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@/\\?#\s]+)(:[0-9]{1,5})?")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class SecurityMiddleware:
    """Refuses foreign hosts and origins before the application sees them; stands outside all else, errors included."""

    def __init__(self, app: ASGIApp, bound_host: str) -> None:
        self._app = app
        name = f"[{bound_host}]" if ":" in bound_host else bound_host
        self._names = LOOPBACK_NAMES | {name.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            check_request(scope["method"], Headers(scope=scope), self._names)
        except ApiError as error:
            await describe(error).response()(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def check_request(method: str, headers: Headers, names: Collection[str]) -> None:
    """Raises `HostError` or `OriginError` for what does not come from this machine's own pages and programs."""
    host = ", ".join(headers.getlist("host"))
    match = _HOST.fullmatch(host.lower())
    if match is None or match[1] not in names:
        raise HostError(f"Host is {host!r}", f"ask for one of {', '.join(sorted(names))}")
    if method in _SAFE_METHODS:
        return
    for origin in headers.getlist("origin"):
        if origin.lower() != f"http://{host.lower()}":
            raise OriginError(f"Origin is {origin!r}, not http://{host}", "only our own page may change anything")
