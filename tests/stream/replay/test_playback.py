"""A recording read back: the bytes and times that were written, lazily, and never more than the timing file covers."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.recording import RecordingError, RecordingHeader, RecordingWriter
from stream.replay.playback import MAX_PIECE, OutputPiece, ResizePiece, measure, play

HEADER = RecordingHeader(session_id="s", agent="a", command=("true",), cwd="/", started=0)
READS = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(min_size=1), st.integers(0, 10**7)))


def record(directory: Path, reads: Sequence[tuple[str, bytes, int]]) -> int:
    """Each read comes so many µs after the one before; returns when the last came."""
    at = 0
    with RecordingWriter(directory, HEADER) as writer:
        for stream, data, delay in reads:
            at += delay
            writer.output(stream, data, at)
    return at


def pieces_of(directory: Path) -> list[OutputPiece | ResizePiece]:
    return list(play(directory, measure(directory).end))


@given(reads=READS)
def test_reads_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, reads: list[tuple[str, bytes, int]]
) -> None:
    directory = tmp_path_factory.mktemp("recording")
    at = record(directory, reads)
    pieces = pieces_of(directory)
    assert [(piece.stream, piece.data) for piece in pieces if isinstance(piece, OutputPiece)] == [
        (stream, data) for stream, data, _ in reads
    ]
    assert measure(directory).duration == at
    assert [piece.at for piece in pieces] == sorted(piece.at for piece in pieces)


def test_a_big_read_comes_in_pieces_of_the_same_time(tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000
    record(tmp_path / "r", [("stdout", data, 7)])
    pieces = [piece for piece in pieces_of(tmp_path / "r") if isinstance(piece, OutputPiece)]
    assert b"".join(piece.data for piece in pieces) == data
    assert {piece.at for piece in pieces} == {7}
    assert max(len(piece.data) for piece in pieces) == MAX_PIECE


def test_a_timing_file_longer_than_a_block_is_read_whole(tmp_path: Path) -> None:
    reads = [("stdout", b"%d\n" % number, 10) for number in range(20_000)]
    record(tmp_path / "r", reads)
    assert (tmp_path / "r" / "timing").stat().st_size > 2 * 64 * 1024
    assert b"".join(piece.data for piece in pieces_of(tmp_path / "r") if isinstance(piece, OutputPiece)) == b"".join(
        data for _, data, _ in reads
    )


def test_window_sizes_come_between_the_output(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r", HEADER._replace(mode=("pty", "pty", "pty"))) as writer:
        writer.output("stdout", b"a", 100)
        writer.resize(80, 24, 150)
        writer.idle(180)
        writer.output("stdout", b"b", 200)
    assert pieces_of(tmp_path / "r") == [
        OutputPiece(100, "stdout", b"a"),
        ResizePiece(150, 80, 24),
        OutputPiece(200, "stdout", b"b"),
    ]


def test_a_finished_recording_says_how_long_it_is(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r", HEADER) as writer:
        writer.output("stdout", b"a", 100)
        writer.finish(137, 5_000_000, "KILL")
    assert measure(tmp_path / "r").duration == 5_000_000
    assert measure(tmp_path / "r").end == (tmp_path / "r" / "timing").stat().st_size


def test_what_came_after_the_measure_is_left_out(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r", HEADER) as writer:
        writer.output("stdout", b"before", 100)
        extent = measure(tmp_path / "r")
        writer.output("stdout", b"after", 200)
        writer.finish(0, 300)
    assert list(play(tmp_path / "r", extent.end)) == [OutputPiece(100, "stdout", b"before")]
    assert measure(tmp_path / "r", extent.end) == extent


def test_bytes_that_timing_does_not_cover_are_left_out(tmp_path: Path) -> None:
    record(tmp_path / "r", [("stdout", b"covered", 1)])
    with (tmp_path / "r" / "stdout.log").open("ab") as log:
        log.write(b" and not")
    with (tmp_path / "r" / "timing").open("ab") as timing:
        timing.write(b"O 0.0000")
    assert pieces_of(tmp_path / "r") == [OutputPiece(1, "stdout", b"covered")]


def test_missing_bytes_are_told_behind_those_that_are_there(tmp_path: Path) -> None:
    record(tmp_path / "r", [("stdout", b"abc", 1), ("stdout", b"def", 1)])
    (tmp_path / "r" / "stdout.log").write_bytes(b"abcd")
    pieces = play(tmp_path / "r", measure(tmp_path / "r").end)
    assert next(pieces) == OutputPiece(1, "stdout", b"abc")
    assert next(pieces) == OutputPiece(2, "stdout", b"d")
    with pytest.raises(RecordingError, match="lacks 2 bytes"):
        next(pieces)


def test_a_damaged_timing_file_is_a_recording_error(tmp_path: Path) -> None:
    record(tmp_path / "r", [("stdout", b"abc", 1)])
    with (tmp_path / "r" / "timing").open("ab") as timing:
        timing.write(b"rubbish\n")
    with pytest.raises(RecordingError, match="rubbish"):
        measure(tmp_path / "r")


def test_no_recording_is_a_recording_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="nowhere"):
        measure(tmp_path / "nowhere")
