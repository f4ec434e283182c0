"""The numbers that agents print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.token_counts import Count, Tokens, add_up, parse_count


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("345", 345), ("1,377", 1_377), ("2,79,562", 279_562), ("14.926", 14_926), ("55 917", 55_917),
        ("1'234'567", 1_234_567), ("1\u202f234", 1_234), ("1\u00a0234", 1_234), (" 7 ", 7), ("12.345.678", 12_345_678),
    ],
)  # fmt: skip
def test_whole_numbers_are_read_however_a_locale_groups_them(text: str, value: int) -> None:
    assert parse_count(text) == Count(value, approximate=False)


@pytest.mark.parametrize(
    ("text", "value"), [("2.6k", 2_600), ("12k", 12_000), ("2,6k", 2_600), ("1.2M", 1_200_000), ("8.0K", 8_000)]
)
def test_rounded_numbers_are_approximate(text: str, value: int) -> None:
    assert parse_count(text) == Count(value, approximate=True)


@pytest.mark.parametrize("text", ["", "x", "1.5", "12,34", "-3", "1,2345", "k", "1e6", "0x10", "9" * 40, "1.2.3k"])
def test_what_is_no_count_of_tokens_is_none(text: str) -> None:
    assert parse_count(text) is None


@given(st.integers(0, 10**12), st.sampled_from([",", ".", " ", "'", "\u202f"]))
def test_grouping_changes_no_number(value: int, mark: str) -> None:
    assert parse_count(f"{value:,}".replace(",", mark)) == Count(value, approximate=False)


@given(st.text(max_size=20))
def test_any_text_is_borne(text: str) -> None:
    found = parse_count(text)
    assert found is None or found.value >= 0


def test_tokens_count_as_their_agent_says_or_else_by_their_parts() -> None:
    assert Tokens().counted() is None
    assert Tokens(output=3, reasoning=2).counted() == 3
    assert Tokens(1, 2, 3, 4, 5).counted() == 10
    assert Tokens(1, 2, 3, 4, 5, total=15).counted() == 15
    assert Tokens(output=3).told() == {"output": 3, "total": 3}


def test_the_sum_of_tokens_knows_what_any_of_them_knows() -> None:
    assert add_up([Tokens(output=3), Tokens(output=4, cache_read=1)]) == Tokens(output=7, cache_read=1)
    assert add_up([]) == Tokens()
