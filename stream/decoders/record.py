"""A record of an agent's JSON, and what reads the records of a stream."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from stream.embedded import EmbeddedTexts
from stream.lines import Line
from stream.report import Report


class Record(NamedTuple):
    """One JSON object: what it says, its text, where it begins, and the number of its last line."""

    data: Mapping[str, Any]
    text: bytes
    where: Line
    line_end: int


class Decoder(Protocol):
    """Reads the records of one stream, in their order. It puts events and usage into the report itself."""

    def read(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        """One record. Never raises for what it does not know: that is counted."""

    def finish(self, at: int, report: Report, texts: EmbeddedTexts) -> None:
        """The stream has ended."""

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""


class AgentRecords(NamedTuple):
    """How an agent's records are known.

    `recognises` accepts only what no other agent or program prints: it chooses the decoder. `accepts` says whether a
    record belongs to a stream in which this agent's records have been seen, also if its kind is not known. `begins`
    says whether it is the first one of a run.
    """

    recognises: Callable[[Mapping[str, Any]], bool]
    accepts: Callable[[Mapping[str, Any]], bool]
    make: Callable[[], Decoder]
    begins: Callable[[Mapping[str, Any]], bool] = lambda _data: False
