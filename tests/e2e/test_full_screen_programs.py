"""Full-screen programs look, take keys and follow the window as they do without us: side by side in two terminals."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import pytest

from program import Place, wait_until
from tmux_screen import TmuxScreen, on_screen, wait_until_alike

Pair = tuple[TmuxScreen, TmuxScreen]


@contextmanager
def side_by_side(place: Place, *command: str) -> Iterator[Pair]:
    """The program alone, and under us."""
    places = []
    for name in ("1", "2"):
        directory = place.directory.with_name(name)
        directory.mkdir()
        (directory / "text").write_text("".join(f"line {number} of a text\n" for number in range(1, 201)))
        places.append(Place(directory, place.environ))
    with on_screen(places[0], command) as alone, on_screen(places[1], ("wrapper", "any", "--", *command)) as wrapped:
        yield alone, wrapped


def frame(screen: str) -> str:
    """Of htop's screen what does not change from moment to moment, and the rows that it stands in."""
    rows = enumerate(screen.splitlines())
    return "\n".join(f"{row} {line}" for row, line in rows if "F1Help" in line or ("PID" in line and "TIME+" in line))


def is_told(place: Place, columns: int, rows: int) -> bool:
    """Whether the program under us has been told of this size."""
    return f"ROWS={rows} COLS={columns}" in (place.recording() / "timing").read_text()


class Visit(NamedTuple):
    """A program, the `first` that it shows, what it shows `then`, behind these `keys`, and how it is left."""

    command: tuple[str, ...]
    first: str
    keys: tuple[str, ...]
    then: str
    leave: tuple[str, ...]
    status: int
    plain: Callable[[str], str] = str


VISITS = {
    "vim": Visit(
        ("vim", "-u", "NONE", "-N", "text"),
        "line 1 of",
        ("3dd", ":s/line/hello/", "Enter"),
        "hello 4",
        (":cq", "Enter"),
        status=1,
    ),
    "less": Visit(("less", "text"), "line 1 of", ("5G",), "line 5 of", ("q",), status=0),
    "htop": Visit(("htop", "--pid=1", "--delay=3000"), "F1Help", ("t",), "F5List", ("q",), status=0, plain=frame),
}


@pytest.mark.parametrize("name", VISITS)
def test_a_full_screen_program_is_as_it_is_without_us(place: Place, name: str) -> None:
    visit = VISITS[name]
    with side_by_side(place, *visit.command) as screens:
        wait_until_alike(screens, visit.first, visit.plain)
        for screen in screens:
            screen.press(*visit.keys)
        wait_until_alike(screens, visit.then, visit.plain)
        for columns, rows in ((60, 12), (120, 40)):
            for screen in screens:
                screen.resize(columns, rows)
            wait_until(partial(is_told, place, columns, rows), "the new size")
            wait_until_alike(screens, visit.then, visit.plain)
        for screen in screens:
            screen.press(*visit.leave)
        assert [screen.status() for screen in screens] == [visit.status] * 2
