"""What an agent printed last, from the end of its recording."""

import os
from pathlib import Path

import pytest

from api.web.last_line import LONGEST, TAIL, last_line, line_of


@pytest.mark.parametrize(
    ("tail", "line"),
    [
        (b"", ""),
        (b"\n \n\t\n", ""),
        (b"one\ntwo\n", "two"),
        (b"one\ntwo", "two"),
        (b"one\r\ntwo\r\n\r\n", "two"),
        (b"\x1b[1;31mError:\x1b[0m it broke\x1b[K\n", "Error: it broke"),
        (b"\x1b]0;a title\x07done\n", "done"),
        (b"10%\r50%\r99%", "99%"),
        (b"\xff\xfe text\n", "\ufffd\ufffd text"),
        ("päth/zu\x00\x01 datei\n".encode(), "päth/zu datei"),
        (b"\x1b[?25l\x1b[?2004hplain\n", "plain"),
    ],
)
def test_the_last_line_that_holds_anything_is_told_as_a_reader_saw_it(tail: bytes, line: str) -> None:
    assert line_of(tail) == line


@pytest.mark.parametrize("move", [b"\x1b[5;1H", b"\x1b[2A", b"\x1b[2J", b"\x1b[?1049h", b"\x1b8", b"\x1bM"])
def test_nothing_is_made_of_output_that_moves_the_cursor_about(move: bytes) -> None:
    assert line_of(b"some\n" + move + b"fragment\n") == ""


def test_secrets_are_masked() -> None:
    assert "ghp_" + "*" * 36 in line_of(b"token ghp_" + b"a1B2" * 9 + b"\n")


def test_a_long_line_is_cut_and_says_so() -> None:
    line = line_of(b"x" * 1000)
    assert len(line) == LONGEST
    assert line.endswith("x…")


def test_only_the_end_of_a_long_recording_is_read_and_no_half_of_a_line(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"
    log.write_bytes(b"the first\n" + b"y" * TAIL)
    assert last_line([log]) == ""
    log.write_bytes(b"z" * TAIL + b"\nthe last\n")
    assert last_line([log]) == "the last"


def test_the_stream_that_was_written_to_last_counts(tmp_path: Path) -> None:
    out, err = tmp_path / "stdout.log", tmp_path / "stderr.log"
    out.write_bytes(b"from stdout\n")
    err.write_bytes(b"from stderr\n")
    os.utime(out, ns=(1, 1))
    assert last_line([out, err]) == "from stderr"
    err.write_bytes(b"")
    assert last_line([out, err]) == "from stdout"


def test_a_recording_that_is_gone_has_no_last_line(tmp_path: Path) -> None:
    assert last_line([tmp_path / "stdout.log"]) == ""
    assert last_line([]) == ""
