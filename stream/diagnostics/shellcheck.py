"""ShellCheck's findings as it prints them for people: the place, the line of the script, and what points into it."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known

_HEAD = Shape(r"In (?P<file>\S.*) line (?P<line>\d+):$")
_POINT = Shape(r"(?P<before> *)\^-*\^?-* (?P<kind>SC\d+) \((?P<severity>\w+)\): (?P<message>\S.*)$")


class ScriptLine(LinesTaken):
    """The findings of one line of a script; each is told."""

    def belongs(self, line: str) -> bool:
        if len(self.lines) == 1:
            return bool(line)
        return bool(_POINT.match(line))

    def findings(self) -> list[Finding]:
        head = _HEAD.match(self.lines[0])
        found: list[Finding] = []
        for index, line in enumerate(self.lines[1:], 1):
            if head and (match := _POINT.match(line)):
                severity = "error" if match["severity"] == "error" else "warning"
                where = {"file": head["file"], "line": int(head["line"]), "column": len(match["before"]) + 1}
                metadata = known(kind=match["kind"], **where, tool="shellcheck")
                found.append(Finding(severity, match["message"], metadata, first=0 if not found else index, last=index))
        return found


OPENINGS = (DiagnosticOpening("shellcheck", r"^In \S.* line \d+:$", ScriptLine),)
