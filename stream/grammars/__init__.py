"""What an agent's own marks say in its text mode: where it stands, what it did. One state machine for each agent.

To add one: a module here, and its row in `GRAMMARS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from stream.regions import Region
from stream.report import Report
from stream.spot import Where


class Grammar(Protocol):
    """Reads the lines of one stream that `marks` (RE2, alternatives without groups) finds, and others of interest.

    It puts events into `report.events` itself. `region` is what the lines that follow are, until it says otherwise;
    what is open (a fence, a diagnostic) is closed when it changes.
    """

    marks: str
    region: Region
    hungry: bool  # the next line is read, too, whatever it is

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        """Whether this line is a mark of its own, at which nobody else looks. `fenced`: it stands in a code fence."""

    def finish(self, at: int, report: Report) -> None:
        """The stream has ended."""

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""


GRAMMARS: Mapping[str, Callable[[str], Grammar]] = {}
"""By kind of agent (`codex`, `claude` …): what makes the grammar of a stream (`stdout`, `stderr`)."""
