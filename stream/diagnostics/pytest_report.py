"""What pytest says of tests that failed: a section for each, and the short summary. Shapes: pytest 6 to 9, all `--tb`.

The summary names failures again; whoever was told of by a section is not told again (`consequences`).
"""

import re
from collections.abc import Sequence

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Section, Shape, frame, known
from stream.diagnostics.pytest_marks import MARKED, PLACE, read_failure, split_kind
from stream.patterns.metadata import metadata_of

_TITLE = Shape(r"_{2,} (?P<title>\S.*?) _{2,}$")
_RULE = Shape(r"(?:=+ \S.* =+|!+ .* !+|_{2,} \S.* _{2,})$")

_SUMMARY_LINE = Shape(r"(?:FAILED|ERROR|PASSED|SKIPPED|XFAIL|XPASS|XPASSED|XFAILED|SUBFAIL|SUBFAILED\S*)\b")
_FAILED = Shape(r"(?P<result>FAILED|ERROR) (?P<node>\S+?\.\w+(?:::[^\[]+?(?:\[.*?\])?)?)(?: - (?P<reason>\S.*))?$")
TOTALS = Shape(
    r"(?:=+ )?(?P<value>(?:(?:(?P<failed>\d+) failed|(?P<passed>\d+) passed|(?P<skipped>\d+) skipped"
    r"|(?P<errors>\d+) errors?|(?P<xfailed>\d+) xfailed|(?P<xpassed>\d+) xpassed|\d+ deselected|\d+ warnings?"
    r"|\d+ rerun|\d+ subtests passed|\d+ subtests failed)(?:, )?)+ in (?P<seconds>\d+\.\d+)s)(?: \([\d:]+\))?(?: =+)?$"
)
_STOPPED = Shape(r"!+ (?P<said>KeyboardInterrupt|_pytest\.outcomes\.Exit: \S.*?) !+$")
_STOPPED_AT = Shape(r"(?P<file>\S[^:]*):(?P<line>\d+): KeyboardInterrupt$")
_REFUSED = Shape(r"\S+: error: (?P<message>\S.*)$")
_MAX_ODD = 3  # lines in the summary that are none of its own, one behind the other
_MAX_FAILURES = 50


class FailureSection(Section):
    """From `____ test_name ____` to the next rule."""

    def belongs(self, line: str) -> bool:
        return not (_RULE.match(line) or TOTALS.match(line))

    def findings(self) -> list[Finding]:
        title = _TITLE.match(self.lines[0])
        if title is None:
            return []
        end = next((i for i, line in enumerate(self.lines) if re.match(r"-{3,} Captured \w+ ", line)), len(self.lines))
        failure = read_failure(self.lines[:end])
        if failure is None:
            return []
        value, metadata = failure
        metadata = known(test=_test_of(title["title"]), tool="pytest") | metadata
        return [Finding("error", value, metadata, last=self._last())]

    def _last(self) -> int:
        return max(i for i, line in enumerate(self.lines) if line.strip())


class ConftestError(LinesTaken):
    """A `conftest.py` that cannot be imported: no test runs, and there is no section."""

    def belongs(self, line: str) -> bool:
        return line[:1].isspace() or bool(MARKED.match(line) or PLACE.match(line))

    def findings(self) -> list[Finding]:
        failure = read_failure(self.lines)
        return [Finding("error", failure[0], known(tool="pytest") | failure[1])] if failure else []


class UsageError(LinesTaken):
    """`ERROR: usage: …`, and below it what is wrong with the command."""

    def belongs(self, line: str) -> bool:
        self.done = bool(_REFUSED.match(line))
        return self.done or line.startswith(" ")

    def findings(self) -> list[Finding]:
        refused = _REFUSED.match(self.lines[-1])
        return [Finding("error", refused["message"], {"tool": "pytest"})] if refused else []


class Stopped(LinesTaken):
    """Ctrl-C, and where it came; or `pytest.exit`."""

    def belongs(self, line: str) -> bool:
        self.done = line.startswith("(to show a full traceback on KeyboardInterrupt ")
        return self.done or bool(_STOPPED_AT.match(line))

    def findings(self) -> list[Finding]:
        finding = _stopped(self.lines, 0)
        return [finding] if finding else []


class ShortSummary(Section):
    """From `short test summary info` to the totals: one result, and what no section told of: failures, an interrupt."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._odd = 0

    def belongs(self, line: str) -> bool:
        self.done = bool(TOTALS.match(line))
        self._odd = 0 if self.done or _SUMMARY_LINE.match(line) or line.startswith("!!") else self._odd + 1
        return self._odd <= _MAX_ODD

    def findings(self) -> list[Finding]:
        failed = [(i, match) for i, line in enumerate(self.lines) if (match := _FAILED.match(line))]
        found = [self._failure(i, match) for i, match in failed if match["reason"]]
        found += [finding for i in range(len(self.lines)) if (finding := _stopped(self.lines, i))]
        if self.done and (totals := TOTALS.match(self.lines[-1])):
            groups = {name: text for name, text in totals.groupdict().items() if text}
            value = groups.pop("value")
            names = list(dict.fromkeys(match["node"] for _, match in failed))[:_MAX_FAILURES]
            metadata = known(framework="pytest", failures=names) | metadata_of(groups, "test_result")
            found.append(Finding("test_result", value, metadata, first=len(self.lines) - 1))
        return found

    def _failure(self, index: int, match: re.Match[str]) -> Finding:
        kind, reason = split_kind(match["reason"].strip())
        file, _, test = match["node"].partition("::")
        metadata = known(kind=kind, file=file, test=_test_of_node(test), tool="pytest")
        return Finding("error", reason, metadata, first=index, last=index, consequence=True)


def _stopped(lines: Sequence[str], index: int) -> Finding | None:
    """What the line at this index says, if it says why the run was stopped, and below it where."""
    match = _STOPPED.match(lines[index])
    if match is None:
        return None
    at = _STOPPED_AT.match(lines[index + 1]) if lines[index + 1 :] else None
    kind, message = split_kind(match["said"])
    metadata = known(kind=kind, tool="pytest", **(frame(at["file"], at["line"]) if at else {}))
    return Finding("error", message, metadata, first=index, last=index + (at is not None))


def _test_of(title: str) -> str:
    for words in ("ERROR at setup of ", "ERROR at teardown of ", "ERROR collecting "):
        title = title.removeprefix(words)
    return title


def _test_of_node(node: str) -> str:
    name, bracket, parameters = node.partition("[")
    return name.replace("::", ".") + bracket + parameters


OPENINGS = (
    DiagnosticOpening("pytest_failure", r"^_{2,} \S.* _{2,}$", FailureSection),
    DiagnosticOpening("pytest_conftest", r"^ImportError while loading conftest '.+'\.$", ConftestError),
    DiagnosticOpening("pytest_usage", r"^ERROR: usage: \S", UsageError),
    DiagnosticOpening("pytest_stopped", r"^!+ (?:KeyboardInterrupt|_pytest\.outcomes\.Exit: \S.*) !+$", Stopped),
    DiagnosticOpening("pytest_summary", r"^=+ short test summary info =+$", ShortSummary),
)
