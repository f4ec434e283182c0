"""A real server on a loopback port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from api.app import create_app
from api.context import Settings
from wrapper.server import Server, bind

STOPPED_WITHIN = 30.0  # seconds: only a server that hangs takes longer


@contextmanager
def running(settings: Settings, port: int = 0) -> Iterator[httpx.Client]:
    """A client of a server that runs within the block."""
    listener = bind("127.0.0.1", port)
    server = Server(create_app(settings), grace=1)
    # The socket listens already: whoever connects before the server runs is served when it does.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(STOPPED_WITHIN)
        listener.close()
        assert not thread.is_alive(), "the server does not stop"
