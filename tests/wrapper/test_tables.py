"""Tables, times and durations for people: what a terminal has room for, and what the program prints at one."""

import re
from typing import Any

import pexpect
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import width

from program import TIMEOUT, Place
from sample_database import SampleDatabase, at
from wrapper.commands.columns import GAP, Ways, column, fitted, short_time, shrunk
from wrapper.commands.tables import duration, event_text, print_more, print_table

TODAY = "2026-11-22"
WAYS = Ways(("AGENT", "COMMAND"), ("STARTED",), ("LINES", "TOOK"))
LONG = "codex exec 'make all of the tests pass, and do not stop before they do'"


@given(st.lists(st.integers(0, 200), max_size=9), st.integers(-100, 300))
def test_texts_are_cut_to_what_there_is_room_for_and_no_further(sizes: list[int], room: int) -> None:
    fit = shrunk(sizes, room)
    assert all(cut <= size for cut, size in zip(fit, sizes, strict=True))
    assert sum(fit) == sum(sizes) if sum(sizes) <= room else sum(fit) <= room or max(fit, default=0) <= 8
    assert all(cut == size for cut, size in zip(fit, sizes, strict=True) if size <= 8)


def test_the_longest_texts_give_first() -> None:
    assert shrunk([16, 5, 100], 60) == [16, 5, 39]
    assert shrunk([50, 50], 60) == [30, 30]


def test_where_nothing_may_be_cut_and_the_terminal_is_too_narrow_columns_stay_whole() -> None:
    days = column("DAY", [TODAY])
    assert fitted([days, column("COST", ["$1.00"])], 5, Ways(spare=("COST",)), TODAY) == [days]


@pytest.mark.parametrize(
    ("room", "titles", "started"),
    [
        (200, ["SESSION", "AGENT", "STARTED", "TOOK", "LINES", "COST", "COMMAND"], "2026-11-21 21:04:05"),
        (135, ["SESSION", "AGENT", "STARTED", "TOOK", "LINES", "COMMAND"], "2026-11-21 21:04:05"),
        (120, ["SESSION", "AGENT", "STARTED", "TOOK", "LINES", "COMMAND"], "11-21 21:04"),
        (60, ["SESSION", "AGENT", "STARTED", "TOOK", "COMMAND"], "11-21 21:04"),
        (56, ["SESSION", "AGENT", "STARTED", "COMMAND"], "11-21 21:04"),
    ],
)
def test_columns_without_any_text_go_first_then_years_then_what_is_spare(
    room: int, titles: list[str], started: str
) -> None:
    row = {"SESSION": "a" * 16, "AGENT": "codex", "STARTED": "2026-11-21 21:04:05", "TOOK": "3m12s", "LINES": "12"}
    row |= {"COST": "", "COMMAND": LONG}
    fit = fitted([column(title, [text]) for title, text in row.items()], room, WAYS, TODAY)
    assert [each.title for each in fit] == titles
    assert [each.texts for each in fit if each.title == "STARTED"] == [[started]]
    assert sum(each.size for each in fit) + len(GAP) * (len(fit) - 1) <= room
    assert fit[0].size == 16


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-11-22 21:04:05", "21:04:05"),
        ("2026-01-02 21:04:05", "01-02 21:04"),
        ("2025-11-22 21:04:05", "2025-11-22"),
        ("", ""),
    ],
)
def test_a_time_is_shortened_to_what_is_not_known_anyway(time: str, shown: str) -> None:
    assert short_time(time, TODAY) == shown


@pytest.fixture
def busy_night(place: Place) -> Place:
    """Sessions of all states with long names, commands and values; nobody told a cost."""
    database = SampleDatabase(place.database)
    for number, state in enumerate(("completed", "interrupted", "failed", "killed")):
        database.session(
            f"{number:016x}",
            agent_name="an-agent-with-a-long-name" if number else "codex",
            state=state,
            verdict=state.replace("killed", "interrupted").replace("completed", "succeeded"),
            started_at=at(number - 3000),
            ended_at=at(60),
            exit_code=0,
            total_lines_processed=123_456,
            command_json=["codex", "exec", "日本" * number, LONG],
        )
        database.event(f"{number:016x}", timestamp=at(number), matched_value=LONG * 2, risk_level="high")
    database.close()
    return place


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        ("sessions", 40),
        ("sessions", 120),
        ("events", 40),
        ("events", 120),
        ("stats --attention", 60),
        ("show", 80),
        ("patterns list", 60),
    ],
)
def test_no_row_is_wider_than_the_terminal(busy_night: Place, command: str, columns: int) -> None:
    shown = at_terminal(busy_night, command, columns)
    table = shown[shown.index("") + 1 :] if command == "show" else shown
    assert table
    assert [line for line in table if width(line) > columns] == []


@pytest.mark.parametrize("command", ["sessions", "events", "stats --attention"])
def test_ids_states_and_times_stay_whole_at_80_columns(busy_night: Place, command: str) -> None:
    titles, *rows = at_terminal(busy_night, command, 80)
    assert len(rows) == 4
    assert "COST" not in titles
    for row in rows:
        assert width(row) <= 80
        assert re.search(r"\b0{15}[0-3]\b", row), row
        assert re.search(r"\b(\d\d-\d\d \d\d:\d\d|\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d)  ", row), row
    if command == "sessions":
        assert {row.split()[2] for row in rows} == {"completed", "interrupted", "failed", "killed"}


def test_nothing_is_cut_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("ID", "TEXT", "NONE"), [("1", "x" * 500, "")], empty="", narrower=Ways(("TEXT",)))
    assert capsys.readouterr().out.split() == ["ID", "TEXT", "NONE", "1", "x" * 500]


def test_wide_characters_take_two_cells(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("A", "B"), [("日本", "x"), ("abcd", "y")], empty="")
    assert capsys.readouterr().out.splitlines() == ["A     B", "日本  x", "abcd  y"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0s"),
        (0.362, "0.4s"),
        (0.25, "0.3s"),
        (0.349999, "0.3s"),
        (1.15, "1.2s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (61.9, "1m01s"),
        (3660, "1h01m"),
        (None, ""),
    ],
)
def test_durations_are_rounded_half_up_to_a_tenth(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


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


def at_terminal(place: Place, command: str, columns: int) -> list[str]:
    """What a command prints at a terminal of 40 rows, line by line."""
    environ = {name: value for name, value in place.environ.items() if name not in ("COLUMNS", "LINES")}
    printed: Any = pexpect.run(
        f"wrapper {command}", cwd=str(place.directory), env=environ, dimensions=(40, columns), timeout=TIMEOUT
    )
    lines: list[str] = printed.decode().splitlines()
    return lines


@pytest.mark.parametrize(
    ("hidden", "at_least", "said"),
    [
        (0, False, ""),
        (4, False, "(4 more; --limit shows them)\n"),
        (990, False, "(990 more; --limit shows them)\n"),
        (991, False, "(991 more; --limit shows up to 1000, a span others)\n"),
        (4, True, "(at least 4 more; --limit shows up to 1000, a span others)\n"),
    ],
)
def test_how_to_see_what_is_not_shown_is_said(
    capsys: pytest.CaptureFixture[str], hidden: int, at_least: bool, said: str
) -> None:
    print_more(hidden, 10, most=1000, otherwise="a span others", at_least=at_least)
    assert capsys.readouterr().err == said
