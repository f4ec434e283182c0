"""What `pytest --tb=line` says: failures and their places without the tests' names, which stand in the short summary.

Shapes: pytest 6 to 9. The exception stands above the line of its place, or only behind the place.
"""

import re
from typing import Any, NamedTuple

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape, known
from stream.diagnostics.pytest_marks import read_failure, split_kind
from stream.diagnostics.pytest_report import TOTALS, ShortSummary

_PLACE = Shape(r"(?P<file>\S[^:]*\.\w+):(?P<line>\d+): (?P<text>\S.*)$")
_CAPTURED = Shape(r"-{3,} Captured \w+ ")
_TITLE = Shape(r"_{2,} \S.* _{2,}$")
_RULE = Shape(r"=+ (?P<title>\S.*?) =+$")
_WARNED = Shape(r"  (?P<file>\S[^:]*):(?P<line>\d+): (?P<kind>[A-Z]\w*Warning): (?P<message>\S.*)$")
_SUMMARY = "short test summary info"


class _Failure(NamedTuple):
    """A failure and its lines; `text` is what the summary says of it, too."""

    text: str
    value: str
    metadata: dict[str, Any]
    first: int
    last: int


class LineReport(Section):
    """From `FAILURES` to the totals; of sections with titles every one is a `FailureSection`."""

    def belongs(self, line: str) -> bool:
        self.done = bool(TOTALS.match(line))
        return line != self.lines[0] and not _TITLE.match(line)

    def findings(self) -> list[Finding]:
        rules = [(i, match["title"]) for i, line in enumerate(self.lines) if (match := _RULE.match(line))]
        start = next((i for i, title in rules if title == _SUMMARY), None)
        if start is None or not self.done:
            return []
        failures = self._failures(end=rules[1][0])
        summary = ShortSummary(self.lines[start])
        for line in self.lines[start + 1 :]:
            summary.take(line)
        found = [self._with_place(_shifted(finding, start), failures) for finding in summary.findings()]
        return sorted(self._warnings(rules[1][0], start) + found, key=lambda finding: finding.first)

    def _failures(self, end: int) -> list[_Failure]:
        failures: list[_Failure] = []
        first = 1
        for index, line in enumerate(self.lines[:end]):
            if match := _PLACE.match(line):
                lines = self.lines[first:index]
                captured = next((i for i, line in enumerate(lines) if _CAPTURED.match(line)), len(lines))
                kind, message = split_kind(match["text"])
                value, metadata = read_failure(lines[:captured]) or (message, known(kind=kind))
                at = {"file": match["file"], "line": int(match["line"])}
                failures.append(_Failure(match["text"], value, {**metadata, **at}, first, index))
                first = index + 1
        return failures

    def _with_place(self, finding: Finding, failures: list[_Failure]) -> Finding:
        """The finding of the summary as its failure tells it; each failure counts once, in the summary's order."""
        said = ": ".join(filter(None, (finding.metadata.get("kind"), finding.value))).removesuffix("...")
        for failure in failures if finding.event_type == "error" else ():
            if failure.text.startswith(said):
                failures.remove(failure)
                metadata = {**finding.metadata, **failure.metadata}
                return Finding("error", failure.value, metadata, failure.first, failure.last)
        return finding

    def _warnings(self, start: int, end: int) -> list[Finding]:
        found = [(i, match) for i in range(start, end) if (match := _WARNED.match(self.lines[i]))]
        return [Finding("warning", match["message"], _where(match), i, i) for i, match in found]


def _where(match: re.Match[str]) -> dict[str, Any]:
    return {"kind": match["kind"], "file": match["file"], "line": int(match["line"])}


def _shifted(finding: Finding, by: int) -> Finding:
    last = finding.last + by if finding.last >= 0 else finding.last
    return finding._replace(first=finding.first + by, last=last)


OPENINGS = (DiagnosticOpening("pytest_lines", r"^=+ FAILURES =+$", LineReport),)
