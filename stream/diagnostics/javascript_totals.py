"""How many tests jest, vitest, mocha and bun ran, from the lines that end a run."""

from typing import Any

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape
from stream.patterns.metadata import metadata_of

_FAILED_SUITES = Shape(r" *Test (?:Suites: +|Files  )(?P<failed>\d+) failed")
_JEST = Shape(
    r"(?P<value>Tests: +(?:(?:(?P<failed>\d+) failed|(?P<skipped>\d+) skipped|\d+ todo|(?P<passed>\d+) passed), )*"
    r"\d+ total)$"
)
_VITEST = Shape(
    r" *Tests  (?P<value>no tests|(?:(?:(?P<failed>\d+) failed|(?P<passed>\d+) passed|(?P<skipped>\d+) skipped"
    r"|\d+ todo)(?: \| )?)+ \(\d+\))$"
)
_VITEST_ERRORS = Shape(r" *Errors  (?P<errors>\d+) errors?$")
_VITEST_TYPES = Shape(r"Type Errors  \S")
_MOCHA = Shape(r"  (?P<count>\d+) (?P<what>passing|pending|failing)(?: \((?P<time>[\d.]+)(?P<unit>ms|s|m)\))?$")
_BUN = Shape(
    r" (?P<count>\d+) (?:(?P<what>pass|fail|skip|todo|error)s?|filtered out|expect\(\) calls?|snapshots?[\w, ]*)$"
)
_BUN_END = Shape(r"Ran \d+ tests? across \d+ files?\. (?:.* )?\[(?P<time>[\d.]+)(?P<unit>ms|s|m)\]$")
UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours"}
_NAMES = {
    "passing": "passed",
    "pending": "skipped",
    "failing": "failed",
    "pass": "passed",
    "skip": "skipped",
    "todo": "todo",
    "fail": "failed",
    "error": "errors",
}


class SuitesAndTests(LinesTaken):
    """What became of the suites, in the next line of the tests, and below it errors that no test accounts for.

    Of the suites that failed, those that no failed test accounts for could not run.
    """

    def __init__(self, line: str, framework: str, tests: Shape) -> None:
        super().__init__(line)
        self._framework = framework
        self._tests = tests

    def belongs(self, line: str) -> bool:
        if len(self.lines) == 1:
            self.done = self._framework != "vitest"
            return bool(self._tests.match(line))
        self.done = bool(_VITEST_ERRORS.match(line))
        return self.done or bool(_VITEST_TYPES.match(line))

    def findings(self) -> list[Finding]:
        tests = self._tests.match(self.lines[1]) if self.lines[1:] else None
        if tests is None:
            return []
        groups: dict[str, Any] = {name: text for name, text in tests.groupdict().items() if text}
        value = groups.pop("value")
        suites = _FAILED_SUITES.match(self.lines[0])
        unable = int(suites["failed"] if suites else 0) - int(groups.get("failed", 0))
        if thrown := _VITEST_ERRORS.match(self.lines[-1]):
            unable = max(unable, 0) + int(thrown["errors"])
        if unable > 0:
            groups["errors"] = str(unable)
        return [_result(self._framework, value, groups, first=1)]


class MochaTotals(LinesTaken):
    """`2 passing (5ms)`, `1 pending`, `1 failing`."""

    def belongs(self, line: str) -> bool:
        return bool(_MOCHA.match(line))

    def findings(self) -> list[Finding]:
        groups: dict[str, Any] = {}
        for match in filter(None, map(_MOCHA.match, self.lines)):
            groups[_NAMES[match["what"]]] = match["count"]
            if match["unit"]:
                groups[UNITS[match["unit"]]] = match["time"]
        return [_result("mocha", ", ".join(line.strip() for line in self.lines), groups)]


class BunTotals(LinesTaken):
    """` 1 pass`, ` 2 fail`, and how many tests it ran."""

    def belongs(self, line: str) -> bool:
        self.done = bool(_BUN_END.match(line))
        return self.done or bool(_BUN.match(line))

    def findings(self) -> list[Finding]:
        end = _BUN_END.match(self.lines[-1])
        if end is None:
            return []
        counted = [match for match in map(_BUN.match, self.lines) if match and match["what"]]
        groups: dict[str, Any] = {_NAMES[match["what"]]: match["count"] for match in counted}
        groups.pop("todo", None)
        groups[UNITS[end["unit"]]] = end["time"]
        return [_result("bun test", ", ".join(match[0].strip() for match in counted), groups)]


def _result(framework: str, value: str, groups: dict[str, Any], first: int = 0) -> Finding:
    return Finding("test_result", value, {"framework": framework} | metadata_of(groups, "test_result"), first=first)


OPENINGS = (
    DiagnosticOpening(
        "jest_summary",
        r"^Test Suites: +(?:\d+ \w+, )*(?:\d+ of )?\d+ total$",
        lambda line: SuitesAndTests(line, "jest", _JEST),
    ),
    DiagnosticOpening(
        "vitest_summary",
        r"^ *Test Files  (?:\d+ \w+(?: \| )?)+ \(\d+\)$",
        lambda line: SuitesAndTests(line, "vitest", _VITEST),
    ),
    DiagnosticOpening("mocha_summary", r"^  \d+ passing \([\d.]+m?s?\)$", MochaTotals),
    DiagnosticOpening("bun_summary", r"^ \d+ pass$", BunTotals),
)
