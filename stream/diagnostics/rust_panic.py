"""Rust's panics, with their message on the next lines (since 1.73) or in the line, and their backtrace."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, frame, known, stack

_PANIC = Shape(
    r"(?:\s*)thread '(?P<thread>[^']*)'(?: \(\d+\))? panicked at "
    r"(?:'(?P<message>.*)', )?(?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+)(?P<new>:)?$"
)
_FUNCTION = Shape(r" +\d+: +(?:0x[0-9a-f]+ - )?(?P<function>.+)$")
_PLACE = Shape(r" +at (?P<file>.+):(?P<line>\d+):\d+$")
_MAX_MESSAGE = 40


class RustPanic(LinesTaken):
    """From the thread's name to the note, or to the end of the message, which nothing else marks."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        match = _PANIC.match(line)
        self._new = bool(match and match["new"])
        self._certain = 1
        self._backtrace = False

    def belongs(self, line: str) -> bool:
        self.done = line.startswith("note: ")
        self._backtrace = self._backtrace or line == "stack backtrace:"
        if self.done or self._backtrace:
            fits = self.done or line.startswith((" ", "stack backtrace:"))
            self._certain = len(self.lines) + fits
            return fits
        more = self._new and len(self.lines) < _MAX_MESSAGE and not line.startswith(("thread '", "----"))
        if more and self._certain == len(self.lines) and line and (len(self.lines) == 1 or line[0] == " "):
            self._certain += 1
        return more

    @property
    def ends_with_quiet(self) -> bool:
        if self._backtrace:  # its names are looked up while it is printed, which takes a while
            return False
        return not self._new or self._certain > 1

    def findings(self) -> list[Finding]:
        match = _PANIC.match(self.lines[0])
        if match is None:
            return []
        certain = self._certain
        message = match["message"] or (self.lines[1] if self._new and certain > 1 else "")
        at = frame(match["file"], match["line"]) | {"column": int(match["column"])}
        where = stack(self._frames(certain), at) or at
        test = match["thread"] if "::" in match["thread"] else None
        metadata = known(kind="panic", test=test, tool="rust", **where)
        return [Finding("error", message or "panic", metadata, last=certain - 1)]

    def _frames(self, end: int) -> list[dict[str, object]]:
        frames, function = [], None
        for line in self.lines[:end]:
            if name := _FUNCTION.match(line):
                function = name["function"]
            elif place := _PLACE.match(line):
                frames.append(frame(place["file"], place["line"], function))
        return frames[::-1]


OPENINGS = (DiagnosticOpening("rust_panic", r"^\s*thread '[^']*'(?: \(\d+\))? panicked at \S.*:\d+:\d+:?$", RustPanic),)
