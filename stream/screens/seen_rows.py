"""Remembers the rows that a full-screen program has shown, so that paging back to them is nothing new. Pure, bounded.

A row is known by itself if it is long, and else by what stands above or below it: `}` alone says nothing.
"""

from collections.abc import Collection

from stream.lazy_regex import lazy_regex
from stream.screens.checksums import checksum, packed, unpacked
from stream.screens.revisions import shape_of

_MOST = 4096  # keys that are remembered; a row has two or three
_LONG = 30  # characters of words from which on a row is unlike any other
_MANY = 6  # numbers in a row
_NUMBER = lazy_regex(r"(?<![\w.])\d+(?:[.:]\d+)*\b")


class SeenRows:
    """The rows of many screens, the oldest forgotten first."""

    def __init__(self) -> None:
        self._seen: dict[int, None] = {}

    def learn(self, rows: list[str], *, but: Collection[int] = ()) -> None:
        """These rows have been shown, one below the other; those with the indices `but` do not count."""
        for index, keys in enumerate(_keys(rows)):
            for key in keys if index not in but else ():
                self._seen.pop(key, None)
                self._seen[key] = None
        for key in list(self._seen)[: max(0, len(self._seen) - _MOST)]:
            del self._seen[key]

    def known(self, rows: list[str]) -> list[bool]:
        """Of each of these rows, one below the other, whether it has been shown before."""
        return [any(key in self._seen for key in keys) for keys in _keys(rows)]

    def counting(self, rows: list[str]) -> list[int]:
        """Indices of rows that are mostly numbers, as in a list of processes, and that differ from one seen in them."""
        keys = {index: key for index, row in enumerate(rows) if (key := _key_of_numbers(row))}
        found = [index for index, key in keys.items() if key in self._seen]
        self._seen |= dict.fromkeys(keys.values())
        return found

    def state(self) -> str:
        """Base64, at most 22 KB."""
        return packed(self._seen)

    @classmethod
    def resume(cls, state: str) -> "SeenRows":
        """Goes on where `state` was taken."""
        self = cls()
        self._seen = dict.fromkeys(unpacked(state))
        return self


def _keys(rows: list[str]) -> list[list[int]]:
    """What each row is known by; the rows around it without their numbers, which may be a clock's."""
    words = [" ".join(shape_of(row).words) for row in rows]
    texts = [index for index, row in enumerate(rows) if row]
    keys: list[list[int]] = [[] for _ in rows]
    for place, index in enumerate(texts):
        if len(words[index]) >= _LONG:
            keys[index].append(checksum("alone", rows[index]))
        if place:
            keys[index].append(checksum("below", rows[index], words[texts[place - 1]]))
        if place + 1 < len(texts):
            keys[index].append(checksum("above", rows[index], words[texts[place + 1]]))
    return keys


def _key_of_numbers(row: str) -> int:
    """0 for a row that has few numbers."""
    if len(_NUMBER.findall(row)) < _MANY:
        return 0
    return checksum("numbers", " ".join(shape_of(row).words))
