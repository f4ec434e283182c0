"""What jest, vitest and mocha say of tests that failed, and of suites that could not run.

rspec numbers failures as mocha does.
"""

import re
from collections.abc import Sequence

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known
from stream.diagnostics.javascript_messages import Said, place_of, said, thrown
from stream.fences import parse_opening

_JEST = Shape(r"  ● (?P<test>\S.*)$")
_VITEST = Shape(r" ?FAIL {2}(?:\|\S+\| | \S+ {2})?(?P<test>\S+\.\w+(?: > .+| \[.+\]))$")
_NUMBERED = Shape(r"  (?P<number>\d+)\) (?P<test>\S.*?):?$")
_PLACES = (
    Shape(
        r"\s+at (?:async )?(?:.*? \()?(?P<file>(?:[A-Za-z][\w+.-]*:)?[^():\s][^():]*):(?P<line>\d+):(?P<column>\d+)\)?$"
    ),
    Shape(r" \u276f (?:\S+ )?(?P<file>[^\s:]+):(?P<line>\d+):(?P<column>\d+)$"),
    Shape(r"\s+# (?P<file>[^\s:]+):(?P<line>\d+):in "),
)
_AT = Shape(r"\s{4,}at \S")
_NO_TESTS = ("Console", "Cannot log after tests are done.")  # what else jest tells with its bullet
# What stands in a test's place where the suite could not run.
_SUITE = Shape(r"Test suite failed to run$|(?P<file>[^\s>]+) \[ .+ \]$")
_MAX_COMPARISON = 200  # lines that mocha prints as they are, of what an assertion compared
_RSPEC = "Failure/Error: "


class FailedTest(LinesTaken):
    """A test's name, and what is indented below it; told where a stack, of whatever, shows that it is a failure."""

    def __init__(self, line: str, tool: str | None, test: str) -> None:
        super().__init__(line)
        self._tool = tool
        self._test = test

    def belongs(self, line: str) -> bool:
        indented = line.startswith("  ") or not line.strip()
        return indented and not (_JEST.match(line) or _NUMBERED.match(line))

    def findings(self) -> list[Finding]:
        places = places_in(self.lines)
        test, body = self._parts()
        if not body or not (places or self._is_certain(body[0])):
            return []
        place = next((match for match in places if is_ours(match["file"])), None)
        of_ruby = place is not None and place["file"].endswith(".rb")
        told = self._of_rspec(body[0]) if body[0].startswith(_RSPEC) else said(body)
        at = (place_of(place) if place else {}) | dict(told.place)
        tool = self._tool or ("rspec" if of_ruby else "mocha")
        suite = _SUITE.match(test)
        if suite and suite["file"]:
            at.setdefault("file", suite["file"])
        metadata = known(kind=told.kind, test=None if suite else test, tool=tool, **at)
        return [Finding("error", told.message, metadata, last=self._last())]

    def _is_certain(self, first: str) -> bool:
        """Whether it is a failure even without a stack."""
        return bool(_SUITE.match(self._test))

    def _parts(self) -> tuple[str, list[str]]:
        """The test's name, and what is wrong, from its first line on."""
        return self._test, _from_first(self.lines[1:])

    def _of_rspec(self, source: str) -> Said:
        """Below the source that failed: the error's name and what it says, or what was expected and what came."""
        start = next(i for i, line in enumerate(self.lines) if line.strip().startswith(_RSPEC))
        blank = next((i for i in range(start, len(self.lines)) if not self.lines[i].strip()), len(self.lines))
        first, more, *_ = [line.strip() for line in self.lines[blank + 1 : blank + 3]] + ["", ""]
        kind, message = thrown(first or source.removeprefix(_RSPEC))
        if kind:
            return Said(message or (more if first else "") or kind, kind)
        return Said(" ".join(filter(None, (first, more))) if first else source.removeprefix(_RSPEC))

    def _last(self) -> int:
        return max(i for i, line in enumerate(self.lines) if line.strip())


class NumberedFailure(FailedTest):
    """mocha breaks a test's name at its suites and ends it with a colon; a message of several lines is not indented."""

    def __init__(self, line: str, tool: str | None, test: str) -> None:
        super().__init__(line, tool, test)
        self._kind: str | None = None  # of the error, once it was named
        self._framed = False  # its stack has begun

    def belongs(self, line: str) -> bool:
        fits = super().belongs(line) or self._is_message(line)
        self._kind = self._kind or thrown(line.strip())[0]
        self._framed = self._framed or bool(_AT.match(line))
        return fits

    def _is_message(self, line: str) -> bool:
        """Blank lines stand in it only where an assertion compares."""
        if line.startswith("  ") or self._framed or self._kind is None or len(self.lines) > _MAX_COMPARISON:
            return False
        if parse_opening(line.encode()):
            return False
        return self._kind == "AssertionError" or bool(self.lines[-1].strip())

    def _parts(self) -> tuple[str, list[str]]:
        test, body = self._test, [line.strip() for line in self.lines[1:]]
        end = next((i for i, line in enumerate(body[:8]) if line.endswith(":") and not thrown(line)[0]), -1)
        if "" not in body[: end + 1]:
            test = " ".join([test, *(line.rstrip(":") for line in body[: end + 1])])
            body = body[end + 1 :]
        return test, _from_first(body)


class FailedVitest(FailedTest):
    """Below the name stand the error, what it compares and the source, up to a rule."""

    def belongs(self, line: str) -> bool:
        return not (line.startswith("⎯") or _VITEST.match(line) or (not line and len(self.lines) == 1))

    def _is_certain(self, first: str) -> bool:
        return thrown(first)[0] is not None


def places_in(lines: Sequence[str]) -> list[re.Match[str]]:
    """The frames of stacks in these lines: matches with file, line and, where it has one, column."""
    return [match for line in lines for shape in _PLACES if (match := shape.match(line))]


def is_ours(file: str) -> bool:
    """Whether a frame in this file is none of the runtime or of a package."""
    return not file.startswith(("node:", "internal/")) and "node_modules" not in file


def _from_first(lines: Sequence[str]) -> list[str]:
    """Without the blank lines before the first."""
    start = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    return [line.strip() for line in lines[start:]]


def _begin(line: str, shape: Shape, tool: str | None) -> FailedTest | None:
    match = shape.match(line)
    if match is None or (tool == "jest" and match["test"].strip().startswith(_NO_TESTS)):
        return None
    kinds = {"vitest": FailedVitest, "jest": FailedTest, None: NumberedFailure}
    return kinds[tool](line, tool, match["test"])


OPENINGS = (
    DiagnosticOpening("jest_failure", r"^  ● \S", lambda line: _begin(line, _JEST, "jest")),
    DiagnosticOpening(
        "vitest_failure", r"^ ?FAIL  (?:\|\S+\| | \S+  )?\S+\.\w+ ", lambda line: _begin(line, _VITEST, "vitest")
    ),
    DiagnosticOpening(
        "vitest_unhandled",
        r"^⎯+ (?:Unhandled|Uncaught) (?:Rejection|Exception|Error) ⎯+$",
        lambda line: FailedVitest(line, "vitest", ""),
    ),
    DiagnosticOpening("numbered_failure", r"^  \d+\) \S", lambda line: _begin(line, _NUMBERED, None)),
)
