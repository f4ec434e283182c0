"""What Ruby's minitest says of a test that failed, also as Rails prints it."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape, frame, known, stack

_TEST = Shape(r"(?P<test>[\w:]+#\S.*?)(?: \[(?P<file>[^\[\]:]+):(?P<line>\d+)\])?:$")
_KIND = Shape(r"(?P<kind>[A-Z]\w*(?:::[A-Z]\w*)*): +(?P<message>\S.*)$")
_FRAME = Shape(r"    (?P<file>\S.*?):(?P<line>\d+):in [`'](?P<function>.*)'$")
_END = Shape(r"(?: +\d+\) \w+:$|\d+ (?:runs|tests), |(?:bin/)?rails test )")


class MinitestFailure(Section):
    """From `Failure:` or `Error:` to the next one, or to the summary."""

    def belongs(self, line: str) -> bool:
        if len(self.lines) == 1:
            return bool(_TEST.match(line))
        return not _END.match(line)

    def findings(self) -> list[Finding]:
        test = _TEST.match(self.lines[1]) if len(self.lines) > 2 else None
        if test is None:
            return []
        last = max(i for i, line in enumerate(self.lines) if line)
        said = [line for line in self.lines[2 : last + 1] if not _FRAME.match(line)]
        raised = _KIND.match(said[0]) if self.lines[0].endswith("Error:") and said else None
        message = raised["message"] if raised else " ".join(line.strip() for line in said if line)
        frames = [
            frame(place["file"], place["line"], place["function"])
            for line in self.lines[2:]
            if (place := _FRAME.match(line))
        ]
        at = frame(test["file"], test["line"]) if test["file"] else {}
        kind = raised["kind"] if raised else None
        metadata = known(kind=kind, test=test["test"], tool="minitest") | (at or stack(frames[::-1]))
        return [Finding("error", message or test["test"], metadata, last=last)]


OPENINGS = (DiagnosticOpening("minitest_failure", r"^(?: +\d+\) )?(?:Failure|Error):$", MinitestFailure),)
