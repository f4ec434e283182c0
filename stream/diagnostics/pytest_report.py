"""What pytest says of tests that failed: a section for each, and the short summary. Shapes: pytest 6 to 9, all `--tb`.

The summary names failures again; whoever was told of by a section is not told again (`consequences`).
"""

import re
from typing import Any

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape, frame, known, stack
from stream.diagnostics.python_traceback import read_raised, said
from stream.patterns.metadata import metadata_of

_TITLE = Shape(r"_{2,} (?P<title>\S.*?) _{2,}$")
_RULE = Shape(r"(?:=+ \S.* =+|!+ .* !+|_{2,} \S.* _{2,})$")
_FAILED_AT = Shape(r"(?P<file>\S[^:]*):(?P<line>\d+): (?P<kind>[A-Za-z_][\w.]*)$")
_FRAME = Shape(r"(?P<file>\S[^:]*):(?P<line>\d+): (?:in (?P<function>\S+))?$")
_SAID = Shape(r"E {2,}(?P<text>\S.*)?$")
_KIND = Shape(r"(?P<kind>(?:[A-Za-z_]\w*\.)*[A-Z]\w*): (?P<message>.*)$")
_BARE_KIND = Shape(r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Warning)$")

_SUMMARY_LINE = Shape(r"(?:FAILED|ERROR|PASSED|SKIPPED|XFAIL|XPASS|XPASSED|XFAILED|SUBFAIL|SUBFAILED\S*)\b")
_FAILED = Shape(r"(?P<result>FAILED|ERROR) (?P<node>\S+?\.\w+(?:::[^\[]+?(?:\[.*?\])?)?)(?: - (?P<reason>\S.*))?$")
TOTALS = Shape(
    r"(?:=+ )?(?P<value>(?:(?:(?P<failed>\d+) failed|(?P<passed>\d+) passed|(?P<skipped>\d+) skipped"
    r"|(?P<errors>\d+) errors?|(?P<xfailed>\d+) xfailed|(?P<xpassed>\d+) xpassed|\d+ deselected|\d+ warnings?"
    r"|\d+ rerun|\d+ subtests passed|\d+ subtests failed)(?:, )?)+ in (?P<seconds>\d+\.\d+)s)(?: \([\d:]+\))?(?: =+)?$"
)
_MAX_ODD = 3  # lines in the summary that are none of its own, one behind the other
_MAX_FAILURES = 50


class FailureSection(Section):
    """From `____ test_name ____` to the next rule."""

    def belongs(self, line: str) -> bool:
        return not (_RULE.match(line) or TOTALS.match(line))

    def findings(self) -> list[Finding]:
        title = _TITLE.match(self.lines[0])
        said_at = [i for i, line in enumerate(self.lines) if _SAID.match(line)]
        if title is None:
            return []
        end = next((i for i, line in enumerate(self.lines) if re.match(r"-{3,} Captured \w+ ", line)), len(self.lines))
        value, metadata = self._of_marks(said_at, end) if said_at else self._of_traceback(end)
        if value is None:
            return []
        metadata = known(test=_test_of(title["title"]), tool="pytest") | metadata
        return [Finding("error", value, metadata, last=self._last())]

    def _last(self) -> int:
        return max(i for i, line in enumerate(self.lines) if line.strip())

    def _of_marks(self, said_at: list[int], end: int) -> tuple[str | None, dict[str, Any]]:
        """From the last block of lines marked with `E`: what went wrong is its first line."""
        first = next(i for i in reversed(said_at) if i - 1 not in said_at)
        match = _SAID.match(self.lines[first])
        text = (match["text"] or "" if match else "").strip()
        kind = None
        if with_kind := _KIND.match(text):
            kind, text = with_kind["kind"], with_kind["message"].strip() or with_kind["kind"]
        elif _BARE_KIND.match(text):
            kind = text
        elif text.startswith("assert "):
            kind = "AssertionError"
        frames = []
        for index, line in enumerate(self.lines[:end]):
            if failed := _FAILED_AT.match(line):
                kind = failed["kind"] if index > first else kind
                frames.append(frame(failed["file"], failed["line"]))
            elif place := _FRAME.match(line):
                frames.append(frame(place["file"], place["line"], place["function"]))
        return text, known(kind=kind, **stack(frames))

    def _of_traceback(self, end: int) -> tuple[str | None, dict[str, Any]]:
        chain = read_raised(self.lines[:end])
        return said(chain) if chain else (None, {})


class ShortSummary(Section):
    """From `short test summary info` to the totals: one result, and the failures that no section told of."""

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
        if self.done and (totals := TOTALS.match(self.lines[-1])):
            groups = {name: text for name, text in totals.groupdict().items() if text}
            value = groups.pop("value")
            names = list(dict.fromkeys(match["node"] for _, match in failed))[:_MAX_FAILURES]
            metadata = known(framework="pytest", failures=names) | metadata_of(groups, "test_result")
            found.append(Finding("test_result", value, metadata, first=len(self.lines) - 1))
        return found

    def _failure(self, index: int, match: re.Match[str]) -> Finding:
        reason, kind = match["reason"], None
        if with_kind := _KIND.match(reason):
            kind, reason = with_kind["kind"], with_kind["message"]
        file, _, test = match["node"].partition("::")
        metadata = known(kind=kind, file=file, test=_test_of_node(test), tool="pytest")
        return Finding("error", reason, metadata, first=index, last=index, consequence=True)


def _test_of(title: str) -> str:
    for words in ("ERROR at setup of ", "ERROR at teardown of ", "ERROR collecting "):
        title = title.removeprefix(words)
    return title


def _test_of_node(node: str) -> str:
    name, bracket, parameters = node.partition("[")
    return name.replace("::", ".") + bracket + parameters


OPENINGS = (
    DiagnosticOpening("pytest_failure", r"^_{2,} \S.* _{2,}$", FailureSection),
    DiagnosticOpening("pytest_summary", r"^=+ short test summary info =+$", ShortSummary),
)
