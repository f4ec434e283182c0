"""Which columns of a table a terminal has room for, and how wide they are there. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wcwidth import width

GAP = "  "
_READABLE = 12  # cells of a text that are worth more than a column that may go
_NARROWEST = 8  # cells of a text that still says something


class Ways(NamedTuple):
    """How a table becomes narrower, by the titles of its columns: all that are not named stay whole.

    `times` are shortened, those of `spare` go (the first first), `texts` are cut.
    """

    texts: Sequence[str] = ()
    times: Sequence[str] = ()
    spare: Sequence[str] = ()


class Column(NamedTuple):
    """A title, the texts below it, and how many cells they have."""

    title: str
    texts: Sequence[str]
    size: int


def column(title: str, texts: Iterable[str]) -> Column:
    """A column as wide as its widest text."""
    texts = list(texts)
    return Column(title, texts, max(map(width, (title, *texts))))


def fitted(columns: Sequence[Column], room: int, ways: Ways, today: str) -> list[Column]:
    """The columns made to fit into so many cells, as far as the ways lead; `today` is a date such as `2026-11-22`.

    What costs the reader least comes first: columns without any text, the year of a time, columns that may go; then
    texts are cut, the longest first.
    """
    fit = list(columns)
    if _total(fit) > room:
        fit = [each for each in fit if any(each.texts)]
    if _total(fit) > room:
        fit = [_shortened(each, today) if each.title in ways.times else each for each in fit]
    for title in ways.spare:
        if _total(_at_most(each, _READABLE) if each.title in ways.texts else each for each in fit) <= room:
            break
        fit = [each for each in fit if each.title != title]
    texts = [each for each in fit if each.title in ways.texts]
    left = room - (_total(fit) - sum(each.size for each in texts))
    sizes = dict(zip((each.title for each in texts), shrunk([each.size for each in texts], left), strict=True))
    return [_at_most(each, sizes.get(each.title, each.size)) for each in fit]


def shrunk(sizes: Sequence[int], room: int) -> list[int]:
    """Cells cut to what there is room for: the most give first, none below `_NARROWEST`."""
    fit = list(sizes)
    while sum(fit) > room and max(fit, default=0) > _NARROWEST:
        widest = max(fit)
        next_widest = max((size for size in fit if size < widest), default=0)
        places = [place for place, size in enumerate(fit) if size == widest]
        cut = min(widest - max(next_widest, _NARROWEST), -(-(sum(fit) - room) // len(places)))
        for place in places:
            fit[place] -= max(cut, 1)
    return fit


def short_time(text: str, today: str) -> str:
    """`2026-11-22 21:04:05` as `21:04:05` of today, `11-22 21:04` of this year, or `2026-11-22`."""
    if text.startswith(today):
        return text[11:]
    return text[5:16] if text[:5] == today[:5] else text[:10]


def _shortened(times: Column, today: str) -> Column:
    return column(times.title, (short_time(text, today) for text in times.texts))


def _at_most(each: Column, size: int) -> Column:
    return each._replace(size=min(each.size, size))


def _total(columns: Iterable[Column]) -> int:
    sizes = [each.size for each in columns]
    return sum(sizes) + len(GAP) * (len(sizes) - 1)
