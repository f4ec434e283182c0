"""What the sanitizers of gcc and clang report: the fault, and the stack that it happened in."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape, frame, known, stack

_HEAD = Shape(
    r"(?:==\d+== ?ERROR|WARNING): (?P<tool>\w+Sanitizer): (?P<message>(?P<kind>[\w-]+(?: [a-z-]+)*).*?)"
    r"(?: at pc 0x[0-9a-f].*| \(pid=\d+\)| \(pc 0x.*)?$"
)
_FRAME = Shape(r" +#\d+ 0x[0-9a-f]+ (?:in )?(?P<function>.+?) (?P<file>[^\s()]+?):(?P<line>\d+)(?::\d+)?(?: \(.*\))?$")
_STACK_LINE = Shape(r" +#\d+ ")
_MORE = Shape(
    r"\s|=>|==\d+==|={18,}$|SUMMARY: |Shadow |HINT: |NOTE: |Address |(?:Direct|Indirect) leak|Objects |Thread "
    r"|(?:READ|WRITE|Read|Write|Previous|Location|Mutex|Cycle|Uninitialized) |0x[0-9a-f]+ is |\w+Sanitizer"
    r"|(?:freed|allocated|previously) |This frame "
)


class SanitizerReport(Section):
    """From the fault to the last line that the process prints before it gives up."""

    def belongs(self, line: str) -> bool:
        self.done = line.endswith("==ABORTING")
        return self.done or not line or bool(_MORE.match(line))

    def findings(self) -> list[Finding]:
        head = _HEAD.match(self.lines[0])
        if head is None or not any(map(_STACK_LINE.match, self.lines)):
            return []
        frames = self._frames()
        at = next((frame for frame in reversed(frames) if not _is_runtime(str(frame["file"]))), None)
        last = max(i for i, line in enumerate(self.lines) if line)
        metadata = known(kind=head["kind"].removesuffix(" on address"), tool=head["tool"], **stack(frames, at))
        return [Finding("error", head["message"], metadata, last=last)]

    def _frames(self) -> list[dict[str, object]]:
        """Of the first stack, the innermost last."""
        start = next(i for i, line in enumerate(self.lines) if _STACK_LINE.match(line))
        frames = []
        for line in self.lines[start:]:
            if not _STACK_LINE.match(line):
                break
            if match := _FRAME.match(line):
                frames.append(frame(match["file"], match["line"], match["function"]))
        return frames[::-1]


def _is_runtime(file: str) -> bool:
    """Of the sanitizer itself, or of the C library."""
    return "sanitizer" in file or "/asan/" in file or file.startswith("../")


OPENINGS = (DiagnosticOpening("sanitizer", r"^(?:==\d+== ?ERROR|WARNING): \w+Sanitizer: \S", SanitizerReport),)
