"""What tsc says: `file(line,column): error TS…`, or the pretty form with the source and related places under it.

What is wrong with the project or the command line has no place.
"""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known

_HEADER = Shape(
    r"(?:(?P<file>[^\s(:][^(:]*|[A-Z]:[^(:]+)[(:](?P<line>\d+)[,:](?P<column>\d+)(?:\): | - ))?"
    r"(?P<severity>error|warning) (?P<kind>TS\d+): (?P<message>\S.*)$"
)
_SOURCE = Shape(r"\d+ |\s")


class TypeScriptError(LinesTaken):
    """One error; its explanation is indented, its source has line numbers."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._pretty = " - " in line.partition(" TS")[0]

    def belongs(self, line: str) -> bool:
        if not line.strip():
            return self._pretty and bool(self.lines[-1].strip())
        return bool(_SOURCE.match(line)) if self._pretty else line.startswith("  ")

    def findings(self) -> list[Finding]:
        match = _HEADER.match(self.lines[0])
        if match is None:
            return []
        place = {"line": int(match["line"]), "column": int(match["column"])} if match["file"] else {}
        metadata = known(kind=match["kind"], file=match["file"], **place, tool="tsc")
        last = max(i for i, line in enumerate(self.lines) if line.strip())
        return [Finding(match["severity"], match["message"], metadata, last=last)]


OPENINGS = (
    DiagnosticOpening(
        "typescript", r"^(?:[^\s(:+-][^(:]*[(:]\d+[,:]\d+(?:\): | - ))?(?:error|warning) TS\d+: \S", TypeScriptError
    ),
)
