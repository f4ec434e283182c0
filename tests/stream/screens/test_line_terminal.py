"""Lines of a terminal in memory: rows that go on in the next are one line, wherever its top edge has cut them."""

import pytest

from stream.screens.line_terminal import LineTerminal

WIDTH, HEIGHT = 10, 3


@pytest.mark.parametrize("letter", ["x", "é", "漢", "👍"])
@pytest.mark.parametrize("below", range(6))
def test_a_line_is_whole_however_much_of_it_has_scrolled_off(letter: str, below: int) -> None:
    long = letter * 25
    lines = [f"1{letter}", f"2{letter}", f"3{letter}", long, *map(str, range(below))]
    terminal = LineTerminal(WIDTH, HEIGHT)
    found = []
    for line in lines:
        terminal.feed(f"{line}\r\n".encode())
        found += terminal.scrolled()
    assert [*found, *terminal.view().lines] == [*lines, ""]


@pytest.mark.parametrize("letter", ["x", "é"])
def test_what_has_scrolled_off_waits_for_the_rest_of_its_line(letter: str) -> None:
    terminal = LineTerminal(WIDTH, HEIGHT)
    terminal.feed(f"1{letter}\r\n2{letter}\r\n{letter * 15}\r\na\r\nb".encode())
    assert terminal.scrolled() == [f"1{letter}", f"2{letter}"]
    terminal.feed(b"\r\nc")
    assert terminal.scrolled() == [letter * 15]
    assert terminal.view().lines == ["a", "b", "c"]
