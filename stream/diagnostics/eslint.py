"""Findings of ESLint (its formatter stylish), stylelint and yamllint: a file's name, and a row for each; standard's.

Also what ESLint says when it cannot run at all.
"""

import re

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known
from stream.fences import parse_opening

_ROW = Shape(
    r" +(?P<line>\d+):(?P<column>\d+) +(?P<severity>error|warning|[✖\u00d7⚠‼]) +(?P<message>\S+(?: +\S+)*?)"
    r"(?: {2,}(?P<kind>[@\w][\w@/.-]*)| {1,2}(?P<rule>\([a-z-]+\)))? *$"
)
_SEVERITIES = {"✖": "error", "\u00d7": "error", "⚠": "warning", "‼": "warning"}  # stylelint's
_TOOLS = {
    "yamllint": (".yml", ".yaml"),
    "stylelint": (".css", ".scss", ".sass", ".less", ".pcss"),
}
_STANDARD_ROW = Shape(
    r"  (?P<file>[^\s:][^:]*):(?P<line>\d+):(?P<column>\d+): (?P<message>\S.*?)"
    r"(?: \((?P<kind>[@\w][\w@/.-]*)\))?(?P<warning> \(warning\))?$"
)
_MAX_CRASH = 50  # lines
_THROWN = Shape(r"\w*Error(?: \[\w+\])?: ")


class EslintFile(LinesTaken):
    """The rows of one file; each is a finding."""

    def belongs(self, line: str) -> bool:
        return bool(_ROW.match(line))

    def findings(self) -> list[Finding]:
        rows = [_ROW.match(line) for line in self.lines]
        return [self._finding(row, index) for index, row in enumerate(rows) if row]

    def _finding(self, row: re.Match[str], index: int) -> Finding:
        name = self.lines[0]
        tool = next((tool for tool, endings in _TOOLS.items() if name.endswith(endings)), "eslint")
        kind = row["kind"] or (row["rule"] or "").strip("()")
        metadata = known(kind=kind, file=name, line=int(row["line"]), column=int(row["column"]), tool=tool)
        severity = _SEVERITIES.get(row["severity"], row["severity"])
        return Finding(severity, row["message"], metadata, first=index, last=index)


class StandardReport(LinesTaken):
    """Lines that begin with its name, and a row for each finding."""

    def belongs(self, line: str) -> bool:
        return bool(_STANDARD_ROW.match(line)) or "standard: " in line[:14]

    def findings(self) -> list[Finding]:
        rows = [(index, row) for index, line in enumerate(self.lines) if (row := _STANDARD_ROW.match(line))]
        return [self._finding(row, index) for index, row in rows]

    def _finding(self, row: re.Match[str], index: int) -> Finding:
        where = {"file": row["file"], "line": int(row["line"]), "column": int(row["column"])}
        tool = self.lines[0].partition(":")[0]
        severity = "warning" if row["warning"] else "error"
        metadata = known(kind=row["kind"], **where, tool=tool)
        return Finding(severity, row["message"], metadata, first=index, last=index)


class EslintCrash(LinesTaken):
    """`Oops!`, the version, and what is wrong. A stack is told by whoever reads stacks."""

    def belongs(self, line: str) -> bool:
        said = self._said()
        if line == self.lines[0] or len(self.lines) > _MAX_CRASH:
            return False
        if not line:
            return not said
        return (not said or bool(self.lines[-1])) and parse_opening(line.encode()) is None

    @property
    def ends_with_quiet(self) -> bool:
        return bool(self._said())

    def findings(self) -> list[Finding]:
        said = self._said()
        if not said or _THROWN.match(said) or not any(line.startswith("ESLint: ") for line in self.lines):
            return []
        return [Finding("error", said, {"tool": "eslint"})]

    def _said(self) -> str:
        return next((line for line in self.lines[1:] if line and not line.startswith("ESLint: ")), "")


OPENINGS = (
    DiagnosticOpening(
        "eslint", r"^(?:[A-Z]:)?[^\s:'\"=(]+\.(?:[cm]?[jt]sx?|vue|svelte|astro|html?|json|md)$", EslintFile
    ),
    DiagnosticOpening("stylelint", r"^(?:[A-Z]:)?[^\s:'\"=(]+\.(?:css|scss|sass|less|pcss)$", EslintFile),
    DiagnosticOpening("standard", r"^(?:ts-|semi)?standard: (?:Use |Semicolons )", StandardReport),
    DiagnosticOpening("eslint_crash", r"^Oops! Something went wrong! :\($", EslintCrash),
    DiagnosticOpening("yamllint", r"^(?:[A-Z]:)?[^\s:'\"=(]+\.ya?ml$", EslintFile),
)
