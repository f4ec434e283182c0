"""`wrapper rm` and `wrapper purge`: what goes, what stays, and what is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from program import TIMEOUT, Place, read_json, wait_until

SECRET = "xyzzyplugh"


def record(place: Place, text: str, *options: str) -> str:
    """Runs an agent that says something; its session's id."""
    before = set(place.recordings.glob("*/*/timing"))
    assert place.run("codex", *options, "--", "echo", text).returncode == 0
    (timing,) = set(place.recordings.glob("*/*/timing")) - before
    return timing.parent.name


def bytes_left(place: Place) -> bytes:
    files = [*place.directory.rglob("*.db*"), *place.recordings.rglob("*")]
    return b"".join(file.read_bytes() for file in files if file.is_file())


def test_a_removed_session_is_gone_and_the_others_stay(place: Place) -> None:
    kept = record(place, "Error: kept", "--enable-db")
    gone = record(place, f"Error: {SECRET}", "--enable-db")
    assert SECRET.encode() in bytes_left(place)
    removed = place.run("rm", gone[:8], "--json")
    assert removed.returncode == 0, removed.stderr
    told = read_json(removed.stdout)
    assert (told["sessions"], told["events"], len(told["recordings"])) == (1, 1, 1)
    assert [Path(path).name for path in told["recordings"]] == [gone]
    assert SECRET.encode() not in bytes_left(place)
    assert place.query("SELECT session_id FROM process_sessions") == [(kept,)]
    assert not place.run("recover", "--json").returncode
    assert place.query("SELECT COUNT(*) FROM extraction_events") == [(1,)]
    assert place.run("rm", gone).returncode == 1


def test_a_recording_that_was_never_stored_can_be_removed(place: Place) -> None:
    session = record(place, "hello")
    assert place.run("rm", session[:6]).returncode == 0
    assert list(place.recordings.glob("*/*")) == []


def test_of_several_sessions_all_are_removed_or_none(place: Place) -> None:
    session = record(place, "Error: x", "--enable-db")
    assert place.run("rm", session, "ffffnobody").returncode == 1
    assert place.query("SELECT COUNT(*) FROM process_sessions") == [(1,)]
    assert (place.recordings / "codex" / session / "timing").exists()
    assert place.run("rm", session, "last").returncode == 0
    assert place.query("SELECT COUNT(*) FROM process_sessions") == [(0,)]


def test_a_session_that_is_running_is_refused_and_nothing_goes(place: Place) -> None:
    other = record(place, "Error: before", "--enable-db")
    waiting = f"{sys.executable} -c 'input()'"
    running = place.start("codex", "--enable-db", waiting, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        rows = wait_until(
            lambda: place.query("SELECT session_id FROM process_sessions WHERE ended_at IS NULL"), "the session"
        )
        for command in (("rm", other, rows[0][0]), ("purge", "--yes")):
            refused = place.run(*command)
            assert refused.returncode == 1
            assert b"is running" in refused.stderr
        assert len(place.query("SELECT 1 FROM process_sessions")) == 2
    finally:
        running.communicate(b"\n", timeout=TIMEOUT)
    assert place.run("rm", rows[0][0]).returncode == 0


@pytest.mark.parametrize("command", ["rm", "purge"])
@pytest.mark.parametrize("damage", ["emptied", "gone", "all gone"])
def test_a_recording_whose_timing_is_damaged_goes_too(place: Place, command: str, damage: str) -> None:
    session = record(place, f"Error: {SECRET}", "--enable-db")
    recording = place.recordings / "codex" / session
    if damage == "emptied":
        (recording / "timing").write_bytes(b"")
    else:
        for path in recording.glob("timing" if damage == "gone" else "*"):
            path.unlink()
    removed = place.run(command, *([session] if command == "rm" else ["--yes"]))
    assert removed.returncode == 0, removed.stderr
    assert str(recording).encode() in removed.stdout
    assert not recording.exists()
    assert SECRET.encode() not in bytes_left(place)


@pytest.mark.parametrize("command", ["rm", "purge"])
def test_what_is_no_recording_is_not_removed_and_said(place: Place, command: str) -> None:
    session = record(place, "Error: x", "--enable-db")
    recording = place.recordings / "codex" / session
    for path in recording.iterdir():
        path.unlink()
    (recording / "thesis.txt").write_text("mine")
    refused = place.run(command, *([session] if command == "rm" else ["--yes"]))
    assert refused.returncode == 1
    assert f"names {recording} as the recording of session {session}, but it is none".encode() in refused.stderr
    assert (recording / "thesis.txt").read_text() == "mine"
    assert place.query("SELECT session_id FROM process_sessions") == [(session,)]


def test_purging_asks_and_then_removes_everything_of_this_database(place: Place) -> None:
    record(place, f"Error: {SECRET}", "--enable-db")
    record(place, f"Error: {SECRET} again", "--enable-db")
    other = record(place, "Error: elsewhere", "--enable-db", "--db", "other.db")
    refused = place.run("purge", input=b"n\n")
    assert refused.returncode == 1
    assert f", and 2 recordings below {place.recordings}?" in refused.stderr.decode()
    assert len(place.query("SELECT 1 FROM process_sessions")) == 2
    assert place.run("purge", input=b"y\n").returncode == 0
    assert place.query("SELECT COUNT(*) FROM process_sessions") == [(0,)]
    assert SECRET.encode() not in bytes_left(place)
    assert [timing.parent.name for timing in place.recordings.glob("*/*/timing")] == [other]
    assert record(place, "Error: goes on", "--enable-db")
    assert len(place.query("SELECT 1 FROM extraction_events")) == 1


def test_purging_asks_about_the_recordings_that_go(place: Place) -> None:
    assert b"Remove all that" in place.run("purge", input=b"n\n").stderr
    record(place, "Error: here", "--enable-db")
    assert place.run("codex", "--enable-db", "--recordings", "elsewhere", "--", "true").returncode == 0
    elsewhere = place.directory / "elsewhere" / "codex"
    places = ", ".join(sorted(map(str, (place.recordings, elsewhere))))
    refused = place.run("purge", input=b"n\n").stderr.decode()
    assert f"Remove all that {place.database} holds, and 2 recordings below {places}?" in refused
    assert place.run("rm", place.recording().name).returncode == 0
    refused = place.run("purge", input=b"n\n").stderr.decode()
    assert f"holds, and 1 recording below {elsewhere}?" in refused
