"""What pyright and basedpyright find: a line with the place, and lines below it that explain."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known

_FILE = r"(?:[A-Za-z]:)?[\w./\\~@][^\s:]*\.pyi?"
_HEAD = Shape(rf" *(?P<file>{_FILE}):(?P<line>\d+):(?P<column>\d+) - (?P<severity>error|warning): (?P<message>\S.*)$")
_EXPLAINS = Shape(r"(?:\s{3}|\t)\s*\S")
_KIND = Shape(r"(?P<message>.*?) ?\((?P<kind>report\w+)\)$")


class PyrightFinding(LinesTaken):
    """One finding. The rule's name ends its last line."""

    def belongs(self, line: str) -> bool:
        return not _KIND.match(self.lines[-1]) and bool(_EXPLAINS.match(line)) and not _HEAD.match(line)

    def findings(self) -> list[Finding]:
        head = _HEAD.match(self.lines[0])
        if head is None:
            return []
        kind, first = _KIND.match(self.lines[-1]), _KIND.match(head["message"])
        metadata = known(
            kind=kind["kind"] if kind else None,
            file=head["file"],
            line=int(head["line"]),
            column=int(head["column"]),
            tool="pyright",
        )
        return [Finding(head["severity"], first["message"] if first else head["message"], metadata)]


OPENINGS = (DiagnosticOpening("pyright", rf"^ *{_FILE}:\d+:\d+ - (?:error|warning): \S", PyrightFinding),)
