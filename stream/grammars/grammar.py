"""What a grammar of an agent's text is."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from stream.embedded import EmbeddedTexts
from stream.lines_before import LinesBefore
from stream.recording import RecordingHeader
from stream.regions import Region
from stream.report import Report
from stream.text_block import Where


class Grammar(Protocol):
    """Reads the lines of one stream that the agent's marks find, and others of interest.

    It puts events into `report.events` itself. `region` is what the lines that follow are, until it says otherwise;
    what is open (a fence, a diagnostic) is closed when it changes.
    """

    @property
    def before(self) -> LinesBefore | None:
        """What it looks back at, if it does; whoever gives it the lines fills it in."""

    @property
    def region(self) -> Region: ...

    @property
    def awaits_opening(self) -> bool:
        """Whether the agent's marks behind its opening mean nothing now."""

    @property
    def hungry(self) -> bool:
        """Whether the next line is read, too, whatever it is."""

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        """Whether this line is a mark of its own, at which nobody else looks. `fenced`: it stands in a code fence."""

    def settle(self, report: Report) -> None:
        """What was open when the last line was read has been told: what waited for it can be told, too."""

    def finish(self, at: int, report: Report) -> None:
        """The stream has ended."""

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""


class AgentText(NamedTuple):
    """`marks` (RE2, alternatives without groups) finds the lines that the grammar must always see.

    `make` makes the grammar of a stream (`stdout`, `stderr`) of a recording; `texts` reads what stands in a frame.
    `marks_behind_opening` are those that it must see as well, unless it awaits the line that `opening` finds.
    """

    marks: str
    make: Callable[[RecordingHeader, str, EmbeddedTexts], Grammar]
    opening: str = ""
    marks_behind_opening: str = ""
