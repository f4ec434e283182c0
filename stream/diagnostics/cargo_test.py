"""The end of `cargo test`: the names of the tests that failed, and the result."""

import re

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known
from stream.patterns.metadata import metadata_of

_RESULT = Shape(
    r"test result: (?:ok|FAILED)\. (?P<value>(?P<passed>\d+) passed; (?P<failed>\d+) failed; (?P<skipped>\d+) ignored)"
    r".*?(?:finished in (?P<seconds>[\d.]+)s)?$"
)
_MAX_FAILURES = 50


class Failures(LinesTaken):
    """`failures:`, indented names, a blank line, `test result: …`."""

    def belongs(self, line: str) -> bool:
        self.done = bool(_RESULT.match(line))
        return self.done or bool(re.match(r" {4}\S", line)) or (not line and len(self.lines) > 1)

    def findings(self) -> list[Finding]:
        match = _RESULT.match(self.lines[-1])
        if match is None:
            return []
        groups = {name: text for name, text in match.groupdict().items() if text}
        names = [line.strip() for line in self.lines[1:] if line.startswith("    ")][:_MAX_FAILURES]
        value = groups.pop("value")
        metadata = known(framework="cargo test", failures=names) | metadata_of(groups, "test_result")
        return [Finding("test_result", value, metadata)]


OPENINGS = (DiagnosticOpening("cargo_test_failures", r"^failures:$", Failures),)
