"""Whatever fails on our side, the agent does what it does without us, and what is missing is said and made good."""

import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from processes import has_ended, indexer_of
from program import TIMEOUT, Place, complaints, read_json, wait_until

TINY_DISK = 1 << 16  # bytes
AGENT = ("sh", "-c", "echo Error: out; echo Error: err >&2; exit 3")
OUTPUT = (b"Error: out\n", b"Error: err\n")


def assert_agent_unharmed(ran: "subprocess.CompletedProcess[bytes]") -> list[str]:
    """The agent's bytes and status are those without us. Returns the lines that are ours."""
    assert (ran.stdout, ran.returncode) == (OUTPUT[0], 3)
    lines = ran.stderr.splitlines(keepends=True)
    assert OUTPUT[1] in lines
    ours = [line.decode() for line in lines if line != OUTPUT[1]]
    assert all(line.startswith("wrapper: ") for line in ours)
    return ours


def assert_recoverable(place: Place) -> None:
    """The next command stores what was recorded, once."""
    assert place.run("recover").returncode == 0
    assert place.query("SELECT matched_value FROM extraction_events ORDER BY stream DESC") == [("out",), ("err",)]
    assert place.query("SELECT state, exit_code FROM process_sessions") == [("failed", 3)]
    assert place.run("recover").stdout == b""


def test_a_locked_database_only_delays_us(place: Place) -> None:
    place.run("first", "--enable-db", "true")
    with closing(sqlite3.connect(place.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = assert_agent_unharmed(place.run("codex", "--enable-db", "--drain-timeout", "0.5", "--", *AGENT))
    assert any("not all is stored" in line for line in said)
    assert "wrapper recover" in said[-1]
    wait_until(lambda: place.run("recover").returncode == 0, "the indexer that was left behind")
    stored = "SELECT matched_value FROM extraction_events WHERE agent_name = 'codex' ORDER BY stream DESC"
    wait_until(lambda: place.query(stored) == [("out",), ("err",)], "the events")


@pytest.mark.parametrize("broken", ["garbage", "a folder", "no folder", "newer"])
def test_a_database_that_cannot_be_used_is_said(place: Place, broken: str) -> None:
    database = place.database
    database.parent.mkdir()
    if broken == "garbage":
        database.write_bytes(b"this is no database" * 1000)
    elif broken == "a folder":
        database.mkdir()
    elif broken == "no folder":
        database.parent.rmdir()
        database.parent.write_text("a file where the folder should be")
    else:
        place.run("first", "--enable-db", "true")
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("INSERT INTO schema_migrations VALUES (9999, 'from the future', '')")
            connection.execute("PRAGMA user_version = 9999")
            connection.commit()
    said = assert_agent_unharmed(place.run("codex", "--enable-db", "--", *AGENT))
    assert "not all is stored" in said[-2]
    assert str(database.parent) in said[-2]
    if broken == "no folder":
        database.parent.unlink()
    else:
        subprocess.run(["rm", "-r", str(database.parent)], check=True)
    assert_recoverable(place)


def test_a_broken_pattern_file_is_said_and_the_mended_one_used(place: Place) -> None:
    patterns = place.directory / "mine.toml"
    patterns.write_text("[[pattern]]\nname = 'x'\nevent_type = 'error'\nregex = '(unclosed'\nexamples = ['x']\n")
    options = ("--enable-db", "--patterns", str(patterns))
    said = assert_agent_unharmed(place.run("codex", *options, "--", *AGENT))
    assert "mine.toml" in said[-2]
    assert "missing )" in said[-2]
    patterns.write_text("[[pattern]]\nname = 'x'\nevent_type = 'warning'\nregex = '^mended'\nexamples = ['mended']\n")
    assert_recoverable(place)


@pytest.mark.parametrize("broken", ["text", "a folder", "another program's"])
def test_who_can_never_store_a_session_there_is_told_what_to_do(place: Place, broken: str) -> None:
    database = place.directory / "theirs.db"
    if broken == "text":
        database.write_text("shopping\n" * 100)
    elif broken == "a folder":
        database.mkdir()
    else:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE theirs (x)")
    said = assert_agent_unharmed(place.run("codex", "--enable-db", "--db", "theirs.db", "--", *AGENT))
    session = place.recording().name
    ways = f"`wrapper reindex {session} --db FILE` stores it all the same, `wrapper rm {session}` removes it"
    assert ways in said[-1]
    assert ways in place.run("recover").stdout.decode()
    assert place.run("reindex", session, "--db", str(place.database)).returncode == 0
    assert_recoverable(place)
    assert place.run("rm", session).returncode == 0


def test_who_named_patterns_that_are_not_there_is_told_what_to_do(place: Place) -> None:
    said = assert_agent_unharmed(place.run("codex", "--enable-db", "--patterns", "nosuch.toml", "--", *AGENT))
    session = place.recording().name
    ways = f"`wrapper reindex {session} --db FILE [--patterns FILE]` stores it all the same"
    assert ways in said[-1]
    assert ways in place.run("recover").stdout.decode()
    (place.directory / "mine.toml").touch()
    assert place.run("reindex", session, "--db", str(place.database), "--patterns", "mine.toml").returncode == 0
    assert_recoverable(place)


@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP])
def test_an_indexer_that_dies_or_hangs_is_not_waited_for_long(place: Place, harm: signal.Signals) -> None:
    words = ("codex", "--enable-db", "--drain-timeout", "0.5", "--", "sh", "-c", f"read go; {shlex.join(AGENT)}")
    wrapper = place.start(*words, stdin=-1, stdout=-1, stderr=-1)
    indexer = wait_until(lambda: indexer_of(wrapper.pid), "the indexer")
    os.kill(indexer, harm)
    output, errors = wrapper.communicate(b"go\n", TIMEOUT)
    ran = subprocess.CompletedProcess(wrapper.args, wrapper.returncode, output, errors)
    assert "wrapper recover" in assert_agent_unharmed(ran)[-1]
    if harm is signal.SIGSTOP:
        os.kill(indexer, signal.SIGKILL)
    wait_until(lambda: has_ended(indexer), "its end")
    assert_recoverable(place)


def test_a_full_database_disk_only_delays_us(place: Place) -> None:
    ran = on_tiny_disk(place, "data", "--enable-db")
    said = assert_agent_unharmed(ran)
    assert "full" in said[-2]
    place.environ["WRAPPER_DB"] = str(place.database)
    assert_recoverable(place)


def test_a_full_recording_disk_leaves_a_gap_that_is_recorded_and_shown(place: Place) -> None:
    script = """
        echo first
        head -c 100000 /dev/zero | tr '\\0' 'x'; echo
        read go; rm "$WRAPPER_RECORDINGS/ballast"
        until grep -q again "$WRAPPER_RECORDINGS"/codex/*/stdout.log; do echo Error: seen again; sleep 0.1; done
        exit 3
    """
    place.environ["WRAPPER_RECORDINGS"] = str(place.directory / "full")
    ballast = 'head -c 40000 /dev/zero > "$WRAPPER_RECORDINGS/ballast"'
    command = tiny_disk_command(place, "full", "--enable-db", agent=["sh", "-c", script], before=ballast)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=place.directory, env=place.environ, **pipes) as process:
        assert process.stdout
        assert process.stdout.read(100_007) == b"first\n" + b"x" * 100_000 + b"\n"
        output, errors = process.communicate(b"go\n", TIMEOUT)
    assert (set(output.splitlines()), process.returncode) == ({b"Error: seen again"}, 3)
    stopped, goes_on = complaints(errors).splitlines()
    assert stopped.startswith("wrapper: recording stopped: No space left on device; the agent goes on")
    assert goes_on.startswith("wrapper: recording goes on; ")
    (missing,) = place.query("SELECT metadata_json FROM extraction_events WHERE pattern = 'recording_gap'")
    ((recorded,),) = place.query("SELECT stdout_offset FROM checkpoints")
    assert read_json(missing[0])["bytes"] == 100_007 + len(output) - recorded
    assert recorded < TINY_DISK
    assert b"bytes of stdout were not recorded" in place.run("events", "--type", "warning").stdout
    assert place.query("SELECT state, exit_code FROM process_sessions") == [("failed", 3)]


def on_tiny_disk(place: Place, folder: str, *options: str) -> "subprocess.CompletedProcess[bytes]":
    """Runs the agent to its end with 64 KB of disk below `folder`."""
    command = tiny_disk_command(place, folder, *options)
    return subprocess.run(
        command,
        cwd=place.directory,
        env=place.environ,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=False,
    )


def tiny_disk_command(
    place: Place, folder: str, *options: str, agent: Sequence[str] = AGENT, before: str = "true"
) -> list[str]:
    """Runs an agent with `TINY_DISK` below `folder`, in a mount namespace of its own, after `before`."""
    path = place.directory / folder
    path.mkdir(exist_ok=True)
    mount = f"mount -t tmpfs -o size={TINY_DISK} tmpfs {shlex.quote(str(path))}"
    command = shlex.join(["wrapper", "codex", *options, "--", *agent])
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", f"{mount} && {before} && exec {command}"]


CLOCK_SET_BACK = """
import itertools, sys, time
real, calls = time.time_ns, itertools.count()
time.time_ns = lambda: real() - next(calls) * 3600 * 10**9
time.time = lambda: time.time_ns() / 1e9
sys.argv[0] = "wrapper"
from wrapper.__main__ import main
main()
"""


def test_a_clock_that_is_set_back_disorders_nothing(place: Place) -> None:
    agent = "for n in 1 2 3; do echo Error: $n; read go; done"
    command = [sys.executable, "-c", CLOCK_SET_BACK, "codex", "--enable-db", "--", "sh", "-c", agent]
    pipes: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.DEVNULL,
        "bufsize": 0,
    }
    with subprocess.Popen(command, cwd=place.directory, env=place.environ, **pipes) as process:
        assert process.stdin
        assert process.stdout
        for number in b"123":
            assert process.stdout.read(100) == b"Error: %c\n" % number
            process.stdin.write(b"go\n")
    assert process.returncode == 0
    times = [time for (time,) in place.query("SELECT timestamp FROM extraction_events ORDER BY id")]
    ((started, ended),) = place.query("SELECT started_at, ended_at FROM process_sessions")
    assert [started, *times, ended] == sorted([started, *times, ended])
    assert len(set(times)) == 3


def test_recovery_leaves_a_run_alone_that_is_just_starting(place: Place) -> None:
    wrapper = place.start(
        "codex", "--enable-db", "--", "sh", "-c", "echo Error: 1; read go; echo Error: 2", stdin=-1, stdout=-3
    )
    for _ in range(5):
        recovered = place.run("recover", "--json")
        assert (read_json(recovered.stdout), recovered.returncode) == ({"recovered": []}, 0)
    wrapper.communicate(b"go\n", TIMEOUT)
    assert place.query("SELECT matched_value FROM extraction_events ORDER BY id") == [("1",), ("2",)]
    assert place.query("SELECT state FROM process_sessions") == [("completed",)]


def test_closed_standard_streams_stay_closed_to_the_recording(place: Place) -> None:
    """A file of ours must not become descriptor 1, or the agent would write into it."""
    ran = place.shell("wrapper codex --enable-db -- sh -c 'echo Error: out; exit 4' <&- >&- 2>&-")
    assert ran.returncode == 4
    assert (place.recording() / "timing").read_text().count("Error: out\n") == 0
    assert place.query("SELECT state FROM process_sessions") == [("failed",)]


def test_a_working_directory_that_has_been_removed_is_no_obstacle(place: Place) -> None:
    ran = place.shell("mkdir gone; cd gone; rmdir ../gone; wrapper codex -- sh -c 'echo out; exit 5'")
    assert (ran.stdout, ran.returncode) == ("out\n", 5)
    assert "wrapper" not in ran.stderr


def test_what_cannot_be_tidied_up_at_the_end_leaves_the_agent_its_status(place: Place) -> None:
    script = "cd ~/.local/state/wrapper/recordings/codex/*; rm reserve; mkdir reserve; exit 3"
    ran = place.run("codex", "--", "sh", "-c", script)
    assert (ran.returncode, ran.stderr) == (3, b"")


def test_an_output_that_takes_nothing_is_said_and_what_the_agent_wrote_is_stored(place: Place) -> None:
    done = place.shell("wrapper test --enable-db -- sh -c 'echo Error: nobody sees this' > /dev/full")
    assert "cannot write to stdout: No space left on device" in done.stderr
    assert place.query("SELECT matched_value FROM extraction_events") == [("nobody sees this",)]


def test_a_new_database_among_the_users_own_files_stays_out_of_git_and_that_is_said_once(place: Place) -> None:
    place.shell("git init -q && mkdir data && touch data/mine.csv")
    said = [complaints(place.shell("wrapper test --enable-db -- true").stderr) for _ in range(2)]
    assert "it was added to" in said[0]
    assert said[1] == ""
    assert place.shell("git status --porcelain --untracked-files=all").stdout == "?? data/mine.csv\n"


@pytest.mark.parametrize("words", [("",), ("--", "")])
@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
def test_an_empty_command_is_not_found(place: Place, pty: str, words: tuple[str, ...]) -> None:
    ran = place.run("nosuchagent", pty, "--enable-db", *words)
    assert (ran.returncode, ran.stdout) == (127, b"")
    assert ran.stderr.startswith(b"wrapper: cannot start '': No such file or directory")
    assert b"Traceback" not in ran.stderr
    assert list(place.recordings.glob("*/*")) == []
