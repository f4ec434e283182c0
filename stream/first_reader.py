"""What looks at the lines of interest before the patterns do: the port that `stream.line_reader` declares."""

from collections.abc import Sequence
from typing import Protocol

from stream.held_lines import HeldLine
from stream.lines_before import LinesBefore
from stream.regions import Region
from stream.text_block import Where


class FirstReader(Protocol):
    """Looks at each line of interest before anybody else. `region` says what the lines are that it leaves to others."""

    @property
    def region(self) -> Region: ...

    @property
    def before(self) -> LinesBefore | None:
        """What it looks back at, if it does; filled in for it."""

    @property
    def awaits_opening(self) -> bool:
        """Whether `stream.extractor.Marks` behind the opening mean nothing to it yet."""

    @property
    def hungry(self) -> bool:
        """Whether it must see the next line, whatever it is."""

    @property
    def undecided(self) -> bool:
        """Whether it took the last line for now, and may yet give it back."""

    def read(self, line: bytes, where: Where, *, fenced: bool) -> bool:
        """Whether this line is its own, and ends what was open."""

    def settle(self) -> None:
        """What was open when the last line was read has ended, and is told."""

    def given_back(self) -> Sequence[HeldLine]:
        """Lines that it took and that are not its own after all, in their order."""

    def let_go(self) -> Sequence[HeldLine]:
        """The lines that it is undecided about: no more will come."""
