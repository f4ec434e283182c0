import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrapper.commands.tables import event_text, fitted, print_table


@given(st.lists(st.integers(0, 200), min_size=1, max_size=9), st.integers(1, 300))
def test_columns_are_cut_to_what_there_is_room_for_and_no_further(widths: list[int], room: int) -> None:
    fit = fitted(widths, room)
    assert all(cut <= width for cut, width in zip(fit, widths, strict=True))
    assert sum(fit) == sum(widths) if sum(widths) <= room else sum(fit) <= room or max(fit) <= 8
    assert all(cut == width for cut, width in zip(fit, widths, strict=True) if width <= 8)


def test_the_widest_columns_give_first() -> None:
    assert fitted([16, 5, 100], 60) == [16, 5, 39]
    assert fitted([50, 50], 60) == [30, 30]


def test_nothing_is_cut_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("ID", "TEXT"), [("1", "x" * 500)], empty="")
    assert "x" * 500 in capsys.readouterr().out


def test_wide_characters_take_two_cells(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("A", "B"), [("日本", "x"), ("abcd", "y")], empty="")
    assert capsys.readouterr().out.splitlines() == ["A     B", "日本  x", "abcd  y"]


@pytest.mark.parametrize(
    ("line", "value", "text"),
    [
        ("Error: no such host", "no such host", "Error: no such host"),
        ("a.c:5:17: error: expected ';'\n    5 | return\n", "expected ';'", "a.c:5:17: error: expected ';'"),
        ("Traceback (most recent call last):\n  …\nZeroDivisionError: by zero", "by zero", "by zero"),
        ('{"type": "error", "message": "no"}', "no", "no"),
        ("Allow?\n 1. Yes\n 2. No", None, "Allow?"),
        (None, "red", "red"),
        (None, None, ""),
    ],
)
def test_an_event_says_on_one_line_what_matters(line: str | None, value: str | None, text: str) -> None:
    assert event_text(line, value) == text
