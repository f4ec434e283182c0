"""Diagnostics that show the source between bars: rustc, cargo and ruff. Also cargo's errors with their causes."""

import re

from stream.diagnostics.diagnostic import MAX_CAUSES, DiagnosticOpening, Finding, LinesTaken, Shape, known

_HEADER = Shape(r"(?P<severity>error|warning)(?:\[(?P<kind>[\w:-]+)\])?: (?P<message>\S.*)$")
_RUFF = Shape(r"(?P<kind>[A-Z]{1,4}\d{3,4}|invalid-syntax:)(?: \[\*\])? (?P<message>\S.*)$")
_PLACE = Shape(r" *--> (?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+)$")
_BODY = Shape(r"\s*\d*\s*[|=]|\s*-->|\s*:::|\s*\.\.\.|\s*\d+ [+~-]|(?:help|note|warning|info)(?:: |$)|\s+\S")


class LabelledSource(LinesTaken):
    """A message, `--> file:line:column`, and source with labels, up to a blank line."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._caused = False

    def belongs(self, line: str) -> bool:
        if len(self.lines) == 1:
            self._caused = not line
            return self._caused or bool(_PLACE.match(line))
        if self._caused:
            return self._fits_cause(line)
        return bool(line) and bool(_BODY.match(line))

    @property
    def ends_with_quiet(self) -> bool:
        return len(self.lines) == 1 or bool(self.findings())

    def findings(self) -> list[Finding]:
        match = _HEADER.match(self.lines[0]) or _RUFF.match(self.lines[0])
        if match is None or len(self.lines) == 1:
            return []
        return self._with_causes(match) if self._caused else self._with_place(match)

    def _fits_cause(self, line: str) -> bool:
        """`Caused by:`, its lines, and a blank one before the next."""
        if line == "Caused by:":
            return not self.lines[-1]
        return bool(self.lines[-1]) and (not line or line.startswith("  "))

    def _with_causes(self, match: re.Match[str]) -> list[Finding]:
        causes = [self.lines[i + 1].strip() for i, line in enumerate(self.lines[:-1]) if line == "Caused by:"]
        if not causes:
            return []
        last = max(i for i, line in enumerate(self.lines) if line)
        metadata = known(tool="cargo", causes=[{"message": cause} for cause in causes[:MAX_CAUSES]])
        return [Finding(match.groupdict().get("severity") or "error", match["message"], metadata, last=last)]

    def _with_place(self, match: re.Match[str]) -> list[Finding]:
        place = _PLACE.match(self.lines[1])
        if place is None:
            return []
        kind = (match["kind"] or "").rstrip(":")
        tool = {"rs": "rustc", "py": "ruff", "pyi": "ruff", "toml": "cargo"}.get(place["file"].rpartition(".")[2])
        line, column = int(place["line"]), int(place["column"])
        metadata = known(kind=kind, file=place["file"], line=line, column=column, tool=tool)
        return [Finding(match.groupdict().get("severity") or "error", match["message"], metadata)]


OPENINGS = (
    DiagnosticOpening("labelled_source", r"^(?:error|warning)(?:\[[\w:-]+\])?: \S", LabelledSource),
    DiagnosticOpening("ruff", r"^(?:[A-Z]{1,4}\d{3,4}|invalid-syntax:) (?:\[\*\] )?\S", LabelledSource),
)
