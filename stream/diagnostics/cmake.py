"""CMake's messages: where, by which command, and the text below, indented, up to an empty line and what is not."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known

_HEAD = Shape(
    r"CMake (?:Deprecation |Internal )?(?P<severity>Error|Warning)(?: \(dev\))?"
    r"(?:(?: at|: Error in cmake code at) (?P<file>\S+?):(?P<line>\d+))?(?: \((?P<command>\w+)\))?:"
    r"(?: (?P<message>\S.*))?$"
)
_STACK = "Call Stack (most recent call first):"


class CMakeMessage(LinesTaken):
    """One message. Where it begins in its first line it is whole with it."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        match = _HEAD.match(line)
        self.done = bool(match and match["message"] and not match["file"])

    def belongs(self, line: str) -> bool:
        if line:
            return line.startswith("  ") or line == _STACK
        return bool(self.lines[-1])

    @property
    def ends_with_quiet(self) -> bool:
        return len(self.lines) > 1

    def findings(self) -> list[Finding]:
        match = _HEAD.match(self.lines[0])
        if match is None:
            return []
        last = max(i for i, line in enumerate(self.lines) if line)
        message = match["message"] or self._message()
        if not message:
            return []
        line = int(match["line"]) if match["line"] else None
        metadata = known(kind=match["command"], file=match["file"], line=line, tool="cmake")
        return [Finding(match["severity"].lower(), message, metadata, last=last)]

    def _message(self) -> str:
        """The first paragraph of the text."""
        words: list[str] = []
        for line in self.lines[1:]:
            if not line or line == _STACK:
                if words:
                    break
                continue
            words.append(line.strip())
        return " ".join(words)


OPENINGS = (
    DiagnosticOpening(
        "cmake_message",
        r"^CMake (?:Deprecation |Internal )?(?:Error|Warning)(?: \(dev\))?(?: at \S| \(|: )",
        CMakeMessage,
    ),
)
