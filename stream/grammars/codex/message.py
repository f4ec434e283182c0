"""The lines of codex's last message, so that its repetition behind the transcript (`2>&1`) is known as one. Pure."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

_MOST_LINES = 2000


class LastMessage:
    """Keeps a checksum of each line: a repetition is exact."""

    def __init__(self) -> None:
        self._lines: list[int] = []
        self._repeated = 0

    @property
    def is_full(self) -> bool:
        """Whether it takes no more lines."""
        return len(self._lines) >= _MOST_LINES

    def begin(self) -> None:
        """Another message."""
        self._lines, self._repeated = [], 0

    def take(self, line: str) -> None:
        """The message's next line."""
        if not self.is_full:
            self._lines.append(crc32(line.encode()))

    def repeats(self, line: str) -> bool:
        """Whether the message is being repeated from its first line on, and this is the next of its lines."""
        same = self._repeated < len(self._lines) and self._lines[self._repeated] == crc32(line.encode())
        self._repeated += same
        return same

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"lines": self._lines, "repeated": self._repeated}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._lines, self._repeated = list(state["lines"]), state["repeated"]
