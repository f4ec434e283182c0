"""Go's panics and fatal errors, with the stacks of goroutines. Shapes: Go's `runtime/traceback.go`, 1.19 to 1.24."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape, frame, known, stack

_GOROUTINE = Shape(r"goroutine \d+(?: .*)?\[.+\]:$")
_FUNCTION = Shape(r"(?:created by )?(?P<function>[\w./*()\[\]{}·-]+?)(?:\(.*\)| in goroutine \d+)?$")
_PLACE = Shape(r"\t(?P<file>\S.*):(?P<line>\d+)(?: \+0x[0-9a-f]+)?$")
_MORE = Shape(r"\s+panic: |\[signal |\t?\[recovered|exit status \d+$|goroutine \d+ |\s*\.\.\.additional frames")


class GoPanic(Section):
    """From `panic:` to the last goroutine's stack."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._stacks = 0  # goroutines seen

    def belongs(self, line: str) -> bool:
        if _GOROUTINE.match(line):
            self._stacks += 1
            return True
        self.done = bool(self._stacks) and line.startswith("exit status ")
        if not line or _MORE.match(line) or _PLACE.match(line):
            return not (not line and not self.lines[-1])
        return bool(self._stacks and self.lines[-1] and _FUNCTION.match(line)) or self._message_goes_on(line)

    def findings(self) -> list[Finding]:
        if not self._stacks:
            return []
        kind, _, message = self.lines[0].partition(": ")
        message = message.removesuffix(" [recovered]")
        if message.startswith("runtime error: "):
            kind, message = "runtime error", message.removeprefix("runtime error: ")
        frames = self._frames()
        at = next((frame for frame in reversed(frames) if not _is_runtime(str(frame["file"]))), None)
        last = max(i for i, line in enumerate(self.lines) if line)
        return [Finding("error", message, known(kind=kind, tool="go", **stack(frames, at)), last=last)]

    def _message_goes_on(self, line: str) -> bool:
        return not self._stacks and len(self.lines) < 20 and line[:1] in " \t"

    def _frames(self) -> list[dict[str, object]]:
        """Of the first goroutine, the innermost last."""
        frames, function, stacks = [], None, 0
        for line in self.lines:
            stacks += bool(_GOROUTINE.match(line))
            if stacks > 1:
                break
            if match := _PLACE.match(line):
                frames.append(frame(match["file"], match["line"], function))
            elif stacks and (name := _FUNCTION.match(line)):
                function = name["function"]
        return frames[::-1]


def _is_runtime(file: str) -> bool:
    """Of Go itself, or of what runs tests: not where something went wrong."""
    return "/src/runtime/" in file or "/src/testing/" in file


OPENINGS = (DiagnosticOpening("go_panic", r"^(?:panic|fatal error): \S", GoPanic),)
