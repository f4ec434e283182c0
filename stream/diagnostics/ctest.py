"""The end of a run of CTest with failures: how many there were, and which."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape, known
from stream.patterns.metadata import metadata_of

_TOTALS = Shape(r"(?P<value>\d+% tests passed, (?P<failures>\d+) tests? failed out of (?P<tests>\d+))$")
_NAME = Shape(r"\s+\d+ - (?P<test>\S.*?) \([\w .-]+\)(?: +\S.*)?$")
_WORDS = ("Total Test time", "The following tests ", "Label Time Summary")
_MAX_FAILURES = 50


class FailedRun(Section):
    """From the totals to the last test that failed."""

    def belongs(self, line: str) -> bool:
        return not line.strip() or line.startswith(_WORDS) or bool(_NAME.match(line))

    def findings(self) -> list[Finding]:
        totals = _TOTALS.match(self.lines[0])
        named = [(i, match["test"]) for i, line in enumerate(self.lines) if (match := _NAME.match(line))]
        if totals is None:
            return []
        groups = totals.groupdict()
        value = groups.pop("value")
        names = [name for _, name in named][:_MAX_FAILURES]
        metadata = known(framework="ctest", failures=names) | metadata_of(groups, "test_result")
        return [Finding("test_result", value, metadata, last=named[-1][0] if named else 0)]


OPENINGS = (DiagnosticOpening("ctest_failed", r"^\d+% tests passed, [1-9]\d* tests? failed out of \d+$", FailedRun),)
