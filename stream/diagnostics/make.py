"""A makefile that is not there: make says so, and then that nothing tells how to make it."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Need, Shape
from stream.lazy_regex import lazy_regex

_MISSING = Shape(r"g?make(?:\[\d+\])?: (?P<message>(?P<file>\S+): (?P<kind>No such file or directory))$")
_NO_RULE = Shape(r"g?make(?:\[\d+\])?: \*\*\* No rule to make target '(?P<file>[^']+)'\.  Stop\.$")


class MissingMakefile(LinesTaken):
    """Two lines about the same file."""

    def belongs(self, line: str) -> bool:
        missing, no_rule = _MISSING.match(self.lines[0]), _NO_RULE.match(line)
        self.done = bool(missing and no_rule and missing["file"] == no_rule["file"])
        return self.done

    @property
    def ends_with_quiet(self) -> bool:
        return True

    def findings(self) -> list[Finding]:
        missing = _MISSING.match(self.lines[0]) if self.done else None
        return [Finding("error", missing["message"], {"kind": missing["kind"], "tool": "make"})] if missing else []


OPENINGS = (
    DiagnosticOpening(
        "missing_makefile",
        r"^g?make(?:\[\d+\])?: \S+: No such file or directory$",
        MissingMakefile,
        Need(lazy_regex(rb"(?m)^g?make.*No rule to make target "), 1),
    ),
)
