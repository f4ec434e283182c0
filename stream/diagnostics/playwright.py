"""What Playwright's reporters `list`, `line` and `dot` say of tests that failed, and how many did."""

from typing import Any

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known
from stream.diagnostics.javascript_messages import place_of, said
from stream.diagnostics.javascript_tests import is_ours, places_in
from stream.diagnostics.javascript_totals import UNITS
from stream.patterns.metadata import metadata_of

_TEST = (
    r"(?:\[[^\]]+\] \u203a )?(?P<file>[^\s:]+):(?P<line>\d+):(?P<column>\d+) \u203a "
    r"(?P<test>\S+(?: +\S+)*?)(?: (?:\u2500+|=+))? *$"
)
_HEADER = Shape(rf"  \d+\) {_TEST}")
_LISTED = Shape(rf"    {_TEST}")
_COUNT = Shape(
    r"  (?P<count>\d+) (?P<what>failed|interrupted|flaky|skipped|did not run|passed"
    r"|errors? (?:was|were) not a part of any test.*)(?: \((?P<time>[\d.]+)(?P<unit>ms|s|m|h)\))?$"
)
_GROUPS = {"failed": "failed", "interrupted": "failed", "skipped": "skipped", "did not run": "skipped"}
_PASSED = {"passed", "flaky"}  # in the end
_MAX_FAILURES = 50


class FailedTest(LinesTaken):
    """A test's place and name, a rule, and below it, indented, the errors of each attempt; told of the first."""

    def belongs(self, line: str) -> bool:
        return line.startswith("    ") or not line.strip()

    def findings(self) -> list[Finding]:
        header = _HEADER.match(self.lines[0])
        first = next((i for i, line in enumerate(self.lines) if i and line.strip()), None)
        if header is None or first is None:
            return []
        told = said(self.lines[first:])
        place = next((match for match in places_in(self.lines) if is_ours(match["file"])), header)
        metadata = known(kind=told.kind, test=header["test"], tool="playwright", **place_of(place))
        return [Finding("error", told.message, metadata, last=max(i for i, line in enumerate(self.lines) if line))]


class Totals(LinesTaken):
    """How many tests failed, and which, and how many passed, were skipped or did not run."""

    def belongs(self, line: str) -> bool:
        return bool(_COUNT.match(line) or _LISTED.match(line))

    def findings(self) -> list[Finding]:
        counts = [match for line in self.lines if (match := _COUNT.match(line))]
        if len(counts) == len(self.lines) and not any(match["unit"] for match in counts):
            return []  # neither names nor a time: whose ever they are
        groups: dict[str, Any] = {}
        for match in counts:
            what = match["what"]
            name = "passed" if what in _PASSED else _GROUPS.get(what, "errors")
            groups[name] = str(int(groups.get(name, 0)) + int(match["count"]))
            if match["unit"]:
                groups[UNITS[match["unit"]]] = match["time"]
        value = ", ".join(match[0].strip() for match in counts)
        metadata = known(framework="playwright", failures=self._failures()) | metadata_of(groups, "test_result")
        return [Finding("test_result", value, metadata)]

    def _failures(self) -> list[str]:
        names: dict[str, None] = {}
        failed = False
        for line in self.lines:
            if count := _COUNT.match(line):
                failed = _GROUPS.get(count["what"]) == "failed"
            elif failed and (listed := _LISTED.match(line)):
                names[listed["test"]] = None
        return list(names)[:_MAX_FAILURES]


OPENINGS = (
    DiagnosticOpening(
        "playwright_failure", "^  \\d+\\) (?:\\[[^\\]]+\\] \u203a )?[^\\s:]+:\\d+:\\d+ \u203a \\S", FailedTest
    ),
    DiagnosticOpening(
        "playwright_summary",
        r"^  \d+ (?:failed|interrupted|flaky|skipped|did not run|passed \([\d.]+(?:ms|s|m|h)\))$",
        Totals,
    ),
)
