"""Counts of tokens as agents report them, and the numbers that they print. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from stream.lazy_regex import lazy_regex

_NUMBER = lazy_regex(r"(\d+(?:[.,\u00a0\u202f'\u2019\u066c ]\d+)*)\s*([kKmMbB])?(?![\w.,]*\d)")
_GROUPED = lazy_regex(r"\d{1,3}(?:[^\d]\d{2,3})*[^\d]\d{3}")
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_MOST = 10**12
_MOST_DIGITS = 100  # leading zeros included


class Tokens(NamedTuple):
    """Counts of tokens; None where the agent does not tell.

    `input_uncached`, `cache_read` and `cache_write` have nothing in common; `output` and `reasoning` are as the agent
    tells them: with some reasoning is part of the output, with others beside it. So `total` is the agent's own, where
    it tells one, or what its other numbers mean (`counted`).
    """

    input_uncached: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None

    def counted(self) -> int | None:
        """The total, or the sum of all but the reasoning; None if nothing is known."""
        if self.total is not None:
            return self.total
        parts = [part for part in self[:4] if part is not None]
        return sum(parts) if parts else None

    def plausible(self) -> "Tokens":
        """Without numbers that no count of tokens can be: sums of them must fit, whatever is printed."""
        return Tokens(*(count if count is not None and 0 <= count <= _MOST else None for count in self))

    def told(self) -> dict[str, int]:
        """The numbers that are known, the total included."""
        every = self._replace(total=self.counted())._asdict()
        return {name: count for name, count in every.items() if count is not None}


def add_up(parts: Sequence[Tokens]) -> Tokens:
    """The sum of each of the numbers, as far as they are known."""
    columns = ([count for count in column if count is not None] for column in zip(*parts, strict=True))
    return Tokens(*(sum(counts) if counts else None for counts in columns)) if parts else Tokens()


class Count(NamedTuple):
    """A number that was printed; `approximate` if it was rounded."""

    value: int
    approximate: bool


def parse_count(text: str) -> Count | None:
    """`1,377`, `2,79,562`, `14.926` and `55 917` as whole numbers, `2.6k` and `1.2M` as approximate ones.

    Which mark groups digits depends on the locale: three digits behind the last mark are a group, unless a `k` or an
    `M` follows. None for what is no count of tokens.
    """
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        return None
    digits, scale = match[1], (match[2] or "").lower()
    if not scale:
        plain = digits.isdecimal()
        if not plain and not _GROUPED.fullmatch(digits):
            return None
        plain_digits = re.sub(r"\D", "", digits)
        return _count(int(plain_digits), approximate=False) if len(plain_digits) <= _MOST_DIGITS else None
    try:
        number = float(digits.replace(",", "."))
    except ValueError:
        return None
    if number > _MOST:
        return None
    return _count(round(number * _SCALES[scale]), approximate=True)


def _count(value: int, *, approximate: bool) -> Count | None:
    return Count(value, approximate) if value <= _MOST else None
