"""A keyframe paints what the terminal showed, and what comes behind it continues it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.replay.keyframes import keyframe
from stream.screens.emulated_terminal import HISTORY, EmulatedTerminal, LinkedCells

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*-pty.raw"))
COLUMNS, ROWS = 100, 30

SCREENS = {
    "a scrolling region": b"one\r\ntwo\x1b[5;10r\x1b[7;3H\n\n\n\n\nthree",
    "origin mode": b"one\r\ntwo\x1b[5;10r\x1b[?6h\x1b[2;3Hthree\x1b[1;1Hfour",
    "insert mode": b"abc\r\nxyz\x1b[4h\x1b[1;1Hin",
    "no wrapping": b"\x1b[?7l" + b"q" * 150 + b"\r\nz",
    "line drawing": b"abc\r\nhello\x1b(0lqqk",
    "the second charset": b"abc\x1b)0\x0exxx",
    "a wrapped line": b"w" * 250 + b"\r\nend",
    "a line that is full": b"w" * 100 + b"v",
    "more than a screen": b"".join(b"%d\r\n" % number for number in range(100)),
    "blank rows at the end": b"".join(b"%d\r\n" % number for number in range(40)) + b"\r\n" * 20,
    "the other screen": b"first\r\nmore\x1b[?1049h\x1b[31m\x1b[Hother\x1b[?1049lback",
    "a coloured screen": b"\x1b[41m\x1b[2J\x1b[3;3H",
    "a saved cursor": b"abc\x1b7\x1b[5;5Hhere\x1b8there",
    "wide characters": "日本語".encode() * 30,
    "emoji": "👩‍👩‍👧‍👦x👍🏽y🇩🇪z".encode(),
    "blanks at the end": b"a   \r\n\r\n\r\nb   ",
    "a hyperlink": b"\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\ text",
    "hyperlinks side by side": b"".join(b"\x1b]8;;https://e.com/%d;x\x1b\\n%d" % (n, n) for n in range(9)) + b"still",
    "a hyperlink over two rows": "\x1b]8;;https://e.com\x07\x1b[31m日本".encode() * 26 + b"\x1b]8;;\x07 text",
    "a hyperlink at a row's end": b" " * 96 + b"\x1b]8;;https://e.com\x07link\x1b]8;;\x07more",
    "a saved cursor behind a hyperlink": b" " * 96 + b"\x1b]8;;https://e.com\x07link\x1b]8;;\x07\x1b7\x1b[Hup\x1b8more",
    "hyperlinks on both screens": b"\x1b]8;;https://a.com\x07a\x1b[?1049h\x1b[5Hb\x1b]8;;\x07c\x1b[?1049l d",
    "an image": b"ab\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\cd",
}


def fed(*parts: bytes) -> EmulatedTerminal:
    terminal = EmulatedTerminal(COLUMNS, ROWS)
    for part in parts:
        terminal.feed(part)
    return terminal


def look(terminal: EmulatedTerminal) -> tuple[str, int, tuple[int, int], list[LinkedCells]]:
    return terminal.text(), terminal.history, terminal.cursor, list(terminal.links())


def assert_it_continues(data: bytes, cut: int) -> None:
    terminal = fed(data[:cut])
    painted = fed(keyframe(terminal).data)
    assert look(painted) == look(terminal)
    painted.feed(data[cut:])
    assert look(painted) == look(fed(data))


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_comes_back_and_goes_on_wherever_it_is_cut(name: str) -> None:
    for cut in range(len(SCREENS[name]) + 1):
        assert_it_continues(SCREENS[name], cut)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
@settings(deadline=None)  # the first one loads the emulator
@given(data=st.data())
def test_what_agents_print_comes_back_and_goes_on_wherever_it_is_cut(path: Path, data: st.DataObject) -> None:
    printed = path.read_bytes()
    assert_it_continues(printed, data.draw(st.integers(0, len(printed))))


@pytest.mark.parametrize(
    "path", [path for path in CAPTURES if b"\x1b[" in path.read_bytes()], ids=lambda path: path.stem
)
def test_a_snapshot_goes_on_in_the_middle_of_a_sequence(path: Path) -> None:
    printed = path.read_bytes()
    cut = printed.rfind(b"\x1b[") + 2
    terminal = fed(printed[:cut])
    restored = EmulatedTerminal(COLUMNS, ROWS, terminal.snapshot())
    assert restored.continuation() == terminal.continuation() == b"\x1b["
    restored.feed(printed[cut:])
    assert look(restored) == look(fed(printed))


def test_colours_are_part_of_it() -> None:
    painted = fed(keyframe(fed(b"\x1b[1;38;5;203mred\x1b[0m plain \x1b[48;2;1;2;3mdeep")).data)
    assert painted.sequences().startswith(b"\x1b[0m\x1b[1m\x1b[38;5;203mred\x1b[0m plain \x1b[0m\x1b[48;2;1;2;3mdeep")


def test_links_are_painted_in_their_colours_and_one_over_two_rows_is_one() -> None:
    painted = keyframe(fed(b"\x1b[99C\x1b]8;;https://e.com\x1b\\\x1b[31mred\x1b]8;;\x1b\\")).data
    assert painted.count(b"\x1b]8;;https://e.com\x1b\\") == 1
    assert b"\x1b[1;100H\x1b[0m\x1b[38;5;1mr" in painted
    assert b"\x1b[2;1H\x1b[0m\x1b[38;5;1med\x1b[0m\x1b]8;;\x1b\\" in painted


@pytest.mark.parametrize("length", [2046, 2047, 5000])
def test_an_address_is_told_whole_or_not_at_all(length: int) -> None:
    address = b"https://e.com/".ljust(length, b"a")
    links = list(fed(b"\x1b]8;;" + address + b"\x1b\\link").links())
    assert links == ([(0, 0, 4, address)] if length < 2047 else [])


def test_an_unfinished_frame_is_shown() -> None:
    assert b"2026" not in keyframe(fed(b"\x1b[?2026h\x1b[?25lhalf")).data


def test_a_resized_terminal_has_its_new_size() -> None:
    terminal = fed(b"hello")
    terminal.resize(40, 10)
    assert keyframe(terminal)[:2] == (40, 10)


def test_rows_that_scrolled_away_are_kept_up_to_a_limit() -> None:
    terminal = fed(b"".join(b"row %d\r\n" % number for number in range(10 * HISTORY)))
    text = fed(keyframe(terminal).data).text().splitlines()
    assert text[-1] == f"row {10 * HISTORY - 1}"
    assert HISTORY // 2 < len(text) < 2 * HISTORY


def test_a_sequence_without_end_costs_no_more_than_its_limit() -> None:
    terminal = fed(b"shown\x1b]0;", *[b"x" * (1 << 20)] * 17)
    assert terminal.snapshot() is None
    assert fed(keyframe(terminal).data).text() == "shown"


def test_a_size_that_no_terminal_has_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="0x0"):
        EmulatedTerminal(0, 0)
