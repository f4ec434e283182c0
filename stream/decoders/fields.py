"""Values out of JSON that may hold anything: what is not of the type asked for is as good as not there. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 2_000  # characters kept of one text
_MOST = 8_000  # characters kept of all texts together
_WIDEST = 50  # entries kept of one list or object
_DEEPEST = 5
_LARGEST = 1 << 62  # SQLite's integers have 64 bits


def text(data: Mapping[str, Any], *path: str) -> str:
    """The text at this path, or an empty one."""
    value = _at(data, path)
    return value if isinstance(value, str) else ""


def whole(data: Mapping[str, Any], *path: str) -> int | None:
    """The whole number at this path; a decimal that is whole counts as one."""
    value = _at(data, path)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST < value < _LARGEST:
        return None
    return int(value) if value == value // 1 else None


def decimal(data: Mapping[str, Any], *path: str) -> float | None:
    """The number at this path, finite."""
    value = _at(data, path)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e300 < value < 1e300:
        return None
    return float(value)


def obj(data: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The object at this path, or an empty one."""
    value = _at(data, path)
    return value if isinstance(value, dict) else {}


def objects(data: Mapping[str, Any], *path: str) -> Iterator[Mapping[str, Any]]:
    """The objects of the list at this path."""
    value = _at(data, path)
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def known(**values: Any) -> dict[str, Any]:
    """The values that are known: neither None nor empty."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", {}, [])}


def bounded(value: Any) -> Any:
    """The same value, short enough to be stored: long texts and lists are cut, and say so."""
    return _Shortening().of(value, 0)


class _Shortening:
    def __init__(self) -> None:
        self._left = _MOST

    def of(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if not isinstance(value, Mapping | list):
            return value
        if depth >= _DEEPEST or self._left <= 0:
            return self._text(json.dumps(value, ensure_ascii=False))
        if isinstance(value, list):
            cut = [f"… ({len(value)} entries)"] if len(value) > _WIDEST else []
            return [self.of(item, depth + 1) for item in value[:_WIDEST]] + cut
        first = list(value.items())[:_WIDEST]
        return {self._text(key): self.of(item, depth + 1) for key, item in first}

    def _text(self, value: str) -> str:
        kept = max(0, min(_LONGEST, self._left))
        self._left -= min(len(value), kept) + 1
        return value if len(value) <= kept else f"{value[:kept]}… ({len(value)} characters)"


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(data, dict):  # of JSON; asking for any Mapping takes three times as long
            return None
        data = data.get(name)
    return data
