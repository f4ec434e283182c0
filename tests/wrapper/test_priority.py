"""Where the processor is short, the agent has it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from processes import children, indexer_of
from program import TIMEOUT, Place, wait_until
from wrapper import priority
from wrapper.priority import SessionPriority

AGENT = ("quiet", "--enable-db", "--no-pty", "--", "sh", "-c", "read go")


def test_the_indexer_is_nice_and_the_agent_as_without_us(place: Place) -> None:
    wrapper = place.start(*AGENT, stdin=-1)
    indexer = wait_until(lambda: indexer_of(wrapper.pid), "the indexer")
    wait_until(lambda: os.getpriority(os.PRIO_PROCESS, indexer) == 19, "its niceness")
    others = [pid for pid in children(wrapper.pid) if pid != indexer]
    assert [os.getpriority(os.PRIO_PROCESS, pid) for pid in others] == [os.getpriority(os.PRIO_PROCESS, 0)]
    wrapper.communicate(b"go\n", TIMEOUT)


def niceness_of_session(pid: int) -> int:
    return int(Path(f"/proc/{pid}/autogroup").read_text().split()[-1])


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this kernel knows no sessions' niceness")
def test_its_session_is_nice_too(place: Place) -> None:
    wrapper = place.start(*AGENT, stdin=-1)
    indexer = wait_until(lambda: indexer_of(wrapper.pid), "the indexer")
    wait_until(lambda: niceness_of_session(indexer) == 19, "its session's niceness")
    others = [pid for pid in children(wrapper.pid) if pid != indexer]
    assert [*map(niceness_of_session, others)] == [niceness_of_session(os.getpid())]
    wrapper.communicate(b"go\n", TIMEOUT)


class Kernel:
    """What was written to it; it refuses while it has something to `say`."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.say: Callable[[], OSError] | None = None

    def write_text(self, text: str) -> None:
        if self.say:
            raise self.say()
        self.written.append(text)


def test_a_kernel_that_wants_to_be_asked_later_is(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    monkeypatch.setattr(priority, "_SESSION", kernel)
    session = SessionPriority()
    kernel.say = BlockingIOError
    session.give_way(True)
    kernel.say = None
    for wanted in (True, True, False, False):
        session.give_way(wanted)
    assert kernel.written == ["19", "0"]


def test_where_sessions_have_no_priority_it_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    monkeypatch.setattr(priority, "_SESSION", kernel)
    session = SessionPriority()
    kernel.say = PermissionError
    session.give_way(True)
    kernel.say = None
    session.give_way(True)
    assert kernel.written == []
