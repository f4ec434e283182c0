"""Open quotes of shell text, judged by `shlex`."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.shell.quotes import Quote, open_quote

texts = st.text(alphabet="ab '\"\\\n$", max_size=30)


def is_closed(text: str) -> bool:
    try:
        shlex.split(text)
    except ValueError:
        return False
    return True


@given(texts)
def test_a_quote_is_open_where_shlex_finds_none_that_closes_it(text: str) -> None:
    assert (open_quote(text) == "") == is_closed(text)


@given(st.lists(texts))
def test_text_may_come_in_pieces(pieces: list[str]) -> None:
    quote: Quote = ""
    for piece in pieces:
        quote = open_quote(piece, quote)
    assert quote == open_quote("".join(pieces))


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("echo 'a", "'"),
        ("echo \"it's", '"'),
        ("echo 'a\\", "'"),
        ('echo "a\\', '"\\'),
        ("echo a\\", "\\"),
        ('"a\\" b" \'c\'', ""),
    ],
)
def test_what_is_open_is_told(text: str, quote: str) -> None:
    assert open_quote(text) == quote
