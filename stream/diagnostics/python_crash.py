"""What Python's own runtime says before it dies: the fault, and where each thread was. Shapes: Python 3.8 to 3.14."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Shape, frame, known, stack
from stream.diagnostics.native_crash import LastWords

_HEAD = Shape(r"Fatal Python error: (?P<message>\S.*)$")
_THREAD = Shape(r"(?:Current thread|Thread) 0x[0-9a-f]+.* \(most recent call first\):$")
_FRAME = Shape(r'  File "(?P<file>.+?)", line (?P<line>\d+|\?\?\?) in (?P<function>.+)$')
_MORE = Shape(r"(?:Python runtime state: |Extension modules: |  <|  \.\.\.)")


class FatalError(LastWords):
    """From `Fatal Python error:` to the stack of the last thread."""

    def goes_on(self, line: str) -> bool:
        return not line or any(shape.match(line) for shape in (_THREAD, _FRAME, _MORE))

    def findings(self) -> list[Finding]:
        head = _HEAD.match(self.lines[0])
        metadata = known(kind="Fatal Python error", tool="python", **stack(self._frames()))
        return [Finding("error", head["message"], metadata, last=self.last)] if head else []

    def _frames(self) -> list[dict[str, object]]:
        """Of the thread that failed, which comes first or is called the current one; the innermost last."""
        threads = [i for i, line in enumerate(self.lines) if _THREAD.match(line)]
        start = next((i for i in threads if self.lines[i].startswith("Current")), threads[0] if threads else 0)
        frames = []
        for line in self.lines[start + 1 :]:
            match = _FRAME.match(line)
            if match is None:
                break
            frames.append(frame(match["file"], match["line"].strip("?"), match["function"]))
        return frames[::-1]


OPENINGS = (DiagnosticOpening("python_crash", r"^Fatal Python error: \S", FatalError),)
