"""The end of `cargo test`: what tests that failed say, unless they panicked; their names, and the result."""

import re

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Section, Shape, known
from stream.patterns.metadata import metadata_of

_RESULT = Shape(
    r"test result: (?:ok|FAILED)\. (?P<value>(?P<passed>\d+) passed; (?P<failed>\d+) failed; (?P<skipped>\d+) ignored)"
    r".*?(?:finished in (?P<seconds>[\d.]+)s)?$"
)
_OUTPUT = Shape(r"---- (?P<test>\S+)(?: - should panic)? stdout ----$")
_SAID = Shape(r"Error: (?P<returned>\S.*)$|note: (?P<not_raised>test did not panic as expected.*)$")
_PANICKED = Shape(r"thread '.*' (?:\(\d+\) )?panicked at ")
_MAX_FAILURES = 50


class Output(Section):
    """What a test printed, and in the last line that it returned an error, or did not panic though it should."""

    def belongs(self, line: str) -> bool:
        return bool(line) and not _OUTPUT.match(line) and not _PANICKED.match(line)

    def findings(self) -> list[Finding]:
        title = _OUTPUT.match(self.lines[0])
        said = [(i, match) for i, line in enumerate(self.lines) if (match := _SAID.match(line))]
        if title is None or not said:
            return []
        index, match = said[-1]
        value = match["returned"] or match["not_raised"]
        return [Finding("error", value, {"test": title["test"], "tool": "rust"}, first=index)]


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


OPENINGS = (
    DiagnosticOpening("cargo_test_output", r"^---- \S+(?: - should panic)? stdout ----$", Output),
    DiagnosticOpening("cargo_test_failures", r"^failures:$", Failures),
)
