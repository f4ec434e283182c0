"""Findings of ESLint (its formatter stylish) and yamllint: a file's name, and a row for each."""

import re

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known

_ROW = Shape(
    r" +(?P<line>\d+):(?P<column>\d+) +(?P<severity>error|warning) +(?P<message>\S.*?)"
    r"(?: {2,}(?P<kind>[@\w][\w@/.-]*)| {1,2}(?P<rule>\([a-z-]+\)))?$"
)


class EslintFile(LinesTaken):
    """The rows of one file; each is a finding."""

    def belongs(self, line: str) -> bool:
        return bool(_ROW.match(line))

    def findings(self) -> list[Finding]:
        rows = [_ROW.match(line) for line in self.lines]
        return [self._finding(row, index) for index, row in enumerate(rows) if row]

    def _finding(self, row: re.Match[str], index: int) -> Finding:
        tool = "yamllint" if self.lines[0].endswith((".yml", ".yaml")) else "eslint"
        kind = row["kind"] or (row["rule"] or "").strip("()")
        metadata = known(kind=kind, file=self.lines[0], line=int(row["line"]), column=int(row["column"]), tool=tool)
        return Finding(row["severity"], row["message"], metadata, first=index, last=index)


OPENINGS = (
    DiagnosticOpening(
        "eslint", r"^(?:[A-Z]:)?[^\s:'\"=(]+\.(?:[cm]?[jt]sx?|vue|svelte|astro|html?|json|md)$", EslintFile
    ),
    DiagnosticOpening("yamllint", r"^(?:[A-Z]:)?[^\s:'\"=(]+\.ya?ml$", EslintFile),
)
