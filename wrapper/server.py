"""The HTTP server of one run of `wrapper serve`: wires the application to a socket and runs it until it is stopped."""

import errno
import socket
import sys
from contextlib import suppress
from typing import TextIO

import uvicorn

from api.app import Application
from api.context import Settings
from api.security import is_loopback
from data.sqlite.database import open_reader

_BACKLOG = 2048
_OTHER_HOST = "name this machine by one of its addresses with --host"
_GRACE = 3  # seconds that answers under way have when the server is stopped


class ServerError(Exception):
    """The server cannot start. `hint` says what the user can do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Server(uvicorn.Server):
    """Says goodbye to event streams before it waits for the answers under way."""

    def __init__(self, application: Application, *, grace: int = _GRACE) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                lifespan="on",
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=grace,
            )
        )
        self._application = application

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.say_goodbye()
        await super().shutdown(sockets)


def serve(settings: Settings, port: int, *, messages: TextIO | None = None) -> None:
    """Serves the database, which exists with our schema, until SIGINT or SIGTERM.

    Port 0 takes a free one. `messages` (stderr by default) gets the database and the address. Raises `ServerError`,
    and `StoreError` for a database that cannot be read.
    """
    check_address(settings.host, settings.token)
    open_reader(settings.database).close()
    with bind(settings.host, port) as listener:
        address = f"http://{_in_url(settings.host)}:{listener.getsockname()[1]}"
        told = f"wrapper: serving {settings.database} at {address} (Ctrl-C stops)"
        print(told, file=messages or sys.stderr, flush=True)
        # It stops in order at the first SIGINT, and afterwards raises it again.
        with suppress(KeyboardInterrupt):
            Server(Application(settings)).run(sockets=[listener])


def check_address(host: str, token: str | None) -> None:
    """Raises `ServerError` for an address beyond this machine without a token."""
    if not is_loopback(host) and not token:
        raise ServerError(
            f"the address {host!r} is not this machine's alone, and there is no token",
            "set one (WRAPPER_TOKEN), or use 127.0.0.1, ::1 or localhost, and a tunnel (ssh -L) from elsewhere",
        )


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `ServerError`, which suggests a free port when this one is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only where the protocol is named; else a replay's events come 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # A port that a server has just left can be taken again at once.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (socket.gaierror, UnicodeError) as error:  # UnicodeError: a name that no host may have
        listener.close()
        why = f" ({error.strerror})" if isinstance(error, OSError) else ""
        raise ServerError(f"the host name {host!r} cannot be resolved{why}", _OTHER_HOST) from error
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            free = _free_port(host)
            raise ServerError(f"port {port} of {host} is taken", f"use another one: --port {free}") from error
        hint = _OTHER_HOST if error.errno == errno.EADDRNOTAVAIL else "try another --port"
        raise ServerError(f"cannot listen on {host} port {port}: {error.strerror}", hint) from error
    return listener


def _free_port(host: str) -> int:
    with bind(host, 0) as listener:
        port: int = listener.getsockname()[1]
        return port


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
