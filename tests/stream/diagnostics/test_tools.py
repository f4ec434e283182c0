"""What real tools print is told as their users would tell it, however it was cut."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tool_runs import CASES, events_of, expected, told

IDS = ["-".join(case.parts[-2:]) for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_tools_output_is_told_as_a_reader_would(case: Path) -> None:
    assert [told(event) for event in events_of((case / "raw").read_bytes())] == expected(case)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_nothing_depends_on_where_another_indexer_goes_on(case: Path) -> None:
    output = (case / "raw").read_bytes()
    every_line = [place for place, byte in enumerate(output) if byte == 10]
    assert events_of(output, every_line, resume=True) == events_of(output)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(CASES), st.lists(st.integers(0, 20_000), max_size=20))
def test_nothing_depends_on_how_the_output_was_cut(case: Path, places: list[int]) -> None:
    output = (case / "raw").read_bytes()
    assert events_of(output, places, resume=True) == events_of(output)


@st.composite
def passages(draw: st.DrawFn) -> bytes:
    """Some lines of a tool's output, one behind the other, one of them in part."""
    lines = draw(st.sampled_from(CASES)).joinpath("raw").read_bytes().splitlines(keepends=True)
    first = draw(st.integers(0, len(lines) - 1))
    passage = lines[first : first + draw(st.integers(1, 30))]
    cut_line = draw(st.integers(0, len(passage) - 1))
    passage[cut_line] = passage[cut_line][draw(st.integers(0, 12)) :] or b"\n"
    return b"".join(passage)


@settings(max_examples=100, deadline=None)
@given(st.lists(passages(), max_size=6).map(b"".join), st.lists(st.integers(0, 4000), max_size=10))
def test_passages_of_all_tools_in_any_order_are_read_the_same_however_they_are_cut(
    output: bytes, places: list[int]
) -> None:
    assert events_of(output, places, resume=True) == events_of(output)
