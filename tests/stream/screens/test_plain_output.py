"""Output of a PTY that needs no terminal to be read."""

from hypothesis import example, given
from hypothesis import strategies as st

from stream.ansi import clean, clean_plain
from stream.screens.plain_output import _plain_end, plain_end

PIECES = (
    b"text",
    "größe …".encode(),
    b"\xff",
    b"\t",
    b"\n",
    b"\r\n",
    b"\r\r\n",
    b"\r",
    b"\x08",
    b"\x1b",
    b"\x1b[31",
    b"\x1b[0;31m",
    b"\x1b[m",
    b"\x1b[K",
    b"\x1b[1K",
    b"\x1b[2A",
    b"\x1b[?25l",
    b"\x1b[?1049h",
    b"\x1b]0;title\x07",
    b"\x1b]8;;https://example.org\x1b\\",
    b"\x1b(B",
    b"\x1bc",
)
outputs = st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join)


@given(outputs)
@example(b"a\x1b\n")
@example(b"a\r\n\x1b[31")
@example(b"\x1b[31\nm\r\n")
def test_a_quick_look_comes_to_the_same_as_a_close_one(output: bytes) -> None:
    assert plain_end(output) == _plain_end(output)


@given(outputs)
def test_plain_lines_are_cleaned_as_any_others(output: bytes) -> None:
    lines = output[: output.rfind(b"\n", 0, plain_end(output)[0]) + 1]
    assert clean_plain(lines) == clean(lines)
