"""What Python's unittest (and Django, and nose) says of tests that failed, and its summary, which takes two lines."""

import re

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Section, Shape, known
from stream.diagnostics.python_traceback import read_raised, said
from stream.patterns.metadata import metadata_of

_FAILED = Shape(r"(?P<result>FAIL|ERROR): (?P<name>\S+) \((?P<path>[\w.]+)\)(?P<parameters>.*)$")
_SUCCEEDED = Shape(r"UNEXPECTED SUCCESS: (?P<name>\S+) \((?P<path>[\w.]+)\)$")
_RAN = Shape(r"Ran (?P<tests>\d+) tests? in (?P<seconds>[\d.]+)s$")
_RESULT = Shape(
    r"(?P<result>OK|FAILED|NO TESTS RAN)(?: \((?:(?:failures=(?P<failures>\d+)|errors=(?P<errors>\d+)"
    r"|skipped=(?P<skipped>\d+)|expected failures=\d+|unexpected successes=(?P<unexpected>\d+))(?:, )?)+\))?$"
)
_MAX_DESCRIPTION = 6  # lines of a test's docstring


class TestFailure(Section):
    """From `FAIL: test (path)` to the next rule: a rule, the traceback, and what the assertion compares."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._ruled = False

    def belongs(self, line: str) -> bool:
        if self._ruled:
            return not re.match(r"(?:={40,}|-{40,})$", line)
        self._ruled = bool(re.match(r"-{40,}$", line))
        return self._ruled or len(self.lines) < _MAX_DESCRIPTION

    def findings(self) -> list[Finding]:
        match = _FAILED.match(self.lines[0])
        chain = read_raised(self.lines) if self._ruled else []
        if not match or not chain:
            return []
        value, metadata = said(chain)
        test = _name(match["name"], match["path"])
        last = max(i for i, line in enumerate(self.lines) if line.strip())
        return [Finding("error", value, known(test=test + match["parameters"], tool="unittest") | metadata, last=last)]


class UnexpectedSuccess(LinesTaken):
    """A test that was expected to fail and did not; there is nothing more to say of it."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.done = True

    def findings(self) -> list[Finding]:
        match = _SUCCEEDED.match(self.lines[0])
        test = _name(match["name"], match["path"]) if match else None
        return [Finding("error", "unexpected success", known(test=test, tool="unittest"))]


class Summary(LinesTaken):
    """`Ran 3 tests in 0.002s`, a blank line, and the result."""

    def belongs(self, line: str) -> bool:
        self.done = bool(_RESULT.match(line))
        return self.done or (not line and len(self.lines) < 3)

    def findings(self) -> list[Finding]:
        ran, result = _RAN.match(self.lines[0]), _RESULT.match(self.lines[-1])
        if not ran or not result:
            return []
        groups = {name: text for name, text in (ran.groupdict() | result.groupdict()).items() if text}
        groups.pop("result")
        if unexpected := groups.pop("unexpected", None):
            groups["failures"] = str(int(groups.get("failures", 0)) + int(unexpected))
        metadata = {"framework": "unittest"} | metadata_of(groups, "test_result")
        return [Finding("test_result", f"{self.lines[0]}: {self.lines[-1]}", metadata)]


def _name(name: str, path: str) -> str:
    """A test's whole name: before Python 3.11 its path ends with its class."""
    return path if path.endswith(f".{name}") else f"{path}.{name}"


OPENINGS = (
    DiagnosticOpening("unittest_failure", r"^(?:FAIL|ERROR): \S+ \([\w.]+\)", TestFailure),
    DiagnosticOpening("unittest_success", r"^UNEXPECTED SUCCESS: \S+ \([\w.]+\)$", UnexpectedSuccess),
    DiagnosticOpening("unittest_summary", r"^Ran \d+ tests? in [\d.]+s$", Summary),
)
