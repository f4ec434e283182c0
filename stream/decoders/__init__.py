"""Agents that print JSON: what their records mean. One decoder for each agent, chosen by what the records are.

To add one: a module here, and its row in `DECODERS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from stream.embedded import EmbeddedTexts
from stream.lines import Line
from stream.report import Report


class Decoder(Protocol):
    """Reads the records of one stream, in their order. It puts events into `report.events` itself."""

    def read(self, record: Mapping[str, Any], where: Line, report: Report, texts: EmbeddedTexts) -> None:
        """One record. Never raises for what it does not know: that is kept and counted."""

    def finish(self, at: int, report: Report, texts: EmbeddedTexts) -> None:
        """The stream has ended."""

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""


class AgentRecords(NamedTuple):
    """`recognises` says whether a record is one of this agent's; `make` makes the decoder of a stream."""

    recognises: Callable[[Mapping[str, Any]], bool]
    make: Callable[[], Decoder]


DECODERS: Mapping[str, AgentRecords] = {}
"""By kind of agent (`codex`, `claude` …), tried in this order."""
