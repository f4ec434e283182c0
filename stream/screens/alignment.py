"""Which rows of a screen are those of the screen before, in the same order, however far they have moved. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

_LARGE = 100_000  # cells of the table; beyond it the first row that is equal has to do
_BLANK, _TEXT = 1, 8  # what a match is worth: blank rows are everywhere


def aligned(before: Sequence[str], now: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of indices of equal rows, both rising; of all such, one with the most text."""
    start = 0
    shorter = min(len(before), len(now))
    while start < shorter and before[start] == now[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == now[-1 - end]:
        end += 1
    middle = _pairs(before[start : len(before) - end], now[start : len(now) - end])
    head = [(index, index) for index in range(start)]
    tail = [(len(before) - index, len(now) - index) for index in range(end, 0, -1)]
    return [*head, *((one + start, other + start) for one, other in middle), *tail]


def gaps(pairs: list[tuple[int, int]], before: int, now: int) -> Iterator[tuple[range, range]]:
    """The indices before each pair and behind the last, of `before` and `now` rows."""
    for (one, other), (next_one, next_other) in pairwise([(-1, -1), *pairs, (before, now)]):
        yield range(one + 1, next_one), range(other + 1, next_other)


def _pairs(before: Sequence[str], now: Sequence[str]) -> list[tuple[int, int]]:
    if not set(before) & set(now):
        return []
    if len(before) * len(now) > _LARGE:
        return _first_come(before, now)
    best = _table(before, now)
    pairs = []
    one = other = 0
    while one < len(before) and other < len(now):
        if before[one] == now[other] and best[one][other] == best[one + 1][other + 1] + _worth(before[one]):
            pairs.append((one, other))
            one, other = one + 1, other + 1
        elif best[one + 1][other] >= best[one][other + 1]:
            one += 1
        else:
            other += 1
    return pairs


def _table(before: Sequence[str], now: Sequence[str]) -> list[list[int]]:
    """What can be had at most from `before[one:]` and `now[other:]`."""
    best = [[0] * (len(now) + 1)]
    for row in reversed(before):
        below = best[-1]
        line = [0] * (len(now) + 1)
        worth = _worth(row)
        for other in range(len(now) - 1, -1, -1):
            if now[other] == row:
                line[other] = max(below[other + 1] + worth, below[other], line[other + 1])
            else:
                line[other] = max(below[other], line[other + 1])
        best.append(line)
    best.reverse()
    return best


def _first_come(before: Sequence[str], now: Sequence[str]) -> list[tuple[int, int]]:
    pairs = []
    start = 0
    places = set(now)
    for one, row in enumerate(before):
        if row and row in places:
            try:
                other = now.index(row, start)
            except ValueError:
                continue
            pairs.append((one, other))
            start = other + 1
    return pairs


def _worth(row: str) -> int:
    return _TEXT if row else _BLANK
