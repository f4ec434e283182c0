"""Our own outputs: what is written to them, and that nothing waits for their readers."""

import errno
import fcntl
import os
import socket
from pathlib import Path

import pytest

from wrapper.sink import Sink

DATA = memoryview(bytes(range(256)) * 4096)  # more than a pipe or a socket holds


@pytest.fixture(params=["pipe", "socket"])
def ends(request: pytest.FixtureRequest) -> tuple[int, int]:
    """A reading and a writing end that somebody else shares."""
    if request.param == "pipe":
        return os.pipe()
    reader, writer = socket.socketpair()
    return reader.detach(), writer.detach()


def test_what_the_reader_does_not_take_is_pending_and_comes_in_order(ends: tuple[int, int]) -> None:
    reader, writer = ends
    sink = Sink(writer)
    sink.write(DATA)
    assert 0 < len(sink.pending) < len(DATA)
    sink.write(memoryview(b"behind"))
    taken = bytearray()
    while len(taken) < len(DATA) + 6:
        taken += os.read(reader, 1 << 20)
        sink.flush()
    assert taken == bytes(DATA) + b"behind"
    assert not sink.pending
    sink.close()


def test_the_shared_descriptor_stays_blocking(ends: tuple[int, int]) -> None:
    sink = Sink(ends[1])
    sink.write(DATA)
    assert not fcntl.fcntl(ends[1], fcntl.F_GETFL) & os.O_NONBLOCK
    sink.close()
    os.fstat(ends[1])


def test_a_sink_without_a_reader_takes_everything_and_says_that_it_is_gone(ends: tuple[int, int]) -> None:
    os.close(ends[0])
    sink = Sink(ends[1])
    sink.write(DATA)
    assert sink.gone
    assert not sink.pending
    sink.write(DATA)
    assert not sink.pending


def test_a_file_is_written_behind_what_others_have_written(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb", buffering=0) as file:
        file.write(b"theirs")
        sink = Sink(file.fileno())
        sink.write(memoryview(b"ours"))
        assert not sink.pending
        file.write(b"theirs")
    assert (tmp_path / "file").read_bytes() == b"theirsourstheirs"


def test_a_full_device_is_a_sink_that_is_gone_and_says_why() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    why: list[OSError] = []
    sink = Sink(fd, failed=why.append)
    sink.write(DATA)
    assert sink.gone
    assert [error.errno for error in why] == [errno.ENOSPC]
    os.close(fd)
