"""Looking back at the lines before one, over the borders of blocks."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stream.lines_before import LinesBefore

REACH = 12
LINES = st.lists(st.sampled_from([b"\n", b"a\n", b"bc\n", b"four\n", b"is too long to be seen\n", b"1234567890\n"]))


def seen(blocks: list[bytes], position: int, *, resumed: bool = False) -> list[str]:
    """From there in the last block."""
    before = LinesBefore(REACH)
    for block in blocks[:-1]:
        before.begin(block)
        before.end()
        if resumed:
            state, before = before.state(), LinesBefore(REACH)
            before.resume(state)
    before.begin(blocks[-1])
    before.position = position
    return list(before.lines())


@given(LINES, st.lists(st.integers(0, 20), max_size=4))
def test_what_is_seen_does_not_depend_on_how_the_lines_were_cut(lines: list[bytes], cuts: list[int]) -> None:
    places = sorted({0, len(lines), *(min(cut, len(lines)) for cut in cuts)})
    blocks = [b"".join(lines[start:end]) for start, end in pairwise(places)] or [b""]
    whole = b"".join(lines)
    expected = seen([whole], len(whole))
    assert seen(blocks, len(blocks[-1])) == expected
    assert seen(blocks, len(blocks[-1]), resumed=True) == expected
    assert seen([*blocks, b"next\n"], 0) == expected


@given(LINES)
def test_the_nearest_lines_are_seen_as_far_as_the_reach_goes(lines: list[bytes]) -> None:
    found = seen([b"".join(lines)], len(b"".join(lines)))
    assert found == [line[:-1].decode() for line in lines[::-1][: len(found)]]
    size = sum(len(line) for line in lines[len(lines) - len(found) - 1 :])
    assert len(found) == len(lines) or size > REACH


def test_control_characters_are_not_seen() -> None:
    assert seen([b"a\x07b\n"], 4) == ["ab"]


def test_lines_may_be_skipped() -> None:
    before = LinesBefore(REACH)
    before.begin(b"a\nb\nc\n")
    before.position, before.skip = 6, 2
    assert list(before.lines()) == ["a"]
    before.skip = 3
    assert list(before.lines()) == []


def test_only_a_line_that_is_there_is_blank() -> None:
    before = LinesBefore(REACH)
    before.begin(b" \t\nx\n")
    blank = []
    for position in (0, 3, 5):
        before.position = position
        blank.append(before.is_behind_blank)
    assert blank == [False, True, False]
