"""The lines of an open diagnostic, held until it is known what they say. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from stream.ansi import without_controls
from stream.diagnostics import MAX_BYTES, MAX_LINES, Diagnostic, DiagnosticOpening, Finding, openings
from stream.lines import Line
from stream.records import ExtractionEvent
from stream.regions import REGIONS, Region
from stream.report import Report
from stream.text_block import Where, known

_KEYS = {region: key for key, region in REGIONS.items()}


class HeldLine(NamedTuple):
    """One line and where it stands."""

    text: bytes
    where: Line


class TakenLine(NamedTuple):
    """One line of a diagnostic; where it stands is looked up for the few that are told of."""

    text: bytes
    where: Where


class HeldLines:
    """What an open diagnostic has taken so far, at most `MAX_LINES` lines and `MAX_BYTES` bytes.

    `tried` names the diagnostics that its first line may have opened, this one included: none of them is tried again.
    """

    def __init__(
        self,
        opening: DiagnosticOpening,
        diagnostic: Diagnostic,
        first: TakenLine,
        region: Region,
        tried: frozenset[str],
    ) -> None:
        self.name = opening.name
        self.tried = tried | {opening.name}
        self.region = region
        self._needs = opening.needs
        self.lines = [first]
        self._diagnostic = diagnostic
        self._size = len(first.text)
        self._placed = 0  # lines whose place was looked up

    @classmethod
    def begin(
        cls,
        opening: DiagnosticOpening,
        line: bytes,
        where: Where,
        region: Region,
        tried: frozenset[str] = frozenset(),
    ) -> Self | None:
        """The diagnostic that this line opens, if it does; it did not open those that were `tried`."""
        diagnostic = opening.begin(line.decode())
        return None if diagnostic is None else cls(opening, diagnostic, TakenLine(line, where), region, tried)

    @property
    def done(self) -> bool:
        """Whether it ended with its last line, or is as long as it may be."""
        return self._diagnostic.done or len(self.lines) >= MAX_LINES or self._size >= MAX_BYTES

    @property
    def ends_with_quiet(self) -> bool:
        """Whether it may be whole, so that nobody need wait for more when nothing comes."""
        return self._diagnostic.ends_with_quiet

    def is_refuted_by(self, text: bytes, position: int) -> bool:
        """Whether the lines that follow its first one, from this position on, show already that it is none.

        Lines that it has taken are not looked at again: they may be those that it needs.
        """
        if self._needs is None or len(self.lines) > 1:
            return False
        end = position
        for _ in range(self._needs.lines):
            end = text.find(b"\n", end) + 1
            if not end:
                return False
        return not self._needs.regex.search(without_controls(text[position:end]))

    def take(self, line: bytes, where: Where) -> bool:
        """Whether the line belongs to it."""
        taken = self._diagnostic.take(line.decode())
        if taken:
            self.lines.append(TakenLine(line, where))
            self._size += len(line)
        return taken

    def leave(self) -> None:
        """Keeps nothing of the block that the lines stand in."""
        for line in self.lines[self._placed :]:
            line.where()
        self._placed = len(self.lines)

    def findings(self) -> Sequence[Finding]:
        """What it says; nothing if it was none after all."""
        return self._diagnostic.findings()

    def behind(self, findings: Sequence[Finding]) -> list[TakenLine]:
        """The lines that turned out to stand behind what it says."""
        ends = [finding.last for finding in findings]
        return self.lines[max(ends) + 1 :] if min(ends) >= 0 else []

    def event(self, report: Report, finding: Finding) -> ExtractionEvent:
        """The event of a finding's lines."""
        lines = self.lines[finding.first : finding.last + 1 or None]
        first, last = lines[0].where(), lines[-1].where()
        extra: dict[str, Any] = {"line_end": last.number} if last.number > first.number else {}
        extra |= {"in": self.region.name} if self.region.name else {}
        return report.event(
            finding.event_type,
            self.name,
            finding.value,
            first,
            text=b"\n".join(line.text for line in lines),
            at=last.at,
            metadata={**finding.metadata, **extra},
            masked=True,
        )

    def state(self) -> list[Any]:
        """JSON-serialisable."""
        rows = [[line.text.decode(), *line.where()] for line in self.lines]
        return [self.name, _KEYS[self.region], rows, sorted(self.tried)]

    @classmethod
    def resume(cls, state: list[Any]) -> Self:
        """The lines that `state` was taken of, taken once more."""
        name, region, rows, tried = state
        opening = next(opening for opening in openings() if opening.name == name)
        first, *others = [(text.encode(), known(Line(*where))) for text, *where in rows]
        held = cls.begin(opening, *first, REGIONS[region], frozenset(tried))
        if held is None:
            raise ValueError(f"the state of a {name!r} begins with {rows[0][0]!r}, which opens none")
        for line in others:
            held.take(*line)
        return held
