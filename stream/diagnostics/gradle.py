"""What Gradle says went wrong, and why."""

from stream.diagnostics.diagnostic import MAX_CAUSES, DiagnosticOpening, Finding, Section, Shape, known

_HEADING = "* What went wrong:"
_WHERE = Shape(r"(?:Build file|Settings file|Script|Initialization script) '(?P<file>.+)' line: (?P<line>\d+)$")
_CAUSE = Shape(r"\s*> (?P<message>\S.*)$")


class GradleFailure(Section):
    """From `FAILURE:` (or the heading alone) to what Gradle proposes to try. What a task ran has mostly said why."""

    def belongs(self, line: str) -> bool:
        self.done = line.startswith("* Try")
        return line != self.lines[0] and not line.startswith(("BUILD FAILED", "FAILURE: "))

    def findings(self) -> list[Finding]:
        start = self.lines.index(_HEADING) + 1 if _HEADING in self.lines else 0
        if not 0 < start < len(self.lines) or not self.lines[start]:
            return []
        end = next((i for i in range(start, len(self.lines)) if not self.lines[i]), len(self.lines))
        message = self.lines[start]
        causes = [match["message"] for line in self.lines[start + 1 : end] if (match := _CAUSE.match(line))]
        place = next(filter(None, map(_WHERE.match, self.lines)), None)
        at = {"file": place["file"], "line": int(place["line"])} if place else {}
        metadata = known(tool="gradle", **at, causes=[{"message": cause} for cause in causes[:MAX_CAUSES]])
        failed_task = message.startswith("Execution failed for task ")
        return [Finding("error", message, metadata, last=end - 1, consequence=failed_task)]


OPENINGS = (
    DiagnosticOpening(
        "gradle_failure", r"^(?:FAILURE: Build (?:failed|completed) with .+|\* What went wrong:)$", GradleFailure
    ),
)
