"""Behind the agent's end: who waits until all is stored, and who does not."""

import signal
import sqlite3
import subprocess
from contextlib import closing

import pytest

from program import TIMEOUT, Place


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_does_not_wait_for_the_database_has_the_agents_status(place: Place, number: signal.Signals) -> None:
    place.run("first", "--enable-db", "true")
    with closing(sqlite3.connect(place.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        wrapper = place.start("codex", "--enable-db", "--", "sh", "-c", "exit 7", stderr=subprocess.PIPE)
        assert wrapper.stderr
        assert b"storing the rest" in wrapper.stderr.readline()
        wrapper.send_signal(number)
        assert wrapper.wait(TIMEOUT) == 7
        assert b"not all is stored: interrupted" in wrapper.stderr.readline()
        wrapper.stderr.close()


def test_whoever_waits_for_a_descriptor_of_the_users_does_not_wait_for_the_indexer(place: Place) -> None:
    place.run("first", "--enable-db", "true")
    with closing(sqlite3.connect(place.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        command = "wrapper codex --enable-db --drain-timeout 0 -- sh -c 'echo seen >&3' 3>&1 >&2 2>/dev/null | cat"
        assert place.shell(command).stdout == "seen\n"
