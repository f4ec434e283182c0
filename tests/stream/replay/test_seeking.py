"""Any moment of a recording: what the terminal showed then, and the place from which playing goes on."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream import follow
from stream.recording import RecordingError, RecordingHeader, RecordingWriter
from stream.replay import seeking
from stream.replay.playback import OutputPiece, Playback, measure
from stream.replay.seeking import MAX_MARKS, PIPE_COLUMNS, PIPE_ROWS, Moment, Seeker, shown_size
from stream.screens.emulated_terminal import EmulatedTerminal

CAPTURE = Path(__file__).parents[2] / "captures" / "codex-tui-pty.raw"
READ = 512
PARTS = [CAPTURE.read_bytes()[start : start + READ] for start in range(0, CAPTURE.stat().st_size, READ)]
PTY: dict[str, Any] = {"mode": ("pty", "pty", "pty"), "columns": 100, "rows": 30}


@pytest.fixture(scope="module", autouse=True)
def small_steps() -> Iterator[None]:
    """So that a small recording is read in steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follow, "_DATA_BYTES", 3 * READ)
        yield


def header(**fields: Any) -> RecordingHeader:
    return RecordingHeader(session_id="s", agent="a", command=("true",), cwd="/", started=0, **fields)


def recorded(directory: Path, parts: Iterable[bytes], **fields: Any) -> Seeker:
    """The part number n came after n µs."""
    with RecordingWriter(directory, header(**fields)) as writer:
        for number, part in enumerate(parts):
            writer.output("stdout", part, number)
    return Seeker(directory, header(**fields))


def text(data: bytes, size: tuple[int, int] = (100, 30)) -> str:
    terminal = EmulatedTerminal(*size)
    terminal.feed(data)
    return terminal.text()


def shown(moment: Moment) -> str:
    return text(moment.keyframe.data, (moment.keyframe.columns, moment.keyframe.rows))


def rest(directory: Path, moment: Moment) -> bytes:
    playback = Playback(directory, moment.position)
    pieces = playback.pieces(measure(directory).end)
    data = b"".join(piece.data for piece in pieces if isinstance(piece, OutputPiece))
    playback.close()
    return data


@settings(deadline=None)  # the first one loads the emulator
@given(moments=st.lists(st.integers(0, 120), min_size=1, max_size=8), spacing=st.sampled_from([1, 3000, 20_000]))
def test_any_order_of_jumps_finds_the_right_screens(
    tmp_path_factory: pytest.TempPathFactory, moments: list[int], spacing: int
) -> None:
    directory = tmp_path_factory.mktemp("r") / "r"
    seeker = recorded(directory, PARTS, **PTY)
    seeker._spacing = spacing
    end = measure(directory).end
    for at in moments:
        moment = seeker.moment(at, end)
        assert shown(moment) == text(b"".join(PARTS[: at + 1]))
        assert rest(directory, moment) == b"".join(PARTS[at + 1 :])


def test_the_states_that_are_kept_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "SPACING", 1)
    seeker = recorded(tmp_path / "r", PARTS * 4, **PTY)
    end = measure(tmp_path / "r").end
    for at in (10_000, 5, 200, 90, 10_000):
        seeker.moment(at, end)
        assert len(seeker._marks) < MAX_MARKS
    assert seeker._spacing > 1
    assert shown(seeker.moment(200, end)) == text(b"".join((PARTS * 4)[:201]))


def test_a_jump_back_reads_no_more_than_from_the_last_mark(tmp_path: Path) -> None:
    seeker = recorded(tmp_path / "r", PARTS, **PTY)
    seeker._spacing = 10_000
    end = measure(tmp_path / "r").end
    seeker.moment(10_000, end)
    log = tmp_path / "r" / "stdout.log"
    log.write_bytes(bytes(20 * READ) + log.read_bytes()[20 * READ :])
    assert shown(seeker.moment(90, end)) == text(b"".join(PARTS[:91]))


def test_what_came_through_pipes_has_a_terminal_of_its_own(tmp_path: Path) -> None:
    seeker = recorded(tmp_path / "r", [b"one\ntwo\n", b"three"])
    moment = seeker.moment(1, measure(tmp_path / "r").end)
    assert moment.keyframe[:2] == (PIPE_COLUMNS, PIPE_ROWS)
    assert shown(moment).split() == ["one", "two", "three"]


def test_lines_of_a_stderr_with_a_pty_of_its_own_begin_at_the_left(tmp_path: Path) -> None:
    facts: dict[str, Any] = {"mode": ("pipe", "pipe", "pty"), "columns": 100, "rows": 30}
    with RecordingWriter(tmp_path / "r", header(**facts)) as writer:
        writer.output("stderr", b"one\ntwo\nthree", 1)
    moment = Seeker(tmp_path / "r", header(**facts)).moment(1, measure(tmp_path / "r").end)
    assert shown(moment).splitlines()[:3] == ["one", "two", "three"]


def test_a_terminal_is_shown_at_the_size_that_it_has_by_then(tmp_path: Path) -> None:
    directory = tmp_path / "r"
    with RecordingWriter(directory, header(**PTY)) as writer:
        writer.output("stdout", b"wide", 5)
        writer.resize(40, 10, 10)
        writer.output("stdout", b" narrow", 20)
    seeker, end = Seeker(directory, header(**PTY)), measure(directory).end
    assert seeker.moment(40, end).keyframe[:2] == (40, 10)
    sizes = [(at, *seeker.moment(at, end).keyframe[:2]) for at in (0, 9, 10, 30)]
    assert sizes == [(0, 100, 30), (9, 100, 30), (10, 40, 10), (30, 40, 10)]


def test_a_terminal_without_a_size_keeps_the_one_it_had(tmp_path: Path) -> None:
    directory = tmp_path / "r"
    with RecordingWriter(directory, header(**PTY)) as writer:
        writer.output("stdout", b"text", 5)
        writer.resize(0, 0, 10)
        writer.output("stdout", b" and on", 20)
    seeker, end = Seeker(directory, header(**PTY)), measure(directory).end
    for at in (30, 15):
        assert seeker.moment(at, end).keyframe[:2] == (100, 30)
    assert shown_size(header(mode=PTY["mode"], columns=80, rows=0)) == (PIPE_COLUMNS, PIPE_ROWS)


def test_output_that_is_missing_is_an_error(tmp_path: Path) -> None:
    seeker = recorded(tmp_path / "r", PARTS, **PTY)
    (tmp_path / "r" / "stdout.log").write_bytes(b"short")
    with pytest.raises(RecordingError, match="r lacks output of stdout"):
        seeker.moment(90, measure(tmp_path / "r").end)


def test_before_the_first_output_the_screen_is_empty(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r", header(**PTY)) as writer:
        writer.output("stdout", b"later", 500)
    moment = Seeker(tmp_path / "r", header(**PTY)).moment(499, measure(tmp_path / "r").end)
    assert shown(moment) == ""
    assert rest(tmp_path / "r", moment) == b"later"
