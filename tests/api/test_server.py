"""Where the server listens, and how it stops."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.context import Settings
from data.stores import StoreError
from sample_database import SampleDatabase
from sample_recording import Read, record
from wrapper.server import ServerError, bind, check_address, serve

SERVE = """
import sys, pathlib
from api.context import Settings
from wrapper.server import serve
serve(Settings(pathlib.Path(sys.argv[1]), "1.2.3"), 0)
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_addresses_may_be_listened_on(host: str) -> None:
    check_address(host, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
def test_no_other_address_may(host: str, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=re.escape(repr(host))) as error:
        serve(Settings(tmp_path / "wrapper.db", "1.2.3", host), 0)
    assert "127.0.0.1" in error.value.hint


def test_a_port_that_is_taken_is_named_with_one_that_is_free() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port} of 127.0.0.1 is taken") as error:
            bind("127.0.0.1", port)
    suggested = re.fullmatch(r"use another one: --port (\d+)", error.value.hint)
    assert suggested
    bind("127.0.0.1", int(suggested[1])).close()


def test_an_address_that_this_machine_lacks_is_an_error() -> None:
    with pytest.raises(ServerError, match=r"203\.0\.113\.1"):
        bind("203.0.113.1", 0)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_server_says_what_it_serves_and_stops_while_a_stream_is_open(
    database: SampleDatabase, tmp_path: Path, stop: signal.Signals
) -> None:
    record(database, tmp_path / "s1", [Read(3_600_000_000, b"an hour later")], end=None)
    command = [sys.executable, "-c", SERVE, str(database.path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        announced = re.search(r"serving (\S+) at (http://127\.0\.0\.1:\d+)", server.stderr.readline())
        assert announced
        assert announced[1] == str(database.path)
        with httpx.stream("GET", f"{announced[2]}/api/replay/session/s1", timeout=30) as response:
            lines = response.iter_lines()
            assert next(lines)
            server.send_signal(stop)
            assert "event: goodbye" in list(lines)
            assert server.wait(timeout=30) in (0, -stop)
            assert server.stderr.read() == ""


def test_a_database_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing\.db"):
        serve(Settings(tmp_path / "nothing.db", "1.2.3"), 0)


def test_a_listening_socket_takes_connections_before_the_server_runs() -> None:
    with bind("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as connection:
        assert connection.getpeername() == listener.getsockname()


def test_events_are_sent_at_once_instead_of_being_gathered() -> None:
    # What asyncio goes by when it sets TCP_NODELAY on a connection.
    with bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
