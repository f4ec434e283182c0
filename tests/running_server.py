"""A real server on a loopback port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from api.app import create_app
from api.context import Settings
from wrapper.server import bind


@contextmanager
def running(settings: Settings) -> Iterator[httpx.Client]:
    """A client of a server that runs within the block."""
    listener = bind("127.0.0.1", 0)
    config = uvicorn.Config(create_app(settings), lifespan="on", log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    # The socket listens already: whoever connects before the server runs is served when it does.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
