"""An agent at a terminal: what it sees of it, and what the user sees of the agent, is as without us."""

import hashlib
import itertools
import os
import random
import shlex
import signal
import sys
import termios
import threading
from pathlib import Path

import pexpect
import pytest

from pump_run import PumpRun, Spawn

IS_TERMINAL = "r=; for n in 0 1 2; do if [ -t $n ]; then r=${r}1; else r=${r}0; fi; done; echo $r > result"
TELL_SIZE = """
import os, signal, time
tty = os.open("/dev/tty", os.O_RDWR)
signal.signal(signal.SIGWINCH, lambda *_: os.write(tty, str(os.get_terminal_size(tty)).encode()))
os.write(tty, b"ready")
while True:
    time.sleep(0.01)
"""
SURVIVE_HANGUP = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
print("ready", flush=True)
signal.sigwait([signal.SIGHUP])
sys.exit(3)
"""
CATCH_INTERRUPTS = """
import os, select, signal
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"caught"))
os.write(1, b"ready")
while not select.select([0], [], [], 0.01)[0]:  # a read might begin right between a signal and its handler
    pass
"""


@pytest.mark.parametrize("terminals", [*itertools.product("10", repeat=3)], ids="".join)
def test_the_agent_sees_terminals_where_it_would_alone(
    directory: Path, tmp_path: Path, spawn: Spawn, terminals: tuple[str, str, str]
) -> None:
    elsewhere = {"</dev/null": terminals[0], ">out": terminals[1], "2>err": terminals[2]}
    redirections = " ".join(text for text, is_terminal in elsewhere.items() if is_terminal == "0")
    run = PumpRun(directory, "sh", "-c", IS_TERMINAL)
    spawn(["sh", "-c", f"{shlex.join(run.argv)} {redirections}"]).expect(pexpect.EOF)
    assert (tmp_path / "result").read_text().strip() == "".join(terminals)


@pytest.mark.parametrize(
    ("redirection", "shown", "logs"),
    [
        ("", b"out\r\nerr\r\n", {"stdout": b"out\r\nerr\r\n"}),
        ("2>err", b"out\r\n", {"stdout": b"out\r\n", "stderr": b"err\n"}),
        (">out", b"err\r\n", {"stdout": b"out\n", "stderr": b"err\n"}),
    ],
)
def test_what_a_terminal_shows_is_what_it_shows_without_us_and_is_recorded(
    directory: Path, spawn: Spawn, redirection: str, shown: bytes, logs: dict[str, bytes]
) -> None:
    run = PumpRun(directory, "sh", "-c", "echo out; echo err >&2")
    assert spawn(["sh", "-c", f"{shlex.join(run.argv)} {redirection}"]).read() == shown
    assert {stream: run.log(stream) for stream in logs} == logs


def test_the_window_has_its_size_before_the_first_byte_and_follows_the_terminals(directory: Path, spawn: Spawn) -> None:
    run = PumpRun(directory, "bash", "-c", "stty size; trap 'stty size' WINCH; until read -t 60 line; do :; done")
    terminal = spawn(run.argv, size=(31, 97))
    terminal.expect_exact("31 97\r\n")
    terminal.setwinsize(40, 120)
    run.wait_for("SIGWINCH")
    terminal.sendline("end")
    terminal.expect(pexpect.EOF)
    assert (run.header("COLUMNS"), run.header("LINES")) == ("97", "31")
    assert [r.fields["COLS"] + "x" + r.fields["ROWS"] for r in run.timing() if r.name == "SIGWINCH"] == ["120x40"]


@pytest.mark.parametrize("redirection", ["", "2>err", ">out", "</dev/null"])
def test_the_agent_is_told_of_a_new_size(directory: Path, spawn: Spawn, redirection: str) -> None:
    run = PumpRun(directory, sys.executable, "-c", TELL_SIZE)
    terminal = spawn(["sh", "-c", f"{shlex.join(run.argv)} {redirection}"])
    terminal.expect_exact("ready")
    terminal.setwinsize(40, 120)
    terminal.expect_exact("columns=120, lines=40")


@pytest.mark.parametrize("redirection", ["", "2>err", ">out", "</dev/null", "| cat"])
@pytest.mark.parametrize(("key", "number"), [("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)])
def test_keys_that_end_a_program_end_the_agent(
    directory: Path, spawn: Spawn, redirection: str, key: str, number: signal.Signals
) -> None:
    run = PumpRun(directory, "sh", "-c", "ulimit -c 0; echo ready >/dev/tty; exec sleep 1000")
    terminal = spawn(["sh", "-c", f"trap : INT QUIT; {shlex.join(run.argv)} {redirection}; true"])
    terminal.expect_exact("ready")
    terminal.send(key)
    terminal.expect(pexpect.EOF)
    run.wait_for("EXIT_CODE")
    assert run.header("SIGNAL") == number.name


@pytest.mark.parametrize("mode", ["--pty", "--no-pty"])
def test_ctrl_c_interrupts_the_agent_once(directory: Path, spawn: Spawn, mode: str) -> None:
    run = PumpRun(directory, sys.executable, "-c", CATCH_INTERRUPTS, options=(mode,))
    terminal = spawn(run.argv)
    terminal.expect_exact("ready")
    terminal.sendintr()
    terminal.expect_exact("caught")
    terminal.sendline("end")
    terminal.expect(pexpect.EOF)
    assert run.log().count(b"caught") == 1


@pytest.mark.parametrize("mode", ["--pty", "--no-pty"])
def test_the_end_of_input_can_be_typed(directory: Path, spawn: Spawn, mode: str) -> None:
    terminal = spawn(PumpRun(directory, "sh", "-c", "echo ready; cat; echo end", options=(mode,)).argv)
    terminal.expect_exact("ready")
    terminal.sendline("text")
    terminal.expect_exact("text\r\ntext")  # the echo, and cat's
    terminal.sendeof()
    terminal.expect_exact("end")
    terminal.expect(pexpect.EOF)


def test_input_that_is_piped_into_a_pty_arrives_whole_and_ends(directory: Path) -> None:
    text = b"".join(b"%d\n" % number for number in range(20_000)) + b"no end of line"
    run = PumpRun(directory, "sha256sum", options=("--pty",))
    assert run.run(stdin=text).stdout.split()[0].decode() == hashlib.sha256(text).hexdigest()


def test_a_paste_of_a_megabyte_arrives_whole(directory: Path, spawn: Spawn) -> None:
    script = "import hashlib,sys,tty; tty.setraw(0); print('ready', flush=True); "
    script += "print(hashlib.sha256(sys.stdin.buffer.read(1 << 20)).hexdigest())"
    terminal = spawn(PumpRun(directory, sys.executable, "-c", script).argv)
    terminal.expect_exact("ready")
    pasted = random.Random(1).randbytes(1 << 20)
    writer = threading.Thread(target=_write_all, args=(terminal.child_fd, pasted))
    writer.start()
    terminal.expect_exact(hashlib.sha256(pasted).hexdigest())
    writer.join()


@pytest.mark.parametrize("ending", ["exit", "KILL", "TERM", "HUP", "INT"])
def test_the_terminal_is_given_back_as_it_was(directory: Path, spawn: Spawn, ending: str) -> None:
    run = PumpRun(directory, "sh", "-c", "stty raw -echo; echo ready; read _")
    terminal = spawn(["sh", "-c", f"echo before; read _; {shlex.join(run.argv)}; echo $? after; read _"])
    terminal.expect_exact("before")
    found = termios.tcgetattr(terminal.child_fd)
    terminal.sendline("")
    terminal.expect_exact("ready")
    assert not termios.tcgetattr(terminal.child_fd)[3] & termios.ICANON
    if ending == "exit":
        terminal.send("\n")
    else:
        os.kill(run.agent_pid() if ending == "KILL" else run.header("PID"), signal.Signals[f"SIG{ending}"])
    terminal.expect_exact(" after")
    assert termios.tcgetattr(terminal.child_fd) == found


def test_the_terminal_is_given_back_when_a_bug_ends_us(directory: Path, spawn: Spawn) -> None:
    run = PumpRun(directory, "sh", "-c", "echo ready; read _", options=("--recorder=bug",))
    terminal = spawn(["sh", "-c", f"echo before; read _; {shlex.join(run.argv)}; echo $? after; read _"])
    terminal.expect_exact("before")
    found = termios.tcgetattr(terminal.child_fd)
    terminal.sendline("")
    terminal.expect_exact("LookupError: a bug")
    terminal.expect_exact("1 after")
    assert termios.tcgetattr(terminal.child_fd) == found


@pytest.mark.parametrize("mode", ["--pty", "--no-pty"])
def test_an_agent_whose_terminal_has_hung_up_is_recorded_to_its_end(directory: Path, spawn: Spawn, mode: str) -> None:
    run = PumpRun(directory, sys.executable, "-c", SURVIVE_HANGUP, options=(mode,))
    terminal = spawn(run.argv)
    terminal.expect_exact("ready")
    terminal.ptyproc.fileobj.close()  # type: ignore[attr-defined]  # its close() would signal us too
    run.wait_for("EXIT_CODE")
    assert run.header("EXIT_CODE") == 3


def test_a_terminal_is_left_alone_while_the_agents_stdin_is_a_pipe(directory: Path, spawn: Spawn) -> None:
    run = PumpRun(directory, "sh", "-c", "cat; echo ready; exec sleep 1000")
    terminal = spawn(["sh", "-c", f"echo piped | {shlex.join(run.argv)}"])
    terminal.expect_exact("piped")
    terminal.expect_exact("ready")
    assert termios.tcgetattr(terminal.child_fd)[3] & termios.ICANON


def test_an_agent_with_a_piped_stdin_that_asks_for_keys_gets_them(directory: Path, spawn: Spawn) -> None:
    run = PumpRun(directory, "sh", "-c", "cat; stty raw -echo </dev/tty; echo ready; head -c 3 </dev/tty")
    terminal = spawn(["sh", "-c", f"echo piped | {shlex.join(run.argv)}"])
    terminal.expect_exact("piped")
    terminal.expect_exact("ready")
    terminal.send("key")
    terminal.expect_exact("key")
    terminal.expect(pexpect.EOF)


@pytest.mark.parametrize("stdin", ["echo piped |", "< text"])
def test_an_agent_that_asks_for_a_line_while_its_stdin_is_not_the_terminal_gets_it(
    directory: Path, tmp_path: Path, spawn: Spawn, stdin: str
) -> None:
    (tmp_path / "text").write_text("piped\n")
    run = PumpRun(directory, "sh", "-c", 'cat; printf "sure? "; read answer </dev/tty; echo "got $answer"')
    before, _, behind = stdin.partition("<")
    terminal = spawn(["sh", "-c", f"{before} {shlex.join(run.argv)} {'<' + behind if behind else ''}"])
    terminal.expect_exact("piped")
    terminal.expect_exact("sure? ")
    terminal.sendline("yes")
    terminal.expect_exact("got yes")
    terminal.expect(pexpect.EOF)


def test_a_line_is_left_to_who_writes_into_the_agents_stdin(directory: Path, tmp_path: Path, spawn: Spawn) -> None:
    agent = 'printf "sure? "; cat; printf "and now? "; read answer </dev/tty; echo "agent got $answer"'
    run = PumpRun(directory, "sh", "-c", agent)
    os.mkfifo(tmp_path / "go")
    terminal = spawn(["sh", "-c", f'(read _ <go; read answer </dev/tty; echo "got $answer") | {shlex.join(run.argv)}'])
    terminal.expect_exact("sure? ")
    terminal.sendline("one")
    (tmp_path / "go").write_text("\n")
    terminal.expect_exact("got one")
    terminal.expect_exact("and now? ")
    terminal.sendline("two")
    terminal.expect_exact("agent got two")


def test_a_pager_behind_us_has_the_keyboard(directory: Path, spawn: Spawn) -> None:
    terminal = spawn(["sh", "-c", f"{shlex.join(PumpRun(directory, 'seq', '100000').argv)} | less"])
    terminal.expect_exact("23\r\n:")
    terminal.send("G")
    terminal.expect_exact("100000")
    terminal.send("q")
    terminal.expect(pexpect.EOF)


def test_an_editor_works(directory: Path, tmp_path: Path, spawn: Spawn) -> None:
    terminal = spawn(PumpRun(directory, "vim", "-u", "NONE", "-N", os.fspath(tmp_path / "text")).argv)
    terminal.expect_exact("[New]")
    terminal.send("ihello\r\x1b:wq\r")
    terminal.expect(pexpect.EOF)
    assert (tmp_path / "text").read_text() == "hello\n\n"


def test_quiet_on_a_pty_is_recorded_once(directory: Path) -> None:
    run = PumpRun(directory, "sh", "-c", "echo one; read _; echo two", options=("--pty",))
    with run.started(stdin=-1) as process:
        assert process.stdout.readline() == b"one\r\n"
        run.wait_for("IDLE")
        process.type(b"\n")
        assert process.stdout.readline() == b"two\r\n"
        process.wait()
    kinds = [record.name or record.kind for record in run.timing() if record.kind != "H"]
    assert kinds[:5] == ["STATE", "O", "QUIET", "IDLE", "O"]


def test_a_terminal_that_is_not_there_can_be_answered_for(directory: Path) -> None:
    script = "stty raw; printf '\\033[c'; head -c 6 | od -An -c"
    run = PumpRun(directory, "sh", "-c", script, options=("--pty", "--answer"))
    with run.started(stdin=-1) as process:
        assert process.stdout.read().split()[1:] == [b"033", *(b"%c" % byte for byte in b"[?62c")]


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
