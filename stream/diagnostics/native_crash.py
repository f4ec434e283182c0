"""What a program says before a signal ends it, and the shell's word for that signal, which is no error of its own.

Shapes: C's `assert` (glibc, musl, BSD), C++'s `terminate` (libstdc++, libc++), V8 where it cannot go on.
"""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Need, Section, Shape, known
from stream.lazy_regex import lazy_regex

_SIGNAL = Shape(
    r"(?:[\w./-]+: line \d+: +\d+ )?"
    r"(?:Segmentation fault|Bus error|Illegal instruction|Floating point exception|Aborted|Trace/breakpoint trap"
    r"|Abort trap: \d+)(?:$| \(core dumped\)| {3,}\S)"
)
_ASSERTION = (
    Shape(
        r"(?:[\w./+-]+: )?(?P<file>[\w./+-]+):(?P<line>\d+): (?P<function>.+): "
        r"Assertion [`'\u2018](?P<message>.+)['\u2019] failed\.$"
    ),
    Shape(r"Assertion failed: (?P<message>.+) \((?P<file>[^\s():]+): (?P<function>.+): (?P<line>\d+)\)$"),
    Shape(
        r"Assertion failed: \((?P<message>.+)\), function (?P<function>.+), file (?P<file>\S+), line (?P<line>\d+)\.$"
    ),
)
_THROWN = (
    Shape(r"terminate called after throwing an instance of '(?P<kind>.+)'$"),
    Shape(r"terminate called (?P<message>without an active exception|recursively)$"),
    Shape(
        r"libc\+\+abi: terminating (?:due to|with) uncaught exception of type (?P<kind>[\w:<>, *&]+?)"
        r"(?:: (?P<message>\S.*))?$"
    ),
)
_WHAT = Shape(r"  what\(\): +(?P<message>\S.*)$")
_V8_STACK = Shape(r"-+ (?:Native|JavaScript) stack trace -+$| *\d+: (?:0x[0-9a-fA-F]+|[0-9a-fA-F]{8,}) ")
_WITHIN = 3  # lines behind V8's message: there, if at all, begins what shows that it was one


class LastWords(Section):
    """The message, what `goes_on` says belongs to it, and the shell's word: it comes once the core was dumped."""

    def belongs(self, line: str) -> bool:
        self.done = bool(_SIGNAL.match(line))
        return self.done or self.goes_on(line)

    def goes_on(self, line: str) -> bool:
        """Whether more of what the program says stands in this line."""
        return False

    @property
    def last(self) -> int:
        """The index of the last line that is not blank."""
        return max(i for i, line in enumerate(self.lines) if line)


class FailedAssertion(LastWords):
    """One line; the value is what does not hold."""

    def findings(self) -> list[Finding]:
        match = next(filter(None, (shape.match(self.lines[0]) for shape in _ASSERTION)), None)
        if match is None:
            return []
        place = known(file=match["file"], line=int(match["line"]), function=match["function"])
        return [Finding("error", match["message"], {"kind": "assertion", **place})]


class Terminated(LastWords):
    """The exception's type and, in the next line, what it says."""

    def goes_on(self, line: str) -> bool:
        return len(self.lines) == 1 and bool(_WHAT.match(line))

    def findings(self) -> list[Finding]:
        match = next(filter(None, (shape.match(self.lines[0]) for shape in _THROWN)), None)
        if match is None:
            return []
        told = match.groupdict()
        what = next(filter(None, map(_WHAT.match, self.lines)), None)
        message = what["message"] if what else told.get("message")
        return [Finding("error", message or self.lines[0], known(kind=told.get("kind")))]


class FatalOfV8(LastWords):
    """Its message and its own stack, or right below it the shell's word, as of any other program."""

    def goes_on(self, line: str) -> bool:
        return bool(_V8_STACK.match(line)) or (not line and (len(self.lines) < _WITHIN or self.last > 0))

    @property
    def ends_with_quiet(self) -> bool:
        return len(self.lines) == 1  # anybody may begin a line so

    def findings(self) -> list[Finding]:
        if not self.last:
            return []
        tool = "node" if any(map(_V8_STACK.match, self.lines)) else None
        return [Finding("error", self.lines[0].removeprefix("FATAL ERROR: "), known(tool=tool), last=self.last)]


_NEED = Need(
    lazy_regex(
        rb"(?m)^-+ (?:Native|JavaScript) stack|^ *\d+: "
        rb"|Segmentation fault|Bus error|Illegal instruction|Floating point exception|Aborted|trap"
    ),
    _WITHIN,
)

OPENINGS = (
    DiagnosticOpening(
        "c_assertion",
        r"^[\w./+-]+: [\w./+-]+:\d+: .+: Assertion .+ failed\.$|^Assertion failed: .+\d\)?\.?$",
        FailedAssertion,
    ),
    DiagnosticOpening(
        "cpp_terminate",
        r"^terminate called (?:after throwing an instance of '.+'|without an active exception|recursively)$"
        r"|^libc\+\+abi: terminating (?:due to|with) uncaught exception of type \S",
        Terminated,
    ),
    DiagnosticOpening("v8_fatal", r"^FATAL ERROR: \S", FatalOfV8, _NEED),
)
