"""Tables whose values are loaded when they are first asked for: each run starts an indexer, which needs few of them."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TypeVar, cast

Value = TypeVar("Value")


class LazyTable(Mapping[str, Value]):
    """`places` says of each key which module has its value, and under which name: `package.module:NAME`."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._values: dict[str, Value] = {}

    def __getitem__(self, key: str) -> Value:
        if key not in self._values:
            module, _, name = self._places[key].partition(":")
            self._values[key] = cast("Value", getattr(import_module(module), name))
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
