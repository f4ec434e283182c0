import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stream.screen
from screen_recordings import Line, Recording, read_lines, stripped
from stream.line_blocks import Lines
from stream.lines import MAX_LINE, Clean, Prepared, Reads, prepare_text
from stream.screen import Screen
from stream.screens.reader import piece_size

COLUMNS, ROWS = 20, 5
UP, ERASE, CLEAR, CLEAR_ALL = b"\x1b[A", b"\r\x1b[K", b"\x1b[H\x1b[2J", b"\x1b[2J\x1b[3J\x1b[H"
OTHER, BACK = b"\x1b[?1049h", b"\x1b[?1049l"

# What output is made of that repaints: all that the terminal, its pieces and the plain lines look at.
PIECES = [
    b"text", b"more of it ", b"10%", b"20%", b"Do it? ", b"x" * 30, b"\r\n", b"\r\n", b"\n", b"\r", b"\t", b"\x08",
    b"\xc3\xa9", b"\xff", b"\xe5\x85\xa8", b"\xe2\x82", b"\x1b[31m", b"\x1b[m", b"\x1b[", b"\x1b", b"\x1b]0;title\x07",
    b"\x1b]0;ti", b"\x1b\\", UP, b"\x1b[2B", ERASE, b"\x1b[J", b"\x1b[H\x1b[J", b"\x1b[2J", b"\x1b[3J", b"\x1b[H",
    b"\x1b[2;4r", b"\x1b[r", b"\x1b[L", b"\x1b[M", b"\x1bM", OTHER, BACK, b"\x1bc", b"\x1b[?25l", b"\x1b[?25h",
    b"\x1b[?2026h", b"\x1b[?2026l", b"\x1b[3;4H", b"\x1b(0",
]  # fmt: skip

outputs = st.lists(st.sampled_from(PIECES), max_size=120).map(b"".join)
offsets = st.lists(st.integers(0, 10_000), max_size=30)


def texts(block: Lines | None) -> list[str]:
    return block.text.decode().split("\n")[:-1] if block else []


def seen(*outputs: bytes, columns: int = COLUMNS, rows: int = ROWS) -> list[str]:
    """The lines of these outputs, with quiet after each of them."""
    screen = Screen(columns, rows)
    lines = []
    offset = 0
    for output in outputs:
        lines += texts(screen.feed(Reads("stdout", offset, output, ((offset + len(output), 7),))))
        lines += texts(screen.idle(7))
        offset += len(output)
    return [*lines, *texts(screen.flush(7))]


@given(outputs, offsets, offsets)
@settings(deadline=None)
def test_any_chunking_gives_the_same_lines_at_the_same_places(data: bytes, idle: list[int], cuts: list[int]) -> None:
    quiet = frozenset(place % (len(data) + 1) for place in idle if data) - {0}
    told = Recording(COLUMNS, ROWS, data or b"x", ((len(data or b"x"), 7),), quiet)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream.screen, "piece_size", lambda _: 64)
        whole = read_lines(told, [])
        assert read_lines(told, cuts) == whole
        assert read_lines(told, cuts, resume=True) == whole


@given(outputs, offsets, st.lists(st.integers(1, 500_000), min_size=1, max_size=6))
@settings(deadline=None)
def test_looks_at_a_busy_full_screen_program_depend_on_the_recorded_times_alone(
    data: bytes, cuts: list[int], steps: list[int]
) -> None:
    data = OTHER + data
    ends = [len(data) * (index + 1) // len(steps) for index in range(len(steps))]
    times = tuple((end, sum(steps[: index + 1])) for index, end in enumerate(ends))
    told = Recording(COLUMNS, ROWS, data, times, frozenset())
    assert read_lines(told, cuts, resume=True) == read_lines(told, [])


@given(st.lists(st.text(st.characters(codec="ascii", min_codepoint=32, exclude_characters="\x7f"), max_size=50)))
def test_plain_lines_are_final_at_their_end_and_keep_their_places(lines: list[str]) -> None:
    screen = Screen(COLUMNS, ROWS)
    offset = 0
    for number, line in enumerate(lines, 1):
        raw = b"\x1b[32m" + line.encode() + b"\x1b[0m\r\n"
        block = screen.feed(Reads("stdout", offset, raw, ((offset + len(raw), number),)))
        assert texts(block) == [line]
        assert block is not None
        assert block.locate(0, 0)[:3] == (number, offset, number)
        offset += len(raw)


@pytest.mark.parametrize(
    ("outputs", "lines"),
    [
        ([b"one\r\ntwo\r\n"], ["one", "two"]),
        ([b"a soft wrapped line is one line\r\nnext\r\n" + UP], ["a soft wrapped line is one line", "next"]),
        ([b"10%", ERASE + b"20%", ERASE + b"30%", b"\r\ndone\r\n"], ["30%", "done"]),
        ([b"bar 10%\r\n", UP + b"bar 20%\r\n", UP + b"bar 30%\r\n", b"done\r\n"], ["bar 10%", "bar 30%", "done"]),
        ([b"one\r\n", UP + b"one\r\n", UP + b"one\r\n"], ["one"]),
        ([b"one\r\n", UP + b"new\r\n"], ["one", "new"]),
        ([b"Go on? ", b"y\r\nnext\r\n"], ["Go on?", "Go on? y", "next"]),
        ([b"half a li", b"ne\r\n"], ["half a line"]),
        ([b"tab\x08\x08\x08top\r\n"], ["top"]),
        ([b"a\r\nb\r\n" + CLEAR + b"c\r\n"], ["a", "b", "c"]),
        ([CLEAR + b"only shown\r\nfor a moment" + CLEAR + b"c\r\n"], ["only shown", "for a moment", "c"]),
        ([b"\x1b[Ga\r\nb\r\n", CLEAR_ALL + b"a\r\nb\r\nc\r\n"], ["a", "b", "c"]),
        ([b"\x1b[1;1Hx\r\n" + b"y\r\n" * 9], ["x", *["y"] * 9]),
        ([b"\x1b[Gone\r\n\r\nthree\r\n"], ["one", "", "three"]),
        ([b"cut by a reset \x1b[", b"31mred\r\n"], ["cut by a reset red"]),
    ],
)
def test_what_a_reader_saw_counts_once(outputs: list[bytes], lines: list[str]) -> None:
    assert stripped(seen(*outputs)) == lines


def test_a_full_screen_program_tells_the_new_rows_of_its_settled_screens() -> None:
    first = OTHER + CLEAR + b"title\r\none\r\ntwo\r\nthree\x1b[?25l"
    scrolled = CLEAR + b"title\r\ntwo\r\nthree\r\nfour"
    assert seen(b"before\r\n", first, scrolled, BACK + b"after\r\n") == [
        "before", "title", "one", "two", "three", "four", "after",
    ]  # fmt: skip


def test_rows_that_a_closed_dialog_had_covered_do_not_come_again() -> None:
    page = CLEAR + b"\x1b[?25lalpha row\r\nbeta row\r\ngamma row\r\ndelta row"
    dialog = b"\x1b[2;1H\x1b[2KSave it?\x1b[3;1H\x1b[2K(y/n)"
    lines = seen(OTHER + page, dialog, page, BACK)
    assert lines == ["alpha row", "beta row", "gamma row", "delta row", "Save it?", "(y/n)"]


def test_a_menu_that_comes_up_again_is_asked_again() -> None:
    page = CLEAR + b"\x1b[?25lsome text here\r\nmore text here"
    menu = page + "\r\nMay I?\r\n\u276f 1. Yes\r\n  2. No".encode()
    assert seen(OTHER + page, menu, page, menu, BACK).count("May I?") == 2


def test_what_stays_while_a_spinner_turns_is_told_although_there_is_no_quiet() -> None:
    screen = Screen(COLUMNS, ROWS)
    frames = [OTHER + CLEAR + b"\x1b[?25lan answer\r\n"]
    frames += [b"\x1b[4;1H%c working" % b"|/-\\"[index % 4] for index in range(12)]
    frames += [CLEAR + b"gone" + BACK]
    lines: list[str] = []
    offset = 0
    for number, frame in enumerate(frames):
        reads = Reads("stdout", offset, frame, ((offset + len(frame), 80_000 * number),))
        lines += texts(screen.feed(reads))
        offset += len(frame)
    assert "an answer" in lines


def test_nothing_is_told_while_a_frame_is_being_drawn() -> None:
    screen = Screen(COLUMNS, ROWS)
    half = OTHER + b"\x1b[?25l\x1b[?2026hhalf a fra"
    assert screen.feed(Reads("stdout", 0, half, ((len(half), 7),))) is None
    assert screen.idle(8) is None
    rest = b"me\x1b[?2026l"
    screen.feed(Reads("stdout", len(half), rest, ((len(half) + len(rest), 9),)))
    assert texts(screen.idle(10)) == ["half a frame"]


def test_a_larger_terminal_does_not_bring_back_what_has_scrolled_off() -> None:
    screen = Screen(COLUMNS, ROWS)
    data = b"\x1b[G" + b"".join(b"line %d\r\n" % number for number in range(9))
    lines = texts(screen.feed(Reads("stdout", 0, data, ((len(data), 7),))))
    lines += texts(screen.resize(2 * COLUMNS, 2 * ROWS, 8))
    assert [*lines, *texts(screen.flush(9))] == [f"line {number}" for number in range(9)]


def test_a_smaller_terminal_loses_nothing_and_repeats_nothing() -> None:
    screen = Screen(COLUMNS, ROWS)
    data = b"\x1b[G" + b"".join(b"line %d, quite long\r\n" % number for number in range(9))
    lines = texts(screen.feed(Reads("stdout", 0, data, ((len(data), 7),))))
    lines += texts(screen.idle(7)) + texts(screen.resize(COLUMNS // 2, ROWS - 2, 8))
    assert [*lines, *texts(screen.flush(9))] == [f"line {number}, quite long" for number in range(9)]


def test_a_state_that_the_emulator_cannot_write_is_given_up_for_what_it_shows() -> None:
    screen = Screen(COLUMNS, ROWS)
    data = "\x1b[?1049h漢字".encode()
    screen.feed(Reads("stdout", 0, data, ((len(data), 7),)))
    screen.resize(1, ROWS, 8)
    resumed = Screen(1, ROWS)
    resumed.resume(json.loads(json.dumps(screen.state())))
    resumed.resize(COLUMNS, ROWS, 9)
    for going_on in (screen, resumed):
        behind = b"\x1b[?1049lback\r\n"
        lines = texts(going_on.feed(Reads("stdout", len(data), behind, ((len(data) + len(behind), 9),))))
        assert [*lines, *texts(going_on.flush(10))][-1] == "back"


def test_a_terminal_larger_than_any_monitor_is_read_all_the_same() -> None:
    assert seen(b"\x1b[31mError: odd\x1b[0m\r\n", columns=65_535, rows=65_535) == ["Error: odd"]


def test_a_gap_ends_the_open_line_and_the_open_sequence() -> None:
    screen = Screen(COLUMNS, ROWS)
    data = b"\x08half a line\x1b]0;a title that nev"
    lines = texts(screen.feed(Reads("stdout", 0, data, ((len(data), 7),)))) + texts(screen.flush(8))
    lines += texts(screen.feed(Reads("stdout", 90, b"\r\nnext\r\n", ((98, 9),))))
    assert [*lines, *texts(screen.flush(9))] == ["half a line", "next"]


def test_a_line_of_any_length_does_not_fill_the_memory() -> None:
    screen = Screen(COLUMNS, ROWS)
    data = b"\x08" + b"x" * (3 << 20) + b"\r\nnext\r\n"
    lines = texts(screen.feed(Reads("stdout", 0, data, ((len(data), 7),)))) + texts(screen.flush(8))
    assert lines[-1] == "next"
    assert sum(map(len, lines[:-1])) == 3 << 20
    assert max(map(len, lines)) <= 256 * COLUMNS + 8192 + COLUMNS


def test_a_string_of_any_length_keeps_the_state_small() -> None:
    screen = Screen(COLUMNS, ROWS)
    data = b"\x08text\r\n\x1b]52;c;" + b"x" * (3 << 20)
    screen.feed(Reads("stdout", 0, data, ((len(data), 7),)))
    state = json.dumps(screen.state())
    assert len(state) < 300_000
    resumed = Screen(COLUMNS, ROWS)
    resumed.resume(json.loads(state))
    assert texts(resumed.feed(Reads("stdout", len(data), b"y\x07more\r\n", ((len(data) + 8, 8),)))) == []
    assert texts(resumed.flush(9)) == ["text", "more"]


def test_a_plain_line_that_grows_too_long_is_cut_and_said_to_be() -> None:
    screen = Screen(COLUMNS, ROWS)
    data = b"x" * (MAX_LINE + 1) + b"\r\n"
    block = screen.feed(Reads("stdout", 0, data, ((len(data), 7),)))
    assert block is not None
    assert block.locate(0, 0).cut


def test_lines_are_placed_at_the_piece_with_which_they_became_final() -> None:
    told = Recording(COLUMNS, ROWS, b"\x08" + b"0123456789\r\n" * 2000, ((12_000, 5), (24_001, 9)), frozenset())
    lines: list[Line] = read_lines(told, [])
    assert all(line.offset + 8192 > (line.number - ROWS) * 12 for line in lines)
    assert {line.at for line in lines} == {5, 9}
    assert all(before.offset <= line.offset for before, line in pairwise(lines))


@pytest.mark.parametrize("columns", [80, 731, 1000, 5000, 16_500])
def test_however_wide_a_terminal_is_none_of_its_lines_is_forgotten(columns: int) -> None:
    screen = Screen(columns, ROWS)
    data = b"\x08" + b"\n" * 20_000 + b"x\r\n" * 20_000
    screen.feed(Reads("stdout", 0, data, ((len(data), 7),)))
    screen.flush(8)
    assert screen.count == 40_000


def test_what_scrolled_off_while_a_sequence_was_open_is_not_forgotten_when_another_process_goes_on() -> None:
    screen, other = Screen(COLUMNS, ROWS), Screen(COLUMNS, ROWS)
    data = b"\x08\x1b[" + b"\n" * 20_000
    screen.feed(Reads("stdout", 0, data, ((len(data), 7),)))
    other.resume(json.loads(json.dumps(screen.state())))
    rest = Reads("stdout", len(data), b"mend\r\n", ((len(data) + 6, 8),))
    counts = []
    for each in (screen, other):
        each.feed(rest)
        each.flush(9)
        counts.append(each.count)
    assert counts == [20_001, 20_001]


@pytest.mark.parametrize("columns", [400, 731, 1000])
def test_none_is_forgotten_while_long_lines_wait_for_their_ends(columns: int) -> None:
    screen = Screen(columns, 1)
    between = b"\n" * (piece_size(columns) - columns - 2)
    data = b"\x08" + (between + b"\r" + b"x" * (columns + 1)) * 4 + b"\n"
    screen.feed(Reads("stdout", 0, data, ((len(data), 7),)))
    screen.flush(8)
    assert screen.count == pytest.approx(data.count(b"\n"), abs=2)


@pytest.mark.parametrize("below", [ROWS - 3, ROWS - 2, ROWS - 1])
@pytest.mark.parametrize("erasing", [b"\x1b[H\x1b[2J\x1b[3J", b"\x1bc", b"\x1b[03J"])
def test_what_is_printed_behind_clear_is_read_though_a_long_line_stood_half_above_the_screen(
    erasing: bytes, below: int
) -> None:
    before = b"\b" + b"line\r\n" * 60 + b"x" * (COLUMNS + COLUMNS // 2) + b"\r\n" + b"below\r\n" * below
    behind = [f"line {number}" for number in range(30)]
    assert seen(before, erasing, "\r\n".join(behind).encode())[-30:] == behind


def test_output_that_leaves_line_ends_to_the_terminal_starts_each_line_at_its_start() -> None:
    screen = Screen(COLUMNS, ROWS, new_line=True)
    data = b"\x1b[Gone\ntwo\nthree\n"
    screen.feed(Reads("stderr", 0, data, ((len(data), 7),)))
    assert texts(screen.flush(8)) == ["one", "two", "three"]


def test_plain_lines_are_prepared_by_whoever_was_asked_to_also_after_a_screen() -> None:
    screen = Screen(COLUMNS, ROWS)
    prepared: list[bytes] = []

    def prepare(offset: int, raw: bytes, clean: Clean) -> Prepared:
        prepared.append(raw)
        return prepare_text(offset, raw, clean)

    screen.prepare = prepare
    offset = 0
    for data in (b"one\r\n", b"\x1b[Gtwo\r\n", b"three\r\n"):
        screen.feed(Reads("stdout", offset, data, ((offset + len(data), 7),)))
        screen.idle(7)
        offset += len(data)
    assert prepared == [b"one\r\n", b"three\r\n"]
