"""The HTTP server of one run of `wrapper serve`: wires the application to a socket and runs it until it is stopped."""

import errno
import socket
import sys
from contextlib import suppress
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import TextIO

import uvicorn

from api.app import create_app
from api.context import Settings
from data.sqlite.database import open_reader

_BACKLOG = 2048
_GRACE = 3  # seconds that answers under way have when the server is stopped; event streams never end by themselves


class ServerError(Exception):
    """The server cannot start. `hint` says what the user can do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def serve(database: Path, host: str, port: int, *, messages: TextIO | None = None) -> None:
    """Serves the database, which exists with our schema, until SIGINT or SIGTERM.

    Port 0 takes a free one. `messages` (stderr by default) gets the database and the address. Raises `ServerError`,
    and `StoreError` for a database that cannot be read.
    """
    check_loopback(host)
    open_reader(database).close()
    with bind(host, port) as listener:
        app = create_app(Settings(database, version("wrapper"), host))
        config = uvicorn.Config(
            app,
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        address = f"http://{_in_url(host)}:{listener.getsockname()[1]}"
        print(f"wrapper: serving {database} at {address} (Ctrl-C stops)", file=messages or sys.stderr, flush=True)
        server = uvicorn.Server(config)
        # It stops in order at the first SIGINT, and afterwards raises it again.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def check_loopback(host: str) -> None:
    """Raises `ServerError` unless `host` is an address of this machine alone."""
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ServerError(
            f"the address {host!r} is not this machine's alone",
            "there are no passwords yet: use 127.0.0.1, ::1 or localhost, and a tunnel (ssh -L) from elsewhere",
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
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            free = _free_port(host)
            raise ServerError(f"port {port} of {host} is taken", f"use another one: --port {free}") from error
        raise ServerError(f"cannot listen on {host} port {port}: {error.strerror}", "try another --port") from error
    return listener


def _free_port(host: str) -> int:
    with bind(host, 0) as listener:
        port: int = listener.getsockname()[1]
        return port


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
