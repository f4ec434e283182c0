"""What `go test` says of a test that failed: what it logged, below its name or, with `-v`, above it."""

import re

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known

_FAIL = Shape(r"(?P<indent> *)--- FAIL: (?P<test>\S+) \((?P<seconds>[\d.]+)s\)$")
_LOG = Shape(r" +(?P<file>[\w./-]+\.go):(?P<line>\d+): ?(?P<message>.*)$")
_MAX_LOG = 100


def _finding(test: str, lines: list[str], first: int) -> Finding | None:
    """Of the first line that was logged."""
    for index, line in enumerate(lines):
        if match := _LOG.match(line):
            message = match["message"].strip() or (lines[index + 1].strip() if index + 1 < len(lines) else "")
            metadata = known(file=match["file"], line=int(match["line"]), test=test, tool="go test")
            return Finding("error", message or test, metadata, first=first, last=first + len(lines) - 1)
    return None


class FailedTest(LinesTaken):
    """`--- FAIL: Test`, and lines that are indented deeper. A test of which only the name is known is no finding."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        match = _FAIL.match(line)
        self._indent = len(match["indent"]) if match else 0

    def belongs(self, line: str) -> bool:
        indent = len(line) - len(line.lstrip(" "))
        return indent > self._indent and not line.lstrip().startswith("--- ")

    def findings(self) -> list[Finding]:
        match = _FAIL.match(self.lines[0])
        found = _finding(match["test"], self.lines, 0) if match else None
        return [found] if found else []


class LoggedThenFailed(LinesTaken):
    """What was logged, behind it `--- FAIL: Test`, and the results of its subtests, of which one may have logged it."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._failed = 0  # the index of its line

    def belongs(self, line: str) -> bool:
        if self._failed:
            return bool(re.match(r" +--- (?:PASS|FAIL|SKIP): ", line))
        if _FAIL.match(line):
            self._failed = len(self.lines)
        return bool(self._failed) or (len(self.lines) < _MAX_LOG and line.startswith("    ") and "--- " not in line)

    def findings(self) -> list[Finding]:
        failed = [match for line in self.lines[self._failed :] if (match := _FAIL.match(line))] if self._failed else []
        if not failed:
            return []
        found = _finding(failed[1 if len(failed) == 2 else 0]["test"], self.lines, 0)
        return [found] if found else []


OPENINGS = (
    DiagnosticOpening("go_test_failure", r"^ *--- FAIL: \S+ \([\d.]+s\)$", FailedTest),
    DiagnosticOpening("go_test_log", r"^ {4,}[\w./-]+_test\.go:\d+: ", LoggedThenFailed),
)
