"""A sealed state can be read with its key alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrapper.sealed_state import seal, unseal

KEY, OTHER = b"k" * 32, b"o" * 32


@given(st.text())
def test_what_is_sealed_is_read_with_the_same_key_and_no_other(state: str) -> None:
    sealed = seal(state, KEY)
    assert sealed.isascii()
    assert unseal(sealed, KEY) == state
    assert unseal(sealed, OTHER) is None


def test_the_same_state_is_never_sealed_the_same_way_twice() -> None:
    assert seal("state", KEY) != seal("state", KEY)


@given(st.data())
def test_a_state_that_was_changed_is_not_read(data: st.DataObject) -> None:
    sealed = seal('{"open":"x"}', KEY)
    place = data.draw(st.integers(0, len(sealed) - 1))
    one, other = data.draw(st.permutations("Az09+/=:{"))[:2]  # a nonce is in it: it is another one each time
    changed = sealed[:place] + (one if one != sealed[place] else other) + sealed[place + 1 :]
    assert unseal(changed, KEY) in (None, '{"open":"x"}')  # the last digit of base64 has bits that say nothing


@pytest.mark.parametrize("text", ["", "{}", "sealed:", "sealed:AAAA", "sealed:\u00e9", "sealed:A"])
def test_what_nobody_sealed_is_not_read(text: str) -> None:
    assert unseal(text, KEY) is None
