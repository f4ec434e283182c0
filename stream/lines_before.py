"""The lines before the one that is being read, for a reader that is not shown them all. Pure.

What is seen depends on the stream alone, not on how it was cut into blocks: whole lines among the last bytes.
"""

from collections.abc import Iterator

from stream.ansi import without_controls


class LinesBefore:
    """At most the last `reach` bytes. Whoever reads the stream fills it in.

    He calls `begin` and `end` for each block of whole lines, and sets `position` to where the line starts that is being
    read, `skip` if that line is so many lines further back.
    """

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._kept = b""  # lines of the blocks before
        self._text = b""
        self.position = 0
        self.skip = 0

    def begin(self, text: bytes) -> None:
        """The next block, at its first line."""
        self._text, self.position = text, 0

    def end(self) -> None:
        """The block has been read to its end."""
        self._kept, self._text, self.position = self._before(len(self._text)), b"", 0

    def lines(self) -> Iterator[str]:
        """The nearest first, as a reader sees them."""
        lines = self._before(self.position).split(b"\n")[:-1]
        for line in reversed(lines[: len(lines) - self.skip] if self.skip < len(lines) else []):
            yield without_controls(line).decode()

    @property
    def is_behind_blank(self) -> bool:
        """Whether the line right before is there, and is blank."""
        line = next(self.lines(), None)
        return line is not None and not line.strip()

    def state(self) -> str:
        """JSON-serialisable, between two blocks."""
        return self._kept.decode()

    def resume(self, state: str) -> None:
        """Goes on where `state` was taken."""
        self._kept = state.encode()

    def _before(self, position: int) -> bytes:
        """The whole lines among the last bytes before this position."""
        missing = self._reach + 1 - position  # with the LF before the first line
        text = self._kept[-missing:] if missing > 0 else b""
        text += self._text[max(0, position - self._reach - 1) : position]
        return text if len(text) <= self._reach else text[text.find(b"\n", len(text) - self._reach - 1) + 1 :]
