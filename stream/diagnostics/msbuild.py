"""The end of an MSBuild that failed: it says every error and warning once more."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape

_COUNT = Shape(r" +\d+ (?P<what>Warning|Error)\(s\)$")
_AGAIN = Shape(r".*: (?:error|warning) [A-Z]+\d+: ")


class BuildFailed(Section):
    """From `Build FAILED.` to the number of errors. It counts only where the errors were not told above."""

    def belongs(self, line: str) -> bool:
        count = _COUNT.match(line)
        self.done = bool(count and count["what"] == "Error")
        return bool(count) or not line or bool(_AGAIN.match(line))

    def findings(self) -> list[Finding]:
        if not self.done:
            return []
        return [Finding("error", "Build FAILED.", {"tool": "dotnet"}, consequence=True)]


OPENINGS = (DiagnosticOpening("msbuild_failed", r"^Build FAILED\.$", BuildFailed),)
