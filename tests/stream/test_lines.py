import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stream.lines
from chunking import cut, outputs, reads_of
from stream.ansi import clean, without_controls
from stream.line_blocks import Lines, Placed, joined
from stream.lines import MAX_LINE, LineAssembler


def lines(pieces: list[bytes]) -> list[tuple[bytes, int, int, bool]]:
    """(text, number, offset, cut) of every line."""
    assembler = LineAssembler()
    found = []
    blocks = [assembler.feed(reads) for reads in reads_of(pieces)]
    for block in [*blocks, assembler.flush(7)]:
        if block is not None:
            start = 0
            for index, text in enumerate(block.text.split(b"\n")[:-1]):
                line = block.locate(index, start)
                start += len(text) + 1
                found.append((without_controls(text), line.number, line.offset, line.cut))
    return found


@given(outputs)
def test_lines_break_at_lf_and_nowhere_else(data: bytes) -> None:
    raw = data.split(b"\n")
    if not raw[-1]:
        raw.pop()
    offsets = [sum(len(line) + 1 for line in raw[:index]) for index in range(len(raw))]
    assert [(number, offset) for _, number, offset, _ in lines([data])] == list(enumerate_from_one(offsets))


def enumerate_from_one(offsets: list[int]) -> list[tuple[int, int]]:
    return list(enumerate(offsets, 1))


@given(outputs, st.lists(st.integers(0, 10_000), max_size=40))
def test_any_chunking_gives_the_same_lines(data: bytes, places: list[int]) -> None:
    assert lines(cut(data, places)) == lines([data])


@given(outputs, st.randoms(use_true_random=False), st.booleans())
def test_where_lines_stand_may_be_asked_in_any_order(data: bytes, random: Random, together: bool) -> None:
    def block() -> Lines | None:
        blocks = [LineAssembler().feed(reads) for reads in reads_of([data])]
        placed = Placed(b"before\nthat\n", -1, 0, 7)
        return joined([placed, *filter(None, blocks), placed]) if together else blocks[0]

    if (asked := block()) is None or (expected := block()) is None:
        return
    starts = [0, *(match.end() for match in re.finditer(b"\n", asked.text))][:-1]
    places = [expected.locate(index, start) for index, start in enumerate(starts)]
    shuffled = list(enumerate(starts))
    random.shuffle(shuffled)
    assert {index: asked.locate(index, start) for index, start in shuffled} == dict(enumerate(places))


@given(outputs, st.lists(st.integers(0, 10_000), max_size=40))
def test_an_overwritten_line_that_is_folded_early_reads_the_same(output: bytes, places: list[int]) -> None:
    data = output.replace(b"\n", b"\r").decode("utf-8", "ignore").encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream.lines, "_FOLD", 0)
        folded = lines(cut(data, places))
    assert folded == lines([data])


@pytest.mark.parametrize("piece", [1 << 20, 1 << 16, 4096])
def test_a_line_of_any_length_is_cut_at_the_cap_and_the_next_line_is_right(piece: int) -> None:
    data = b"x" * (3 * MAX_LINE) + b"\nnext\n"
    first, second = lines([data[i : i + piece] for i in range(0, len(data), piece)])
    assert first == (b"x" * MAX_LINE, 1, 0, True)
    assert second == (b"next", 2, 3 * MAX_LINE + 1, False)


def test_a_spinner_that_never_ends_its_line_keeps_its_last_state() -> None:
    data = b"".join(b"\r%d%% of it" % (number % 100) for number in range(200_000)) + b"\rdone     \n"
    ((text, _, offset, was_cut),) = lines([data[i : i + 5000] for i in range(0, len(data), 5000)])
    assert (text.rstrip(), offset, was_cut) == (b"done", 0, False)


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (b"\x1b[1;31mred\x1b[0m", b"red"),
        (b"\x1b]0;window title\x07text", b"text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", b"link"),
        (b"10%\r50%\r100%", b"100%"),
        (b"longer text\rshort", b"short" + b"r text"),
        (b"longer text\r\x1b[Kshort", b"short"),
        (b"loading\x1b[2K\x1b[1Gdone", b"done"),
        (b"ab\x08c", b"ac"),
        (b"crlf\r", b"crlf"),
        (b"gcc\x1b[K: \x1b[01;31m\x1b[Kerror:\x1b[m\x1b[K x", b"gcc: error: x"),
        (b"tab\tstays", b"tab\tstays"),
        (b"nul\x00 and bell\x07", b"nul and bell"),
        (b"bad \xff byte", "bad � byte".encode()),
        (b"\x1b(Bcharset", b"charset"),
        (b"\x1bPdcs string\x1b\\after", b"after"),
        (b"cut escape \x1b[31", b"cut escape "),
    ],
)
def test_a_line_is_what_a_reader_saw(raw: bytes, seen: bytes) -> None:
    assert without_controls(clean(raw + b"\n")) == seen + b"\n"


@given(st.binary())
def test_cleaning_gives_valid_text_and_keeps_the_number_of_lines(data: bytes) -> None:
    cleaned = clean(data + b"\n")
    assert cleaned.count(b"\n") == data.count(b"\n") + 1
    cleaned.decode()
    assert b"\x1b" not in cleaned


@pytest.mark.parametrize(
    "line",
    [b"\r" * 300_000, (b"\r" * 1000 + b"x") * 300, b"x" * 130_000 + b"\x1b[1K" * 100_000, b"\rx\x1b[2K" * 50_000],
    ids=["returns", "returns between", "erased again and again", "written and erased"],
)
def test_however_often_a_line_is_written_over_it_is_read_in_linear_time(line: bytes) -> None:
    """Each took minutes where the whole line was gone through for each of them."""
    assert clean(line + b"\nnext\n").count(b"\n") == 2
