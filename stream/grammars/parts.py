"""The parts that a grammar is made of, and their states. Pure."""

from collections.abc import Mapping
from typing import Any, Protocol


class Part(Protocol):
    """What keeps a state of its own."""

    def state(self) -> Any:
        """JSON-serialisable and bounded."""

    def resume(self, state: Any) -> None:
        """Goes on where `state` was taken."""


class Parts:
    """By the names under which their states are kept."""

    def __init__(self, **parts: Part) -> None:
        self._parts = parts

    def state(self) -> dict[str, Any]:
        """The state of each."""
        return {name: part.state() for name, part in self._parts.items()}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Each goes on where its own was taken."""
        for name, part in self._parts.items():
            part.resume(state[name])
