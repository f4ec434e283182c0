"""Which rows of a full-screen program are only shown again: somebody pages back, or a dialog has closed. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import groupby

from stream.lazy_regex import lazy_regex

_DIALOG = 16  # rows; what is longer is a page
_TOGETHER = 3  # rows that move the same way have scrolled; fewer are equal by chance
_MENU = lazy_regex(r"[\u203a\u276f>●→]\s*\d+[.)]\s")  # a chosen entry: a question is asked, maybe again

Pairs = list[tuple[int, int]]


def shown_again(
    pairs: Pairs, rows: Sequence[str], moving: Collection[int], seen: Callable[[int], bool]
) -> frozenset[int]:
    """Indices of `rows` that were `seen` before and left since; `pairs` are the rows that have stayed (`alignment`).

    Below rows that have moved up everything is new. So is a short stretch of rows with a new one before those seen,
    or with a menu: it is another dialog, which looks like one before.
    """
    stay = {index for _, index in pairs}
    texts = [index for index in range(_first_moved_up(pairs, rows)) if rows[index]]
    found: set[int] = set()
    for stays, indices in groupby(texts, key=stay.__contains__):
        stretch = [] if stays else [index for index in indices if index not in moving]
        flags = [seen(index) for index in stretch]
        is_other = flags != sorted(flags, reverse=True) or any(_MENU.search(rows[index]) for index in stretch)
        if not is_other or len(stretch) > _DIALOG:
            found.update(index for index, flag in zip(stretch, flags, strict=True) if flag)
    return frozenset(found)


def _first_moved_up(pairs: Pairs, rows: Sequence[str]) -> int:
    """The first of the rows that have moved up together; behind the last if none have."""
    moved = [(place - index, index) for place, index in pairs if place > index and rows[index]]
    ways = Counter(way for way, _ in moved)
    way, count = ways.most_common(1)[0] if ways else (0, 0)
    if count < _TOGETHER:
        return len(rows)
    return next(index for other, index in moved if other == way)
