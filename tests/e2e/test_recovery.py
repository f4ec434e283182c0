"""Recovery as it goes wrong: races, other patterns, lost databases, damaged recordings."""

import fcntl
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from made_secrets import LINES
from processes import indexer_of
from program import TIMEOUT, Place, complaints, read_json, wait_until

MINE = """
[[pattern]]
name = "deploy"
event_type = "error"
regex = '^deploy failed: (?P<value>.+)'
examples = ["deploy failed: x"]
"""
VALUES = "SELECT matched_value FROM extraction_events ORDER BY id"


def values(place: Place) -> list[tuple[str]]:
    """What is stored, also before there is anything."""
    try:
        return place.query(VALUES)
    except sqlite3.OperationalError:
        return []


def interrupted(place: Place, *options: str, script: str = "echo Error: one; exec sleep 60") -> Path:
    """A recording whose run and indexer were killed after its first event was stored."""
    wrapper = place.start("codex", "--enable-db", *options, "--", "sh", "-c", script, stdout=-3, stderr=-3)
    indexer = wait_until(lambda: indexer_of(wrapper.pid), "the indexer")
    wait_until(lambda: values(place), "the first event")
    for pid in (indexer, wrapper.pid):
        os.kill(pid, signal.SIGKILL)
    wrapper.wait(TIMEOUT)
    return place.recording()


def test_short_runs_side_by_side_are_each_stored_when_they_end(place: Place) -> None:
    script = 'for i in 1 2 3 4 5 6; do (wrapper w$i --enable-db -- echo "Error: $i" || echo failed >&2) & done; wait'
    ran = place.shell(script)
    assert complaints(ran.stderr) == ""
    assert sorted(place.query(VALUES)) == [(str(number),) for number in range(1, 7)]


def test_recovery_uses_the_patterns_of_the_run(place: Place) -> None:
    (place.directory / "mine.toml").write_text(MINE)
    interrupted(place, "--patterns", "mine.toml", script="echo deploy failed: api; exec sleep 60")
    assert place.query(VALUES) == [("api",)]
    listed = place.run("events")
    assert b"recovered session" in listed.stderr
    assert place.query(VALUES) == [("api",)]


def test_a_killed_session_ends_with_its_last_heartbeat(place: Place) -> None:
    interrupted(place)
    heartbeat = "strftime('%Y-%m-%dT%H:%M:%f000Z', started_at, '+90.5 seconds')"
    with closing(sqlite3.connect(place.database)) as connection, connection:
        connection.execute(f"UPDATE process_sessions SET heartbeat_at = {heartbeat}")
    assert place.run("recover").returncode == 0
    assert place.query("SELECT ended_at = heartbeat_at, state FROM process_sessions") == [(1, "interrupted")]
    assert b" 1m30s " in place.run("sessions").stdout


def test_a_reindex_that_is_killed_is_finished_by_the_next_command(place: Place) -> None:
    place.run("codex", "--enable-db", "seq -f 'Error: %g' 20000")
    before = place.query(VALUES)
    again = place.start("reindex", "last", stdout=-3)
    wait_until(lambda: len(place.query(VALUES)) < len(before), "the reset", pause=0)
    again.kill()
    again.wait(TIMEOUT)
    assert place.run("sessions").returncode == 0
    assert place.query(VALUES) == before


def test_a_database_that_is_removed_during_the_run_is_made_again(place: Place) -> None:
    wrapper = place.start(
        "codex", "--enable-db", "--", "sh", "-c", "echo Error: 1; read go; echo Error: 2", stdin=-1, stdout=-3
    )
    wait_until(lambda: values(place), "the first event")
    shutil.rmtree(place.database.parent)
    wrapper.communicate(b"go\n", TIMEOUT)
    assert place.query(VALUES) == [("1",), ("2",)]


def test_a_recording_that_somebody_holds_is_left_for_later(place: Place) -> None:
    recording = interrupted(place)
    with (recording / "timing").open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        assert place.run("recover").returncode == 0
        assert place.query("SELECT ended_at FROM process_sessions") == [(None,)]
    assert place.run("recover").returncode == 0
    assert place.query("SELECT state FROM process_sessions") == [("interrupted",)]


@pytest.mark.parametrize(
    "damage",
    [
        b"S 0.000000 STATE AT=1.000000\n",
        b"S 0.000000 GAP STREAM=elsewhere BYTES=1 AT=1.000000\n",
        b"H 0.000000 EXIT_CODE 12345678901234567890\n",
        b"no timing record\n",
    ],
)
def test_a_damaged_recording_is_no_obstacle_to_the_others(place: Place, damage: bytes) -> None:
    recording = interrupted(place)
    with (recording / "timing").open("ab") as timing:
        timing.write(damage)
    place.run("other", "--enable-db", "echo Error: fine")
    listed = place.run("sessions")
    assert (listed.returncode, listed.stdout.count(b"\n")) == (0, 3)
    assert b"Traceback" not in listed.stderr
    again = place.run("reindex", recording.name)
    assert b"Traceback" not in again.stderr


def test_an_unusable_recording_is_left_out_and_said(place: Place) -> None:
    place.run("codex", "--enable-db", "echo Error: fine")
    empty = place.recordings / "codex" / "0000000000000000"
    empty.mkdir()
    (empty / "timing").touch()
    again = place.run("reindex", "--all")
    assert again.returncode == 0
    assert b"0000000000000000 is not a recording" in again.stderr
    assert place.query(VALUES) == [("fine",)]


def test_what_is_stored_is_not_given_up_for_a_recording_that_has_lost_bytes(place: Place) -> None:
    place.run("codex", "--enable-db", "echo Error: kept")
    (place.recording() / "stdout.log").write_bytes(b"")
    again = place.run("reindex", "last")
    assert again.returncode == 1
    assert b"has 0 bytes of the 12 that are stored" in again.stderr
    assert place.query(VALUES) == [("kept",)]


def test_all_means_every_recording_that_the_database_has(place: Place) -> None:
    place.run("codex", "echo Error: taken in later")
    place.run("reindex", "last")
    assert place.run("reindex", "--all").returncode == 0
    assert place.query(VALUES) == [("taken in later",)]


def test_recordings_from_elsewhere_are_stored_where_they_lie(place: Place) -> None:
    place.run("codex", "echo Error: kept")
    session = place.recording().name
    shutil.move(place.recording(), place.directory / "archive" / session)
    again = place.run("reindex", "--from", "archive", "--json")
    assert again.returncode == 0, again.stderr
    (row,) = read_json(again.stdout)["reindexed"]
    assert row == {
        "session_id": session,
        "directory": str(place.directory / "archive" / session),
        "db": str(place.database),
        "events": 1,
        "problem": "",
    }
    assert place.query("SELECT recording_path FROM process_sessions") == [(row["directory"],)]
    assert not (place.directory / ".pending").exists()
    (place.directory / "archive" / session / "stdout.log").write_bytes(b"")
    failed = place.run("reindex", "--from", "archive", "--json")
    assert failed.returncode == 1
    assert "has 0 bytes of the 12" in read_json(failed.stdout)["reindexed"][0]["problem"]


@pytest.mark.parametrize("folder", ["archive", "archive/codex"])
def test_a_recording_from_elsewhere_has_the_fingerprints_of_its_run(place: Place, folder: str) -> None:
    fingerprints = "SELECT metadata_json FROM extraction_events WHERE event_type = 'secret'"
    place.run("codex", "--enable-db", "--", "echo", LINES["github_token"][0])
    before = place.query(fingerprints)
    shutil.move(place.recording(), place.directory / folder / place.recording().name)
    place.database.unlink()
    assert place.run("reindex", "--from", "archive").returncode == 0
    assert place.query(fingerprints) == before != []
    assert sorted(path.name for path in place.directory.iterdir()) == ["archive", "data"]


def test_an_agent_that_was_asked_to_end_is_interrupted_whatever_its_status(place: Place) -> None:
    script = "trap 'echo bye; exit 0' INT; echo Error: one; while :; do sleep 0.05; done"
    wrapper = place.start("codex", "--enable-db", "--", "sh", "-c", script, stdout=-3, stderr=-3)
    wait_until(lambda: values(place), "the first event")
    wrapper.send_signal(signal.SIGINT)
    assert wrapper.wait(TIMEOUT) == 0
    (session,) = place.query("SELECT state, verdict, verdict_reason FROM process_sessions")
    assert session == ("completed", "interrupted", "asked to end by SIGINT")
    event = place.query("SELECT event_type, pattern, metadata_json FROM extraction_events ORDER BY id")[1]
    assert event == ("state_change", "signal", '{"signal":"SIGINT"}')
