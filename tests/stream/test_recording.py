import errno
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.follow import Follower, Position
from stream.lines import Reads
from stream.recording import RecordingError, RecordingHeader, RecordingWriter, is_being_written, read_header, safe_name
from stream.repair import repair
from stream.timing import TimingError, TimingRecord, format_output, parse_seconds, parse_timing

HEADER = RecordingHeader(
    session_id="0123456789abcdef",
    agent="an agent / of any name\n",
    command=("sh", "-c", "printf 'two\nlines'", "\udcff"),
    cwd="/tmp/a folder",
    started=1_700_000_000_123_456,
    mode=("pty", "pty", "pty"),
    columns=100,
    rows=30,
    label="ci",
    database="/tmp/wrapper.db",
    pid=12,
    environ={"TERM": "xterm"},
)
PIPES = HEADER._replace(mode=("pipe", "pipe", "pipe"), columns=0, rows=0, database=None)


def directory(tmp_path: Path) -> Path:
    return tmp_path / "recordings" / "agent" / HEADER.session_id


def write(path: Path, header: RecordingHeader = PIPES, *, finish: bool = True) -> RecordingWriter:
    recorder = RecordingWriter(path, header)
    recorder.state("running", 10, PID=12)
    recorder.output("stdout", b"out 1\n", 1_000_000)
    if "pipe" in header.mode[1:]:
        recorder.output("stderr", b"err\n", 1_000_001)
    recorder.output("stdout", memoryview(b"out 2\n"), 2_500_000)
    if finish:
        recorder.finish(0, 3_000_000)
    recorder.close()
    return recorder


def contents(path: Path, position: Position | None = None) -> list[tuple[object, ...]]:
    follower = Follower(path, position or Position())
    found: list[tuple[object, ...]] = []
    while items := follower.read():
        for item in items:
            if isinstance(item, Reads):
                found.append((item.stream, item.offset, item.data, item.times))
            elif item.kind != "H" or item.name in ("EXIT_CODE", "SIGNAL"):
                found.append((item.name, item.at, item.value))
    follower.close()
    return found


@pytest.mark.parametrize("header", [HEADER, PIPES])
def test_a_recording_describes_itself(tmp_path: Path, header: RecordingHeader) -> None:
    write(directory(tmp_path), header)
    assert read_header(directory(tmp_path)) == header


def test_a_header_is_as_long_as_its_argument_vector(tmp_path: Path) -> None:
    header = PIPES._replace(command=("sh", "-c", "true", *["\x01" * 100_000] * 40))
    write(directory(tmp_path), header)
    assert read_header(directory(tmp_path)) == header
    assert contents(directory(tmp_path))[-1] == ("EXIT_CODE", 3_000_000, 0)


def test_what_was_recorded_is_read_in_the_order_in_which_it_came(tmp_path: Path) -> None:
    write(directory(tmp_path))
    assert contents(directory(tmp_path)) == [
        ("STATE", 0, None),
        ("stdout", 0, b"out 1\n", ((6, 1_000_000),)),
        ("stderr", 0, b"err\n", ((4, 1_000_001),)),
        ("stdout", 6, b"out 2\n", ((12, 2_500_000),)),
        ("EXIT_CODE", 3_000_000, 0),
    ]


def test_a_follower_goes_on_where_it_was(tmp_path: Path) -> None:
    recorder = RecordingWriter(directory(tmp_path), PIPES)
    follower = Follower(directory(tmp_path))
    follower.read()
    for number in range(3):
        recorder.output("stdout", b"%d\n" % number, number)
        (read,) = follower.read()
        assert isinstance(read, Reads)
        assert (read.offset, read.data) == (2 * number, b"%d\n" % number)
        assert follower.read() == []
    assert follower.position == Position(follower.position.timing, stdout=6, stderr=0, clock=2)
    again = Follower(directory(tmp_path), follower.position)
    recorder.output("stdout", b"later\n", 99)
    (read,) = again.read()
    assert isinstance(read, Reads)
    assert (read.offset, read.data, read.times) == (6, b"later\n", ((12, 99),))
    recorder.close()


def test_bytes_without_their_timing_record_are_not_read_yet(tmp_path: Path) -> None:
    recorder = write(directory(tmp_path), finish=False)
    with (recorder.directory / "stdout.log").open("ab") as log:
        log.write(b"uncovered\n")
    assert contents(directory(tmp_path))[-1][2] == b"out 2\n"


def test_only_the_user_can_read_a_recording(tmp_path: Path) -> None:
    with RecordingWriter(directory(tmp_path), PIPES):
        files = list(directory(tmp_path).iterdir())
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {path.name for path in files} == {"timing", "stdout.log", "stderr.log", "reserve"}
    assert stat.S_IMODE(directory(tmp_path).stat().st_mode) == 0o700


def test_others_see_whether_the_writer_lives(tmp_path: Path) -> None:
    recorder = RecordingWriter(directory(tmp_path), PIPES)
    assert is_being_written(directory(tmp_path))
    assert not repair(directory(tmp_path))
    recorder.close()
    assert not is_being_written(directory(tmp_path))


def test_a_recording_that_broke_off_is_made_whole_once(tmp_path: Path) -> None:
    write(directory(tmp_path), finish=False)
    timing = directory(tmp_path) / "timing"
    with (directory(tmp_path) / "stdout.log").open("ab") as log:
        log.write(b"uncovered\n")
    with timing.open("ab") as file:
        file.write(b"O 0.00")
    assert repair(directory(tmp_path))
    repaired = timing.read_bytes()
    assert contents(directory(tmp_path))[-2:] == [
        ("stdout", 6, b"out 2\nuncovered\n", ((12, 2_500_000), (22, 2_500_000))),
        ("STATE", 2_500_000, None),
    ]
    assert repair(directory(tmp_path))
    assert timing.read_bytes() == repaired


@pytest.mark.parametrize(("later", "at"), [(9_000_000, 9_000_000), (1, 2_500_000), (None, 2_500_000)])
def test_a_silent_session_ends_when_it_was_last_heard_of(tmp_path: Path, later: int | None, at: int) -> None:
    write(directory(tmp_path), finish=False)
    assert repair(directory(tmp_path), None if later is None else PIPES.started + later)
    timing = (directory(tmp_path) / "timing").read_bytes()
    assert timing.endswith(f" STATE NAME=interrupted AT={at / 1e6:.6f}\n".encode())


def test_a_whole_recording_needs_no_repair(tmp_path: Path) -> None:
    write(directory(tmp_path))
    before = (directory(tmp_path) / "timing").read_bytes()
    assert repair(directory(tmp_path))
    assert (directory(tmp_path) / "timing").read_bytes() == before


def test_what_is_no_recording_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not a recording"):
        read_header(tmp_path)
    (tmp_path / "timing").write_text("something else\n")
    with pytest.raises(RecordingError, match="not a timing record: b'something else'"):
        read_header(tmp_path)


def test_a_taken_back_recording_leaves_nothing(tmp_path: Path) -> None:
    RecordingWriter(directory(tmp_path), PIPES).discard()
    assert not directory(tmp_path).exists()


@pytest.mark.parametrize(
    ("agent", "name"), [("codex", "codex"), ("a/b", "a_b"), ("../x", "_x"), ("..", "_"), ("é ü", "___"), ("", "_")]
)
def test_an_agents_name_is_safe_in_a_path(agent: str, name: str) -> None:
    assert safe_name(agent) == name


@given(st.lists(st.tuples(st.integers(0, 10**13), st.integers(1, 10**9)), max_size=50))
def test_times_do_not_drift(reads: list[tuple[int, int]]) -> None:
    text = b"".join(format_output("O", delta, size) for delta, size in reads)
    at = 0
    for (delta, size), record in zip(reads, parse_timing(text), strict=True):
        at += delta
        assert (record.at, record.size) == (at, size)


@pytest.mark.parametrize(
    "line", [b"", b"O", b"O 1.0", b"X 0.0 1", b"O 0.0 many", b"H 0.0 AGENT {", b"S 0.0 STATE NAME"]
)
def test_a_line_that_is_no_record_is_named(line: bytes) -> None:
    with pytest.raises(TimingError, match="not a timing record"):
        list(parse_timing(line + b"\n"))


def test_a_record_without_its_end_is_left_for_later() -> None:
    assert list(parse_timing(b"O 0.500000 3\nO 0.1")) == [TimingRecord("O", 500_000, 13, size=3)]


@pytest.mark.parametrize(("text", "microseconds"), [("1", 1_000_000), ("0.5", 500_000), ("12.000001", 12_000_001)])
def test_seconds_are_read_exactly(text: str, microseconds: int) -> None:
    assert parse_seconds(text) == microseconds


def test_scriptreplay_plays_a_terminals_recording(tmp_path: Path) -> None:
    if not (player := shutil.which("scriptreplay")):
        assert os.uname().sysname != "Linux", "util-linux is installed on every Linux"
        return
    path = directory(tmp_path)
    write(path, HEADER)
    script = f'{player} --log-out <(echo; cat "$0/stdout.log") --log-timing "$0/timing" --divisor 1000'
    played = subprocess.run(["bash", "-c", script, str(path)], capture_output=True, check=True, timeout=30)
    assert played.stdout.replace(b"\r\n", b"\n").strip() == b"out 1\nout 2"


def test_what_the_disk_took_in_part_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = RecordingWriter(directory(tmp_path), PIPES)
    recorder.output("stdout", b"whole\n", 1)
    written = os.write

    def full(fd: int, data: bytes) -> int:
        if len(data) > 3:
            return written(fd, data[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        recorder.output("stdout", b"in part\n", 2)
    monkeypatch.undo()
    recorder.gap({"stdout": 8}, 3)
    recorder.output("stdout", b"again\n", 4)
    recorder.finish(0, 5)
    recorder.close()
    assert contents(directory(tmp_path)) == [
        ("stdout", 0, b"whole\n", ((6, 1),)),
        ("GAP", 1, None),
        ("stdout", 6, b"again\n", ((12, 4),)),
        ("EXIT_CODE", 5, 0),
    ]
