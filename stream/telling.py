"""From what was found in lines to rows: what their region allows, and each failure once. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from stream.diagnostics import Finding
from stream.diagnostics.consequences import FailuresTold
from stream.extractor import Match
from stream.held_lines import HeldLines
from stream.records import ExtractionEvent
from stream.regions import Region
from stream.report import Report
from stream.text_block import Where
from stream.typed_answers import TypedAnswers


class Teller:
    """Makes the rows, in the order of the lines; to be iterated over at once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._told = FailuresTold()
        self.answers = TypedAnswers(report)

    def of_matches(
        self, matches: Iterable[Match], line: bytes, where: Where, region: Region
    ) -> Iterator[ExtractionEvent]:
        """What patterns found in a line."""
        for match in matches:
            pattern = match.pattern
            metadata = self._told.with_failures(pattern.event_type, match.metadata)
            if region.allows(pattern.event_type) and self._told.tells(
                pattern.event_type, match.metadata, where().number, consequence=pattern.consequence
            ):
                event = self._report.event(
                    pattern.event_type,
                    pattern.name,
                    match.value,
                    where(),
                    text=line,
                    metadata={**metadata, "in": region.name} if region.name else metadata,
                    risk_level=pattern.risk_level,
                    auto_confirmable=pattern.auto_confirmable,
                    masked=True,
                )
                if pattern.event_type == "permission" and metadata.get("phase") == "asked":
                    self.answers.ask(event, line)
                yield event

    def of_findings(self, findings: Sequence[Finding], held: HeldLines) -> Iterator[ExtractionEvent]:
        """What a diagnostic says in the lines that it held."""
        for finding in findings:
            kind, line = finding.event_type, held.lines[finding.last].where().number
            metadata = self._told.with_failures(kind, finding.metadata)
            if held.region.allows(kind) and self._told.tells(
                kind, finding.metadata, line, consequence=finding.consequence
            ):
                yield held.event(self._report, finding._replace(metadata=metadata))

    def clear(self) -> None:
        """What comes follows from nothing that came before."""
        self._told.clear()
        self.answers.clear()

    def state(self) -> list[Any]:
        """JSON-serialisable."""
        return [self._told.state(), self.answers.state()]

    def resume(self, state: list[Any]) -> None:
        """Goes on where `state` was taken."""
        told, answers = state
        self._told.resume(told)
        self.answers.resume(answers)
