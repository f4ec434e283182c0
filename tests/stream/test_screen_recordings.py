"""Real programs in a terminal, judged by what tmux showed of them and by what a careful reader wants."""

from collections import Counter
from itertools import pairwise

import pytest

from screen_recordings import NAMES, SHOWN, at_once, beginning, expected, read_lines, recording, texts

PIECES = (1, 7, 100, 4096, 1 << 20)
FULL_SCREEN = ("codex-tui-pty", "opencode-tui-pty", "vim", "less", "htop")


def contains(lines: list[str], wanted: list[str]) -> bool:
    """Whether all that is wanted comes in this order, whatever comes between."""
    rest = iter(lines)
    return all(line in rest for line in wanted)


@pytest.mark.parametrize("name", [name for name in SHOWN if name != "docker"])
def test_the_lines_are_those_that_tmux_shows(name: str) -> None:
    assert texts(read_lines(at_once(recording(name)), 1 << 20)) == expected(name, "shown")


def test_of_bars_that_stand_among_each_other_the_first_states_come_besides_what_tmux_shows_in_the_end() -> None:
    lines = texts(read_lines(at_once(recording("docker")), 1 << 20))
    assert contains(lines, expected("docker", "shown"))
    more = Counter(lines) - Counter(expected("docker", "shown"))
    assert more == {line: 1 for line in lines if line.endswith("Pulling fs layer")}


@pytest.mark.parametrize("name", NAMES)
def test_settled_screens_give_the_lines_that_a_reader_wants(name: str) -> None:
    assert texts(read_lines(recording(name), 1 << 20)) == expected(name, "lines")


@pytest.mark.parametrize("name", SHOWN)
def test_looking_at_settled_screens_in_between_loses_nothing_of_what_is_shown_in_the_end(name: str) -> None:
    lines = Counter(texts(read_lines(recording(name), 1 << 20)))
    assert not {line for line in expected(name, "shown") if line} - set(lines)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("piece", PIECES)
def test_lines_places_and_times_do_not_depend_on_how_the_output_was_cut(name: str, piece: int) -> None:
    told = beginning(recording(name), 20_000 * piece)
    assert read_lines(told, piece) == read_lines(told, [])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("piece", [333, 5000])
def test_lines_do_not_depend_on_where_the_state_was_taken(name: str, piece: int) -> None:
    told = recording(name)
    assert read_lines(told, piece, resume=True) == read_lines(told, [])


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_text_and_come_in_the_order_of_the_output(name: str) -> None:
    lines = read_lines(recording(name), 4096)
    assert not [line for line in lines if not line.text.replace("\t", "").isprintable()]
    assert all(before.offset <= line.offset and before.at <= line.at for before, line in pairwise(lines))


@pytest.mark.parametrize("name", ["vim", "less"])
def test_paging_back_and_forth_shows_each_line_once(name: str) -> None:
    lines = [line for line in texts(read_lines(recording(name), 4096)) if " " in line]
    assert [line for line, count in Counter(lines).items() if count > 1] == []
    numbers = [int(line.split()[0]) for line in lines if "brown fox" in line]
    assert set(range(39, 61)) < set(numbers)


def test_a_list_of_processes_that_is_sorted_again_and_again_tells_each_process_once() -> None:
    lines = texts(read_lines(recording("htop"), 4096))
    processes = [line.split()[0] for line in lines if " root " in line]
    assert len(processes) == len(set(processes)) >= 10


def test_an_agent_in_full_screen_tells_what_it_did_and_asked() -> None:
    lines = texts(read_lines(recording("codex-tui-pty"), 4096))
    wanted = [
        "• Exited (status 1) python3 buggy.py",
        "    ZeroDivisionError: division by zero",
        "• Edited buggy.py (+2 -0)",
        "  Would you like to make the following edits?",
        "• Added notes/new_file.txt (+2 -0)",
        "✘ Failed to apply patch",
        "  Would you like to run the following command?",
        "  $ rm -f notes/new_file.txt && git status --short",
        "✗ You canceled the request to run rm -f notes/new_file.txt && git status --short",
        "Token usage: total=56,531 input=56,322 (+ 28,157 cached) output=209 (reasoning 112)",
    ]
    assert contains(lines, wanted)


@pytest.mark.parametrize("name", FULL_SCREEN)
def test_most_of_what_a_full_screen_program_shows_comes_once(name: str) -> None:
    lines = [line for line in texts(read_lines(recording(name), 4096)) if sum(map(str.isalpha, line)) > 12]
    assert sum(count - 1 for count in Counter(lines).values()) <= len(lines) // 5
