"""`wrapper tail` and `wrapper export`, the way a user runs them."""

import json
import os
import signal
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from data.export import FORMATS
from program import TIMEOUT, Place, new_place, wait_until

SECRET = "ghp_" + "Ab1x" * 9


def lines_of(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_tail_prints_what_happens_as_it_is_stored_until_it_is_interrupted(place: Place) -> None:
    place.run("codex", "--enable-db", "echo Error: past")
    tail = place.start("tail", "--json", "-n", "1", stdout=subprocess.PIPE)
    assert tail.stdout is not None
    past = json.loads(tail.stdout.readline())
    assert (past["event"], past["matched_value"]) == ("extraction", "past")
    place.run("claude", "--enable-db", "echo Error: now")
    events = [json.loads(tail.stdout.readline()) for _ in range(6)]
    assert [event["event"] for event in events] == [
        "session_start",
        "state_change",
        "state_change",
        "extraction",
        "state_change",
        "session_end",
    ]
    assert events[3]["matched_value"] == "now"
    assert events[5]["session"]["state"] == "completed"
    tail.send_signal(signal.SIGINT)
    assert tail.wait(TIMEOUT) == 130
    assert tail.stdout.read() == b""
    tail.stdout.close()


def test_tail_of_a_session_ends_with_it(place: Place) -> None:
    go = place.directory / "go"
    agent = place.start(
        "codex", "--enable-db", f"echo Error: one; until [ -e {go} ]; do sleep 0.01; done; echo Error: two"
    )
    wait_until(lambda: b'"total": 1' in place.run("events", "--json").stdout, "the first event")
    tail = place.start("tail", "last", "--output", "--type", "error", stdout=subprocess.PIPE)
    assert tail.stdout is not None
    assert b"error: Error: one" in tail.stdout.readline()
    go.touch()
    shown = tail.stdout.read().decode().splitlines()
    assert (tail.wait(TIMEOUT), agent.wait(TIMEOUT)) == (0, 0)
    assert [line.partition("  ")[2].split("  ", 1)[1] for line in shown if "error" in line] == ["error: Error: two"]
    assert [line for line in shown if line.endswith("│ Error: two")]
    tail.stdout.close()


def test_tail_tells_what_came_while_nobody_took_what_it_told_of_the_past(place: Place) -> None:
    go = place.directory / "go"
    past = f"seq -f 'Error: %g {'x' * 200}' 1000"
    agent = place.start(
        "codex",
        "--enable-db",
        f"{past}; until [ -e {go} ]; do sleep 0.01; done; echo Error: two",
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: b'"total": 1000' in place.run("events", "--json").stdout, "the past")
    tail = place.start("tail", "last", "-n", "1000", stdout=subprocess.PIPE)
    assert tail.stdout is not None
    with tail.stdout:
        assert b"Error: 1 x" in tail.stdout.readline()
        go.touch()
        assert agent.wait(TIMEOUT) == 0
        shown = tail.stdout.read().decode().splitlines()
    assert tail.wait(TIMEOUT) == 0
    assert len([line for line in shown if "error: Error: " in line and "xxx" in line]) == 999
    assert shown[-3].endswith("error: Error: two")
    assert "session ends: completed" in shown[-1]


def test_tail_of_a_session_that_has_ended_shows_its_last_events(place: Place) -> None:
    place.run("codex", "--enable-db", "for i in 1 2 3; do echo Error: $i; done")
    ended = place.run("tail", "last", "--json", "-n", "2")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert [event["matched_value"] for event in lines_of(ended.stdout)] == ["2", "3"]


def test_tail_shows_whole_lines_without_escapes(place: Place) -> None:
    go = place.directory / "go"
    parts = r"printf 'The '; sleep 0.02; printf 'quick \033['; sleep 0.02; printf '31mfox\033[0m'; sleep 0.02; echo"
    agent = place.start("codex", "--enable-db", f"until [ -e {go} ]; do sleep 0.01; done; {parts}", stdout=-3)
    wait_until(lambda: place.database.exists() and b'"total": 1' in place.run("sessions", "--json").stdout, "it")
    tail = place.start("tail", "last", "-n", "0", "--output", stdout=subprocess.PIPE)
    assert tail.stdout is not None
    with tail.stdout:
        wait_until(lambda: follows(tail.pid), "its following")
        go.touch()
        shown = [line.split("│ ")[1] for line in tail.stdout.read().decode().splitlines() if "│" in line]
    assert (tail.wait(TIMEOUT), agent.wait(TIMEOUT)) == (0, 0)
    assert shown == ["The quick fox"]


def follows(pid: int) -> bool:
    """Whether a process has a recording open."""
    return any(os.path.realpath(fd).endswith("/timing") for fd in Path(f"/proc/{pid}/fd").iterdir())


def test_tail_without_a_database_says_so_and_makes_none(place: Place) -> None:
    refused = place.run("tail")
    assert refused.returncode == 1
    assert b"there is no database" in refused.stderr
    assert not place.database.parent.exists()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A session that printed a secret."""
    place = new_place(tmp_path_factory.mktemp("recorded"))
    place.run("codex", "--enable-db", f"echo Error: {SECRET}")
    return place


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "typescript"])
def test_export_writes_the_same_to_a_file_and_to_stdout(recorded: Place, name: str) -> None:
    printed = recorded.run("export", "last", "--format", name)
    written = recorded.run("export", "--format", name, "-o", name)
    assert (printed.returncode, printed.stderr, written.returncode, written.stderr) == (0, b"", 0, b"")
    assert (recorded.directory / name).read_bytes() == printed.stdout
    assert SECRET.encode() not in printed.stdout
    raw = recorded.run("export", "--format", name, "--raw").stdout
    # Events never held it: the recording alone has what was masked before it was stored.
    assert (SECRET.encode() in raw) is (name not in {"csv", "har"})


def test_the_pair_is_written_to_a_directory(recorded: Place) -> None:
    assert recorded.run("export", "--format", "typescript", "-o", "pair").returncode == 0
    assert sorted(path.name for path in (recorded.directory / "pair").iterdir()) == ["timing", "typescript"]
    refused = recorded.run("export", "--format", "typescript")
    assert refused.returncode == 2
    assert b"name a directory with -o" in refused.stderr


def test_an_export_into_a_fifo_or_an_open_descriptor_leaves_it_what_it_is(recorded: Place) -> None:
    os.mkfifo(recorded.directory / "fifo")
    printed = recorded.run("export").stdout.decode()
    for words in (
        "cat fifo & wrapper export -o fifo; wait; test -p fifo",
        "wrapper export -o /dev/stdout | cat",
        "wrapper export -o >(cat >through) && until cmp -s through whole; do sleep 0.01; done; cat through",
    ):
        ran = recorded.shell(f"wrapper export > whole; {words}")
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, printed, "")


def test_an_export_into_a_device_leaves_it_a_device(recorded: Place) -> None:
    node = recorded.directory / "mynull"
    try:
        os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        node.open("wb").close()
    except OSError:
        pytest.skip("devices cannot be made here")
    assert recorded.run("export", "-o", "mynull").returncode == 0
    assert stat.S_ISCHR(node.stat().st_mode)


@pytest.mark.parametrize("there", [True, False])
def test_an_export_to_a_symlink_writes_its_target(recorded: Place, there: bool) -> None:
    link, target = recorded.directory / f"link{there}", recorded.directory / f"target{there}"
    link.symlink_to(target.name)
    if there:
        target.write_text("old")
    assert recorded.run("export", "-o", link.name).returncode == 0
    assert link.is_symlink()
    assert target.read_bytes() == recorded.run("export").stdout


def test_an_export_keeps_the_mode_of_the_file_that_it_replaces(recorded: Place) -> None:
    private, shared, new = (recorded.directory / name for name in ("private", "shared", "new"))
    for path, mode in ((private, 0o600), (shared, 0o664)):
        path.touch()
        path.chmod(mode)
    recorded.shell("umask 027; for name in private shared new; do wrapper export --raw -o $name; done")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (private, shared, new)] == [0o600, 0o664, 0o640]
    assert private.read_bytes() == shared.read_bytes() == new.read_bytes() != b""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "."), "cannot write to .: it is a directory; name a file"),
        (("-o", "nosuch/out.json"), "/nosuch"),
        (("--format", "typescript", "-o", "afile"), "cannot write to afile: it is not a directory"),
    ],
)
def test_an_export_that_can_go_nowhere_says_why(recorded: Place, words: tuple[str, ...], said: str) -> None:
    (recorded.directory / "afile").write_text("as it was")
    refused = recorded.run("export", *words)
    assert refused.returncode == 1
    assert said in refused.stderr.decode()
    assert not (recorded.directory / "nosuch").exists()
    assert (recorded.directory / "afile").read_text() == "as it was"


def test_an_export_to_a_closed_stdout_says_so(recorded: Place) -> None:
    ran = recorded.shell("wrapper export >&-")
    assert (ran.returncode, ran.stderr) == (1, "wrapper: stdout is closed; name a file with -o\n")


def test_an_export_that_fails_leaves_no_file(place: Place) -> None:
    place.run("codex", "--enable-db", "echo out")
    place.directory.joinpath("before.json").write_text("as it was")
    (place.recording() / "stdout.log").write_bytes(b"")
    failed = place.run("export", "-o", "before.json")
    assert failed.returncode == 1
    assert b"lacks 4 bytes" in failed.stderr
    assert Path(place.directory, "before.json").read_text() == "as it was"
    assert [path.name for path in place.directory.iterdir() if path.name.startswith(".")] == []


def test_a_recording_that_is_gone_is_said(place: Place) -> None:
    place.run("codex", "--enable-db", "echo out")
    for path in place.recording().iterdir():
        path.unlink()
    failed = place.run("export")
    assert failed.returncode == 1
    assert b"is gone" in failed.stderr
