"""What node's own test runner says: of tests that failed (reporter spec, and TAP), and its totals; others' TAP, too."""

import re
from typing import Any

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, frame, known
from stream.diagnostics.javascript_messages import place_of, said, thrown, with_comparison
from stream.diagnostics.javascript_tests import is_ours, places_in
from stream.patterns.metadata import metadata_of

_TEST_AT = Shape(r"test at (?P<file>\S+?):(?P<line>\d+):(?P<column>\d+)$")
_NAME = Shape(r"\u2716 (?P<test>\S.*?)(?: \([\d.]+ms\))?(?P<todo> # TODO\b.*)?$")
_SAID = Shape(r"\s+(?:(?P<kind>[A-Za-z_$][\w$.]*)(?: \[\w+\])?: )?(?P<message>\S.*)$")
_NOT_OK = Shape(r" *not ok \d+(?: (?:- )?(?P<test>\S.*?))?(?P<todo> # TODO\b.*)?$")
_FIELD = Shape(r"(?P<indent>\s+)(?P<name>error|name|location|failureType): (?P<value>\S.*)$")
_TOTAL = Shape(r"(?:#|\u2139) (?P<what>tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) (?P<count>[\d.]+)$")
_OF_NODE = ("suites", "cancelled", "todo", "duration_ms")  # mocha and others count in TAP without these
_GROUPS = {"tests": "tests", "pass": "passed", "fail": "failed", "cancelled": "errors", "skipped": "skipped"}


class FailedTest(LinesTaken):
    """`test at file:line:column`, its name, and the error, indented."""

    def belongs(self, line: str) -> bool:
        if len(self.lines) == 1:
            return bool(_NAME.match(line))
        return line.startswith("  ") or not line

    def findings(self) -> list[Finding]:
        place, name = _TEST_AT.match(self.lines[0]), _NAME.match(self.lines[1]) if len(self.lines) > 1 else None
        words = _SAID.match(self.lines[2]) if len(self.lines) > 2 else None
        if not place or not name or not words or name["todo"]:  # a failure that is expected for now is none
            return []
        at = frame(place["file"], place["line"]) | {"column": int(place["column"])}
        metadata = known(kind=words["kind"], test=name["test"], tool="node", **at)
        message = with_comparison(words["message"], self.lines[3:])
        return [Finding("error", message, metadata, last=max(i for i, line in enumerate(self.lines) if line))]


class NotOk(LinesTaken):
    """`not ok`, and the block that says why; a test that failed because one below it did is no finding."""

    def belongs(self, line: str) -> bool:
        self.done = line.strip() == "..."
        return line.strip() == "---" if len(self.lines) == 1 else line.startswith("  ")

    def findings(self) -> list[Finding]:
        fields: dict[str, str] = {}
        for index, line in enumerate(self.lines):
            if (match := _FIELD.match(line)) and match["name"] not in fields:
                value = match["value"]
                block = value.startswith(("|", ">"))
                fields[match["name"]] = self._block(index + 1, len(match["indent"])) if block else value.strip("'\"")
        name = _NOT_OK.match(self.lines[0])
        if not self.done or not name or name["todo"] or "error" not in fields:
            return []
        if fields.get("failureType") == "subtestsFailed":
            return [Finding("error", fields["error"], consequence=True)]
        place = re.match(r"(?P<file>.+):(?P<line>\d+):(?P<column>\d+)$", fields.get("location", ""))
        at = frame(place["file"], place["line"]) | {"column": int(place["column"])} if place else {}
        return [Finding("error", fields["error"], known(kind=fields.get("name"), test=name["test"], tool="node", **at))]

    def _block(self, first: int, indent: int) -> str:
        """A text of several lines, which are indented deeper than its field, in one line."""
        text = self.lines[first:]
        end = next((i for i, line in enumerate(text) if not line.startswith(" " * (indent + 1))), len(text))
        return with_comparison(text[0].strip(), text[1:end]) if end else ""


class NotOkWithStack(LinesTaken):
    """`not ok`, and below it, indented, what was thrown: as mocha does it."""

    def belongs(self, line: str) -> bool:
        return line.startswith("  ") and line.strip() != "---"

    def findings(self) -> list[Finding]:
        name, places = _NOT_OK.match(self.lines[0]), places_in(self.lines)
        first = next((i for i, line in enumerate(self.lines) if thrown(line.strip())[0]), None)
        if name is None or name["todo"] or first is None or not places:
            return []
        told = said(self.lines[first:])
        place = next((place_of(match) for match in places if is_ours(match["file"])), {})
        metadata = known(kind=told.kind, test=name["test"], tool="tap", **place)
        return [Finding("error", told.message, metadata)]


class Totals(LinesTaken):
    """One count in each line, of tests, of those that passed, and how long it took."""

    def belongs(self, line: str) -> bool:
        match = _TOTAL.match(line)
        self.done = match is not None and match["what"] == "duration_ms"
        return match is not None

    def findings(self) -> list[Finding]:
        matches = [match for match in map(_TOTAL.match, self.lines) if match]
        groups: dict[str, Any] = {_GROUPS[m["what"]]: m["count"] for m in matches if m["what"] in _GROUPS}
        if "passed" not in groups or "failed" not in groups:
            return []
        groups.pop("tests", None)
        if matches[-1]["what"] == "duration_ms":
            groups["milliseconds"] = matches[-1]["count"]
        value = ", ".join(f"{m['what']} {m['count']}" for m in matches if m["what"] in _GROUPS)
        of_node = matches[0][0].startswith("\u2139") or any(m["what"] in _OF_NODE for m in matches)
        framework = "node" if of_node else "tap"
        return [Finding("test_result", value, {"framework": framework} | metadata_of(groups, "test_result"))]


OPENINGS = (
    DiagnosticOpening("node_test_failure", r"^test at \S+:\d+:\d+$", FailedTest),
    DiagnosticOpening("tap_failure", r"^ *not ok \d+", NotOk),
    DiagnosticOpening("tap_stack", r"^ *not ok \d+ ", NotOkWithStack),
    DiagnosticOpening("node_test_summary", "^(?:#|\u2139) tests \\d+$", Totals),
)
