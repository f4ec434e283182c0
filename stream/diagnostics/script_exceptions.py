"""What ended a program of PHP, Lua or Elixir: its message, and the stack below it.

Shapes: PHP 7 and 8, Lua 5.1 to 5.4, Elixir 1.14.
"""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, frame, known, stack

_PHP = Shape(
    r"(?:PHP )?Fatal error: +Uncaught (?P<kind>[\w\\]+): (?P<message>.*?)"
    r"(?:, called in \S+ on line \d+ and defined)? in (?P<file>\S+):(?P<line>\d+)$"
)
_PHP_FRAME = Shape(r"#\d+ (?P<file>[^\s(]+)\((?P<line>\d+)\): (?P<function>[^(]+)")
_LUA = Shape(r"(?:lua[\d.]*|luajit[\d.-]*): (?P<file>[^:]+):(?P<line>\d+): (?P<message>\S.*)$")
_LUA_FRAME = Shape(r"\t(?P<file>[^:\s]+):(?P<line>\d+): in (?P<function>.*)$")
_ELIXIR = Shape(
    r"\*\* \((?P<kind>[A-Z][\w.]*)\) (?:(?P<file>\S+\.(?:exs?|erl)):(?P<line>\d+)(?::\d+)?: )?(?P<message>\S.*)$"
)
_ELIXIR_FRAME = Shape(r"    (?:\([\w.]+ [\w.-]+\) )?(?P<file>\S+\.(?:exs?|erl)):(?P<line>\d+): (?P<function>\S.*)$")


class ScriptException(LinesTaken):
    """`head` is its first line, `frame` a line of its stack; `words` are other lines that may stand there."""

    head: Shape
    frame: Shape
    words: tuple[str, ...] = ()
    tool = ""

    def belongs(self, line: str) -> bool:
        return bool(self.frame.match(line)) or line.startswith(self.words or "\0")

    def findings(self) -> list[Finding]:
        match = self.head.match(self.lines[0])
        if match is None:
            return []
        groups = match.groupdict()
        frames = [
            frame(found["file"], found["line"], found["function"])
            for line in self.lines[1:]
            if (found := self.frame.match(line))
        ]
        at = frame(groups["file"], groups["line"], groups.get("function")) if groups.get("file") else None
        frames = ([at] if at else []) + frames
        where = stack(frames[::-1], at) if len(frames) > 1 else at or stack(frames)
        last = max(i for i, line in enumerate(self.lines) if line)
        metadata = known(kind=groups.get("kind"), tool=self.tool, **where)
        return [Finding("error", match["message"], metadata, last=last)]


class PhpException(ScriptException):
    """An exception that nobody caught."""

    head, frame, tool = _PHP, _PHP_FRAME, "php"
    words = ("Stack trace:", "#", "  thrown in ")


class LuaError(ScriptException):
    """What the interpreter says."""

    head, frame, tool = _LUA, _LUA_FRAME, "lua"
    words = ("stack traceback:", "\t[C]: ", "\t...")


class ElixirException(ScriptException):
    """An exception of a script or of a test run by hand."""

    head, frame, tool = _ELIXIR, _ELIXIR_FRAME, "elixir"


OPENINGS = (
    DiagnosticOpening("php_exception", r"^(?:PHP )?Fatal error: +Uncaught [\w\\]+: ", PhpException),
    DiagnosticOpening("lua_error", r"^(?:lua[\d.]*|luajit[\d.-]*): [^:]+:\d+: \S", LuaError),
    DiagnosticOpening("elixir_exception", r"^\*\* \([A-Z][\w.]*\) \S", ElixirException),
)
