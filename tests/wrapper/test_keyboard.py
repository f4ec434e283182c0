"""What is typed into an agent's PTY."""

import os
import tty
from collections.abc import Iterator

import pytest

from wrapper.keyboard import CHUNK_BYTES, Keyboard
from wrapper.loop import Loop

ANSWER = b"\x1b[?62;22c"


@pytest.fixture
def pty() -> Iterator[tuple[int, int]]:
    """Ours and the agent's end, in raw mode."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    os.set_blocking(slave, False)
    yield master, slave
    os.close(master)
    os.close(slave)


def has_room_behind(keyboard: Keyboard) -> bool:
    """Whether there is room behind one more answer."""
    keyboard.type(ANSWER)
    return keyboard.has_room


def test_answers_wait_for_an_agent_that_reads_none_up_to_a_bound(pty: tuple[int, int]) -> None:
    master, slave = pty
    reading, writing = os.pipe()
    keyboard = Keyboard(Loop(), reading, master, None)
    given = next(number for number in range(CHUNK_BYTES) if not has_room_behind(keyboard))
    assert given * len(ANSWER) >= CHUNK_BYTES
    read = bytearray()
    while len(read) < (given + 1) * len(ANSWER):
        read += os.read(slave, CHUNK_BYTES)
        keyboard.type(b"")  # as the loop does once the PTY takes something
    assert read == ANSWER * (given + 1)
    assert has_room_behind(keyboard)
    keyboard.close()
    os.close(writing)
