"""Output in JSON: text where it is UTF-8, base64 where it is not, and together what came."""

import base64
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from stream.replay.output_text import OutputData, OutputDecoder

BYTES = st.one_of(st.binary(max_size=60), st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")))


def decode(reads: list[bytes]) -> list[OutputData]:
    decoder = OutputDecoder()
    told = [decoder.feed(read) for read in reads] + [decoder.flush()]
    return [output for output in told if output is not None]


def bytes_of(output: OutputData) -> bytes:
    return base64.b64decode(output.data) if output.encoding else output.data.encode()


@given(BYTES, st.lists(st.integers(0, 60)))
@example("é".encode() + b"\xff", [1])
def test_all_together_are_the_bytes_however_they_were_cut(data: bytes, cuts: list[int]) -> None:
    bounds = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    outputs = decode([data[start:end] for start, end in pairwise(bounds)])
    assert b"".join(map(bytes_of, outputs)) == data
    assert all(output.data for output in outputs)


@given(st.text(max_size=30), st.lists(st.integers(0, 120)))
def test_utf_8_is_text_however_it_was_cut(text: str, cuts: list[int]) -> None:
    data = text.encode()
    bounds = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    outputs = decode([data[start:end] for start, end in pairwise(bounds)])
    assert "".join(output.data for output in outputs) == text
    assert not any(output.encoding for output in outputs)


def test_a_character_cut_by_a_read_goes_with_its_later_part() -> None:
    decoder = OutputDecoder()
    assert decoder.feed(b"a\xe2\x9c") == OutputData("a")
    assert decoder.feed(b"\x93b") == OutputData("✓b")


def test_a_read_that_only_begins_a_character_says_nothing_yet() -> None:
    decoder = OutputDecoder()
    assert decoder.feed(b"\xf0\x9f") is None
    assert decoder.feed(b"\x98") is None
    assert decoder.feed(b"\x80") == OutputData("😀")
    assert decoder.flush() is None


def test_what_is_not_utf_8_comes_as_base64_and_text_goes_on_behind_it() -> None:
    decoder = OutputDecoder()
    assert decoder.feed(b"\xff\xe2") == OutputData(base64.b64encode(b"\xff").decode(), "base64")
    assert decoder.feed(b"\x9c\x93") == OutputData("✓")


def test_a_character_that_never_ends_comes_at_the_end() -> None:
    decoder = OutputDecoder()
    assert decoder.feed(b"\xe2\x9c") is None
    assert decoder.flush() == OutputData(base64.b64encode(b"\xe2\x9c").decode(), "base64")
