"""What `go test` says of a test that failed: what it logged, below its name or, with `-v`, above it."""

import re
from collections.abc import Sequence

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Section, Shape, known

_RESULT = Shape(r"(?P<indent> *)--- (?P<result>PASS|FAIL|SKIP): (?P<test>\S+) \((?P<seconds>[\d.]+)s\)$")
_NOW = Shape(r"=== (?P<what>RUN|CONT|NAME|PAUSE) +(?P<test>\S+)$")
_LOG = Shape(r" +(?P<file>[\w./-]+\.go):(?P<line>\d+): ?(?P<message>.*)$")
_COMPARED = Shape(r"\s+Error:\s+(?P<message>\S.*)$")  # by testify, below its trace
_FAILS = Shape(r"(?i).*\b(?:got|want|wanted|expected|actual|unexpected|not|nil|error|fail\w*|mismatch|differ\w*)\b|$")
_MAX_LOG = 100
_MAX_OTHERS = 16  # times that another test goes on, of those that run at once


def _finding(test: str, lines: Sequence[str], first: int, last: int) -> Finding | None:
    """Of what was logged last that says what failed: what comes before it says how the test got there."""
    logged = [(index, match) for index, line in enumerate(lines) if (match := _LOG.match(line))]
    if not logged:
        return None
    # What is logged last may be of cleaning up.
    index, match = next((one for one in reversed(logged) if _FAILS.match(one[1]["message"])), logged[-1])
    more = lines[index + 1 :]
    compared = next(filter(None, map(_COMPARED.match, more)), None)
    message = match["message"].strip() or (compared["message"].strip() if compared else next(iter(more), "").strip())
    metadata = known(file=match["file"], line=int(match["line"]), test=test, tool="go test")
    return Finding("error", message or test, metadata, first=first, last=last)


def _leaves(tests: Sequence[str]) -> list[str]:
    """Of the tests that failed those that did not fail because of a subtest."""
    return [test for test in tests if not any(other.startswith(f"{test}/") for other in tests)]


class FailedTest(LinesTaken):
    """`--- FAIL: Test`, and lines that are indented deeper. A test of which only the name is known is no finding."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        match = _RESULT.match(line)
        self._indent = len(match["indent"]) if match else 0

    def belongs(self, line: str) -> bool:
        indent = len(line) - len(line.lstrip(" "))
        return indent > self._indent and not line.lstrip().startswith("--- ")

    def findings(self) -> list[Finding]:
        match = _RESULT.match(self.lines[0])
        found = _finding(match["test"], self.lines, 0, len(self.lines) - 1) if match else None
        return [found] if found else []


class LoggedThenFailed(LinesTaken):
    """What was logged, behind it `--- FAIL: Test`, and the results of its subtests, of which one may have logged it.

    Which of them did is not known: the line that said it is not there.
    """

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._failed = 0  # the index of its line

    def belongs(self, line: str) -> bool:
        if self._failed:
            return bool(re.match(r" +--- (?:PASS|FAIL|SKIP): ", line))
        if line.startswith("--- FAIL: "):
            self._failed = len(self.lines)
        return bool(self._failed) or (len(self.lines) < _MAX_LOG and line.startswith("    ") and "--- " not in line)

    def findings(self) -> list[Finding]:
        results = [match for line in self.lines[self._failed :] if (match := _RESULT.match(line))]
        failed = [match["test"] for match in results if match["result"] == "FAIL"] if self._failed else []
        if not failed:
            return []
        leaves = _leaves(failed)
        test = leaves[0] if len(leaves) == 1 else failed[0]
        found = _finding(test, self.lines[: self._failed], 0, len(self.lines) - 1)
        return [found] if found else []


class VerboseTest(Section):
    """One test with `-v`, or several that run at once: what each says, under its name, and the results.

    From `=== RUN` (of one that was paused from `=== CONT`) to the next `=== RUN` of a test that is no subtest. Those
    that run at once are not followed for ever: each line where one goes on may begin another of these.
    """

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._results = False  # lines of results came last
        self._name = line.rsplit(maxsplit=1)[-1].partition("/")[0]
        self._others = 0

    def belongs(self, line: str) -> bool:
        now = _NOW.match(line) if line.startswith("=== ") else None
        if now and now["test"] == self._name and now["what"] in ("RUN", "PAUSE"):
            return False
        if now and now["test"].partition("/")[0] != self._name:
            self._others += 1
            if self._others > _MAX_OTHERS or (now["what"] == "RUN" and "/" not in now["test"]):
                return False
        result = "--- " in line and bool(_RESULT.match(line))
        if self._results and not (result or now):
            return False
        self._results = result
        return True

    def findings(self) -> list[Finding]:
        logged: dict[str, list[str]] = {}
        failed: dict[str, int] = {}  # test → the index of its result
        begun: dict[str, int] = {}
        name = ""
        for index, line in enumerate(self.lines):
            if now := _NOW.match(line):
                name = now["test"]
                begun.setdefault(name, index)
            elif result := _RESULT.match(line):
                failed |= {result["test"]: index} if result["result"] == "FAIL" else {}
            else:
                logged.setdefault(name, []).append(line)
        found = [_finding(test, logged.get(test, ()), begun.get(test, 0), failed[test]) for test in _leaves([*failed])]
        return sorted(filter(None, found), key=lambda finding: finding.first)


OPENINGS = (
    DiagnosticOpening("go_test_failure", r"^ *--- FAIL: \S+ \([\d.]+s\)$", FailedTest),
    DiagnosticOpening("go_test_log", r"^ {4,}[\w./-]+_test\.go:\d+: ", LoggedThenFailed),
    DiagnosticOpening("go_test_verbose", r"^=== (?:RUN +[^\s/]+|CONT +\S+)$", VerboseTest),
)
