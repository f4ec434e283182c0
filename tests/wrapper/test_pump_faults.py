"""What goes wrong around a run: slow and vanished readers, a full disk, and what the agent leaves behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from processes import has_ended
from program import TIMEOUT, wait_until
from pump_run import ENVIRON, PumpRun, Spawn

PYTHON = sys.executable
MEGABYTE = 1 << 20


def test_a_slow_reader_of_stdout_holds_up_neither_stderr_nor_the_exit_status(directory: Path) -> None:
    script = "import os,sys; sys.stdout.write('x' * (3 << 20)); sys.stdout.flush(); sys.exit(6)"
    run = PumpRun(directory, "sh", "-c", f'{PYTHON} -c "{script}" & echo quick >&2; wait $!')
    with run.started() as process:
        assert process.stderr.readline() == b"quick\n"
        assert len(process.stdout.read()) == 3 * MEGABYTE
        assert process.wait() == 6
    assert len(run.log()) == 3 * MEGABYTE


def test_a_slow_reader_gets_all_after_the_agents_end_however_long_it_takes(directory: Path) -> None:
    run = PumpRun(directory, "sh", "-c", "head -c 1000000 /dev/zero; echo ended >&2", options=("--linger=0.1",))
    with run.started() as process:
        assert process.stderr.readline() == b"ended\n"
        _wait_until_gone(run.agent_pid())
        assert len(process.stdout.read()) == 1_000_000
        assert process.wait() == 0
    assert run.ended()["held"] is False


@pytest.mark.parametrize("pause", [0, 0.002])
def test_what_floods_a_pty_comes_whole_and_once_to_a_reader_of_any_speed(directory: Path, pause: float) -> None:
    run = PumpRun(directory, "seq", "200000", options=("--pty",))
    shown = b""
    with run.started() as process:
        while data := os.read(process.stdout.fileno(), 5000):
            shown += data
            time.sleep(pause)
        assert process.wait(TIMEOUT) == 0
    assert shown == b"".join(b"%d\r\n" % number for number in range(1, 200_001))
    assert run.log() == shown


@pytest.mark.parametrize("stop", ["TERM", "INT"])
def test_a_signal_after_the_agents_end_does_not_wait_for_readers(directory: Path, stop: str) -> None:
    run = PumpRun(directory, "sh", "-c", "head -c 1000000 /dev/zero; echo ended >&2", options=("--linger=0.1",))
    with run.started() as process:
        assert process.stderr.readline() == b"ended\n"
        _wait_until_gone(run.agent_pid())
        subprocess.run(["kill", f"-{stop}", str(process.pid)], check=True)
        assert process.wait(TIMEOUT) == 0
    assert len(run.log()) == 1_000_000


def test_an_agent_whose_reader_has_gone_ends_as_it_would_alone(directory: Path) -> None:
    run = PumpRun(directory, "sh", "-c", "trap 'exit 1' PIPE; seq 100000000; echo $? >&2")
    with run.started() as process:
        assert process.stdout.readline() == b"1\n"
        process.stdout.close()
        assert process.stderr.read() == b"141\n"
    assert run.log().startswith(b"1\n2\n3\n")


def test_a_pty_whose_reader_has_gone_hangs_up(directory: Path) -> None:
    with PumpRun(directory, "yes", options=("--pty",)).started() as process:
        assert process.stdout.readline() == b"y\r\n"
        process.stdout.close()
        assert process.wait(TIMEOUT) in (-signal.SIGHUP, 1)  # told so, or by a write that failed before


def test_a_full_disk_changes_nothing_for_the_agent(directory: Path) -> None:
    script = "for n in 1 2 3 4 5 6; do echo $n; read _; done; exit 7"
    run = PumpRun(directory, "sh", "-c", script, options=("--recorder=full", "--room-after=6"))
    with run.started(stdin=subprocess.PIPE) as process:
        for number in b"123456":
            assert process.stdout.readline() == b"%c\n" % number
            process.type(b"\n")
        said = process.stderr.read().decode().splitlines()
        assert process.wait() == 7
    assert said == [
        "wrapper: recording stopped: No space left on device; the agent goes on unrecorded until there is room",
        "wrapper: recording goes on; 6 bytes were not recorded",
    ]
    assert run.log() == b"1\n2\n3\n"
    assert b"GAP STREAM=stdout BYTES=6 " in (directory / "timing").read_bytes()
    assert run.ended()["recording_error"] == ""


def test_a_full_disk_on_a_pty_is_said_once(directory: Path) -> None:
    script = "for n in 1 2 3 4 5 6; do echo $n; read _; done"
    run = PumpRun(directory, "sh", "-c", script, options=("--pty", "--recorder=full"))
    with run.started(stdin=subprocess.PIPE) as process:
        for number in b"123456":
            assert process.stdout.readline() == b"%c\r\n" % number
            process.type(b"\n")
        assert process.wait(TIMEOUT) == 0
        assert process.stderr.read().count(b"recording stopped") == 1


def test_what_a_full_disk_took_of_a_read_is_lost_with_the_rest_of_it(directory: Path) -> None:
    run = PumpRun(directory, "seq", "30000", options=("--pty", "--recorder=full", "--room-after=1"))
    shown = run.run().stdout
    log = run.log()
    assert shown.startswith(log)
    records = run.timing()
    assert sum(record.size for record in records if record.kind == "O") == len(log)
    gaps = [record.fields["BYTES"] for record in records if record.name == "GAP"]
    assert sum(map(int, gaps)) == len(shown) - len(log)


@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
def test_a_process_left_behind_is_not_waited_for(directory: Path, tmp_path: Path, pty: str) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    run = PumpRun(directory, "sh", "-c", f"echo shown; cat {fifo} & exit 3", options=(pty, "--linger=0.1"))
    with run.started() as process:
        shown, said = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 3
    assert shown.split() == [b"shown"]
    assert said.decode().splitlines() == [
        "wrapper: something that the agent started still holds its output; the recording ends here"
    ]
    assert run.ended()["held"] is True
    fifo.write_bytes(b"")  # lets it go


@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
def test_a_process_left_behind_outlives_the_agent(directory: Path, tmp_path: Path, pty: str) -> None:
    os.mkfifo(tmp_path / "in")
    os.mkfifo(tmp_path / "out")
    script = f"(cat {tmp_path}/in > {tmp_path}/out) > /dev/null 2>&1 < /dev/null & exit 0"
    run = PumpRun(directory, "sh", "-c", script, options=(pty, f"--linger={TIMEOUT}"))
    assert run.run().returncode == 0
    assert run.ended()["held"] is False
    writer = threading.Thread(target=(tmp_path / "in").write_bytes, args=(b"alive",))
    writer.start()
    assert (tmp_path / "out").read_bytes() == b"alive"
    writer.join()


@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
@pytest.mark.parametrize("to_file", [True, False])
def test_what_the_agent_leaves_running_may_go_on_printing(
    directory: Path, tmp_path: Path, pty: str, to_file: bool
) -> None:
    for name in ("go", "alive"):
        os.mkfifo(tmp_path / name)
    late = f"read _ < {tmp_path}/go; /bin/echo late && /bin/echo later && echo alive > {tmp_path}/alive"
    run = PumpRun(directory, "sh", "-c", f"sh -c '{late}' & echo shown", options=(pty, "--linger=0.1"))
    shown = tmp_path / "shown"
    with shown.open("wb") as file, run.started(**({"stdout": file} if to_file else {})) as process:
        output, _ = process.communicate(timeout=TIMEOUT)  # a pipe's reader does not wait
        assert process.returncode == 0
    (tmp_path / "go").write_text("\n")
    assert (tmp_path / "alive").read_text() == "alive\n"
    expected = [b"shown", b"late", b"later"] if to_file else [b"shown"]
    wait_until(
        lambda: (shown.read_bytes() if to_file else output).split() == expected, "what was left running to print"
    )
    assert run.log().split() == [b"shown"]


def test_what_the_agent_leaves_running_is_hung_up_on_with_the_terminal(
    directory: Path, tmp_path: Path, spawn: Spawn
) -> None:
    leave = (
        "import pathlib, subprocess; left = subprocess.Popen(['cat']); pathlib.Path('left').write_text(str(left.pid))"
    )
    terminal = spawn(PumpRun(directory, PYTHON, "-c", leave, options=("--pty", "--linger=0.1")).argv)
    wait_until(lambda: not terminal.isalive(), "our end")
    left = int((tmp_path / "left").read_text())
    os.kill(left, 0)
    terminal.close()
    wait_until(lambda: has_ended(left), "the end of what was left running")


def test_output_that_comes_within_the_linger_is_shown(directory: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    run = PumpRun(directory, "sh", "-c", f"cat {tmp_path}/fifo & echo gone >&2", options=(f"--linger={2 * TIMEOUT}",))
    with run.started() as process:
        assert process.stderr.readline() == b"gone\n"
        (tmp_path / "fifo").write_bytes(b"late\n")
        assert process.communicate(timeout=TIMEOUT)[0] == b"late\n"
    assert run.log() == b"late\n"


def test_the_import_of_the_pump_brings_no_heavy_module() -> None:
    script = "import sys, wrapper.pump; print({'subprocess', 'asyncio', 'dataclasses', 'sqlite3'} & set(sys.modules))"
    assert subprocess.check_output([PYTHON, "-c", script], env=ENVIRON) == b"set()\n"


def _wait_until_gone(pid: int) -> None:
    subprocess.run(["tail", f"--pid={pid}", "-s", "0.01", "-f", "/dev/null"], check=True, timeout=TIMEOUT)
