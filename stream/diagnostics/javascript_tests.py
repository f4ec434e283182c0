"""What jest, vitest and mocha say of tests that failed, and mocha's summary. rspec numbers failures as mocha does."""

from typing import Any

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, frame, known
from stream.patterns.metadata import metadata_of

_JEST = Shape(r"  ● (?P<test>\S.*)$")
_VITEST = Shape(r" ?FAIL {2}(?:\|\S+\| )?(?P<test>\S+\.\w+(?: > .+| \[.+\]))$")
_NUMBERED = Shape(r"  (?P<number>\d+)\) (?P<test>\S.*?):?$")
_PLACES = (
    Shape(r"\s+at (?:async )?(?:.*? \()?(?P<file>(?:file://)?[^():\s][^():]*):(?P<line>\d+):(?P<column>\d+)\)?$"),
    Shape(r" \u276f (?:\S+ )?(?P<file>[^\s:]+):(?P<line>\d+):(?P<column>\d+)$"),
    Shape(r"\s+# (?P<file>[^\s:]+):(?P<line>\d+):in "),
)
_KIND = Shape(r"(?P<kind>[A-Za-z_$][\w$.:]*(?:Error|Exception|Expectation\w*))(?: \[\w+\])?:(?: (?P<message>.*))?$")
_MOCHA_TOTALS = Shape(r"  (?P<count>\d+) (?P<what>passing|pending|failing)(?: \((?P<time>[\d.]+)(?P<unit>ms|s|m)\))?$")
_RSPEC = "Failure/Error: "
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes"}


class FailedTest(LinesTaken):
    """A test's name, and what is indented below it."""

    def __init__(self, line: str, tool: str | None, test: str) -> None:
        super().__init__(line)
        self._tool = tool
        self._test = test

    def belongs(self, line: str) -> bool:
        indented = line.startswith("  ") or not line.strip()
        return indented and not (_JEST.match(line) or _NUMBERED.match(line))

    def findings(self) -> list[Finding]:
        place = next((m for line in self.lines for p in _PLACES if (m := p.match(line)) and _is_ours(m["file"])), None)
        said = self._said()
        if place is None or not said:
            return []
        tool = self._tool or ("rspec" if place["file"].endswith(".rb") else "mocha")
        at = frame(place["file"].removeprefix("file://"), place["line"])
        at |= {name: int(text) for name, text in place.groupdict().items() if name == "column"}
        said, more = self._of_rspec(said) if said.startswith(_RSPEC) else (said, "")
        kind = _KIND.match(said)
        message = (kind["message"] or more or kind["kind"]) if kind else " ".join(filter(None, (said, more)))
        metadata = known(kind=kind["kind"] if kind else None, test=self._test, tool=tool, **at)
        return [Finding("error", message, metadata, last=self._last())]

    def _said(self) -> str:
        """The first line that says what is wrong."""
        return next((line.strip() for line in self.lines[1:] if line.strip()), "")

    def _of_rspec(self, source: str) -> tuple[str, str]:
        """Below the source that failed: the error's name and what it says, or what was expected and what came."""
        start = next(i for i, line in enumerate(self.lines) if line.strip().startswith(_RSPEC))
        blank = next((i for i in range(start, len(self.lines)) if not self.lines[i].strip()), len(self.lines))
        words = [line.strip() for line in self.lines[blank + 1 : blank + 3]] + ["", ""]
        return (words[0], words[1]) if words[0] else (source.removeprefix(_RSPEC), "")

    def _last(self) -> int:
        return max(i for i, line in enumerate(self.lines) if line.strip())


class NumberedFailure(FailedTest):
    """mocha breaks a test's name at its suites and ends it with a colon; what it compares is not indented."""

    def belongs(self, line: str) -> bool:
        return super().belongs(line) or (not self.lines[-1].strip() and self._is_comparison(line))

    def _is_comparison(self, line: str) -> bool:
        return "AssertionError" in "".join(self.lines[1:]) and not any(
            line.startswith("      at") for line in self.lines
        )

    def _said(self) -> str:
        body = [line.strip() for line in self.lines[1:]]
        end = next((i for i, line in enumerate(body[:8]) if line.endswith(":") and not _KIND.match(line)), -1)
        if "" not in body[: end + 1]:
            self._test = " ".join([self._test, *(line.rstrip(":") for line in body[: end + 1])])
            body = body[end + 1 :]
        return next((line for line in body if line), "")


class FailedVitest(FailedTest):
    """Below the name stand the error, what it compares and the source, up to a rule."""

    def belongs(self, line: str) -> bool:
        return not (line.startswith("⎯") or _VITEST.match(line) or (not line and len(self.lines) == 1))


class MochaTotals(LinesTaken):
    """`2 passing (5ms)`, `1 pending`, `1 failing`."""

    def belongs(self, line: str) -> bool:
        return bool(_MOCHA_TOTALS.match(line))

    def findings(self) -> list[Finding]:
        groups: dict[str, Any] = {}
        for match in filter(None, map(_MOCHA_TOTALS.match, self.lines)):
            name = {"passing": "passed", "pending": "skipped", "failing": "failed"}[match["what"]]
            groups[name] = match["count"]
            if match["unit"]:
                groups[_UNITS[match["unit"]]] = match["time"]
        value = ", ".join(line.strip() for line in self.lines)
        return [Finding("test_result", value, {"framework": "mocha"} | metadata_of(groups, "test_result"))]


def _is_ours(file: str) -> bool:
    return not file.startswith(("node:", "internal/")) and "node_modules" not in file


def _begin(line: str, shape: Shape, tool: str | None) -> FailedTest | None:
    match = shape.match(line)
    kinds = {"vitest": FailedVitest, "jest": FailedTest, None: NumberedFailure}
    return kinds[tool](line, tool, match["test"]) if match else None


OPENINGS = (
    DiagnosticOpening("jest_failure", r"^  ● \S", lambda line: _begin(line, _JEST, "jest")),
    DiagnosticOpening("vitest_failure", r"^ ?FAIL  \S+\.\w+ ", lambda line: _begin(line, _VITEST, "vitest")),
    DiagnosticOpening("numbered_failure", r"^  \d+\) \S", lambda line: _begin(line, _NUMBERED, None)),
    DiagnosticOpening("mocha_summary", r"^  \d+ passing \([\d.]+m?s?\)$", MochaTotals),
)
