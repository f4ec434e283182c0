"""An agent through pipes: its bytes, its status and its surroundings are those of a run without us."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pump_run import PumpRun

PYTHON = sys.executable
OPEN_DESCRIPTORS = """
import os
for number in range(1024):
    try:
        os.fstat(number)
        print(number)
    except OSError:
        pass
"""


@pytest.mark.parametrize("size", [1, 4096, 65_537, 5_000_000])
def test_bytes_pass_unchanged_and_are_recorded(directory: Path, tmp_path: Path, size: int) -> None:
    data = random.Random(size).randbytes(size)
    (tmp_path / "data").write_bytes(data)
    run = PumpRun(directory, "cat", os.fspath(tmp_path / "data"))
    assert run.run().stdout == data
    assert run.log() == data
    assert sum(record.size for record in run.timing() if record.kind == "O") == size


def test_stdin_and_its_end_reach_the_agent(directory: Path) -> None:
    data = random.Random(1).randbytes(300_000)
    assert PumpRun(directory, "cat").run(stdin=data).stdout == data


def test_a_file_as_stdin_is_left_where_the_agent_stopped_reading(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("one\ntwo\n")
    with (tmp_path / "lines").open() as lines:
        with PumpRun(directory, "sh", "-c", "read line; echo $line").started(stdin=lines) as process:
            assert process.communicate()[0] == b"one\n"
        assert os.read(lines.fileno(), 100) == b"two\n"


def test_streams_stay_apart_and_the_timing_file_has_their_order(directory: Path) -> None:
    script = "echo one; read _; echo two >&2; read _; echo three"
    run = PumpRun(directory, "sh", "-c", script)
    with run.started(stdin=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"one\n"
        process.type(b"\n")
        assert process.stderr.readline() == b"two\n"
        process.type(b"\n")
        assert process.stdout.readline() == b"three\n"
        process.wait()
    assert (run.log("stdout"), run.log("stderr")) == (b"one\nthree\n", b"two\n")
    assert [(r.kind, r.size) for r in run.timing() if r.size] == [("O", 4), ("E", 4), ("O", 6)]


def test_streams_that_go_the_same_way_keep_their_order(directory: Path) -> None:
    script = "import os\nfor n in range(2000): os.write(1 + n % 2, b'%d\\n' % n)"
    with PumpRun(directory, PYTHON, "-c", script).started(stderr=subprocess.STDOUT) as process:
        assert process.communicate()[0] == b"".join(b"%d\n" % n for n in range(2000))


@pytest.mark.parametrize("status", [0, 1, 42, 255])
def test_the_exit_status_is_the_agents(directory: Path, status: int) -> None:
    run = PumpRun(directory, "sh", "-c", f"exit {status}")
    assert run.run().returncode == status
    assert run.header("EXIT_CODE") == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT])
def test_an_agent_ended_by_a_signal_ends_us_by_the_same(directory: Path, number: signal.Signals) -> None:
    run = PumpRun(directory, "sh", "-c", f"kill -{number} $$")
    assert run.run().returncode == -number
    assert run.header("SIGNAL") == number.name
    assert run.header("EXIT_CODE") == 128 + number


@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
def test_what_cannot_be_started_is_said_as_a_shell_would(directory: Path, tmp_path: Path, pty: str) -> None:
    (tmp_path / "text").write_text("echo")
    (tmp_path / "binary").write_bytes(b"\0\1\2")
    (tmp_path / "binary").chmod(0o755)
    for number, (program, status) in enumerate(
        {"no-such-program": 127, f"{tmp_path}/none/x": 127, f"{tmp_path}/text": 126, f"{tmp_path}/binary": 126}.items()
    ):
        ended = PumpRun(directory / str(number), program, options=(pty,)).run()
        assert ended.returncode == status
        assert f"cannot start '{program}'".encode() in ended.stderr


@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
def test_a_script_without_an_interpreter_line_is_given_to_the_shell(directory: Path, tmp_path: Path, pty: str) -> None:
    (tmp_path / "script").write_text('echo "$0" "$1"\n')
    (tmp_path / "script").chmod(0o755)
    ended = PumpRun(directory, f"{tmp_path}/script", "argument", options=(pty,)).run()
    assert ended.stdout.split() == [f"{tmp_path}/script".encode(), b"argument"]


@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
def test_descriptors_opened_for_the_agent_reach_it_and_ours_do_not(directory: Path, tmp_path: Path, pty: str) -> None:
    with (tmp_path / "mine").open("w") as mine:
        with PumpRun(directory, PYTHON, "-c", OPEN_DESCRIPTORS, options=(pty,)).started(
            pass_fds=[mine.fileno()]
        ) as process:
            shown = {int(fd) for fd in process.communicate()[0].split()}
        assert shown == {0, 1, 2, mine.fileno()}


@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
def test_the_agent_has_the_signal_actions_of_a_run_without_us(directory: Path, pty: str) -> None:
    # the real-time signals that glibc keeps for itself are ignored by each posix_spawn(3)
    script = "for l in open('/proc/self/status'):\n if l[:4] in ('SigB', 'SigI'): print(int(l[7:], 16) & 0x7fffffff)"
    look = [PYTHON, "-c", script]
    plain = subprocess.run(["sh", "-c", 'trap "" HUP USR1; exec "$@"', "sh", *look], capture_output=True, check=True)
    run = PumpRun(directory, *look, options=(pty,))
    run.argv = ["sh", "-c", 'trap "" HUP USR1; exec "$@"', "sh", *run.argv]
    assert run.run().stdout.split() == plain.stdout.split()


def test_a_closed_stdout_does_not_disturb_the_run(directory: Path) -> None:
    run = PumpRun(directory, "sh", "-c", "echo lost; exit 5")
    run.argv = ["sh", "-c", 'exec "$@" >&-', "sh", *run.argv]
    assert run.run().returncode == 5
    assert run.log() == b"lost\n"
