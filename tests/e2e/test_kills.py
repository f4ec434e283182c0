"""Whatever is killed, and when: what was recorded is stored, once."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from processes import indexer_of
from program import CONTENTS, TIMEOUT, Place, wait_until

AGENT = Path(__file__).with_name("noisy_agent.py")
WAL_WRITE_LOCK = "120 120"  # the byte of SQLite's -shm file that a writer holds locked during its transaction


def start_noisy_agent(place: Place) -> "subprocess.Popen[bytes]":
    words = ("noisy", "--enable-db", "--no-pty", "--", sys.executable, str(AGENT))
    nowhere = subprocess.DEVNULL
    return place.start(*words, stdout=nowhere, stderr=nowhere, start_new_session=True)


def events_in(log: Path) -> list[str]:
    """The errors that whole lines of a log, and a last one without its end, tell of."""
    return [value.decode() for value in re.findall(rb"(?m)^Error: (.+)$", log.read_bytes())]


def is_in_transaction(pid: int) -> bool:
    """Whether the process holds SQLite's write lock at this moment."""
    locks = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return any(
        lock[1:4] == ["POSIX", "ADVISORY", "WRITE"] and lock[4] == str(pid) and " ".join(lock[6:8]) == WAL_WRITE_LOCK
        for lock in locks
    )


def test_after_a_kill_the_events_are_those_of_the_recorded_bytes_once_each(place: Place, kill: int) -> None:
    """One kill in two hits the indexer within a transaction."""
    chance = random.Random(kill)
    wrapper = start_noisy_agent(place)
    indexer = wait_until(lambda: indexer_of(wrapper.pid), "the indexer")
    wait_until(place.database.exists, "the database")
    victims = chance.choice([[indexer], [indexer, wrapper.pid], [wrapper.pid, indexer], [wrapper.pid]])
    time.sleep(chance.uniform(0, 1.0))  # the moment of the kill is what is random
    if kill % 2:
        victims = victims if indexer in victims[:1] else [indexer, wrapper.pid]
        wait_until(lambda: is_in_transaction(indexer), "a transaction", pause=0)
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    if wrapper.pid not in victims:
        wrapper.terminate()
    wrapper.wait(TIMEOUT)
    wait_until(lambda: indexer_of(wrapper.pid) is None, "the indexer's end")

    wait_until(
        lambda: place.run("recover").returncode == 0 and not list(place.recordings.glob(".pending/*")), "recovery"
    )
    assert place.query("SELECT state, exit_code FROM process_sessions") == [
        ("interrupted", None) if wrapper.pid in victims else ("killed", 143)
    ]
    recording = place.recording()
    for stream in ("stdout", "stderr"):
        found = place.query(
            "SELECT matched_value FROM extraction_events WHERE event_type = 'error' AND stream = ? ORDER BY id", stream
        )
        assert [value for (value,) in found] == events_in(recording / f"{stream}.log")
    assert place.query("PRAGMA integrity_check") == [("ok",)]
    assert_equal_to_an_undisturbed_run(place)


def assert_equal_to_an_undisturbed_run(place: Place) -> None:
    """Indexing the same recording in one go, into a new database, gives the same rows, counters and buckets."""
    recovered = [place.query(sql) for sql in CONTENTS]
    shutil.move(place.database.parent, place.directory / "recovered")
    assert place.run("reindex", "last").returncode == 0
    undisturbed = [place.query(sql) for sql in CONTENTS]
    assert recovered == undisturbed


def test_an_indexer_that_dies_does_not_touch_the_agent(place: Place) -> None:
    wrapper = place.start(
        "slow", "--enable-db", "--no-pty", "--", "sh", "-c", "echo Error: one; read go; echo Error: two; exit 7",
        stdin=-1, stdout=-1, stderr=-1,
    )  # fmt: skip
    assert wrapper.stdin
    assert wrapper.stdout
    assert wrapper.stdout.readline() == b"Error: one\n"
    indexer = wait_until(lambda: indexer_of(wrapper.pid), "the indexer")
    os.kill(indexer, signal.SIGKILL)
    output, said = wrapper.communicate(b"go\n", TIMEOUT)
    assert (output, wrapper.returncode) == (b"Error: two\n", 7)
    assert b"wrapper recover" in said
    assert place.run("recover").returncode == 0
    assert place.query("SELECT matched_value FROM extraction_events ORDER BY id") == [("one",), ("two",)]


def test_the_next_command_finishes_what_was_interrupted(place: Place) -> None:
    wrapper = start_noisy_agent(place)
    indexer = wait_until(lambda: indexer_of(wrapper.pid), "the indexer")
    for pid in (indexer, wrapper.pid):
        os.kill(pid, signal.SIGKILL)
    wrapper.wait(TIMEOUT)
    listed = place.run("sessions")
    assert b"recovered session" in listed.stderr
    assert b"interrupted" in listed.stdout
