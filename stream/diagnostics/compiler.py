"""Compilers and checkers that say `file:line:column: error: message`, the source, the caret and the notes under it.

Shapes: gcc 4 to 14, clang 3 to 19, mypy 0.9 to 2.4 (also `--pretty`), javac 8 to 21, go build and vet, golangci-lint,
cargo with `--message-format short`.
"""

import re
from typing import Any

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known

_FILE = r"<[\w-]+>|(?:[A-Za-z]:[\\/])?[\w./@\\~][\w./+@\\~-]*"  # `+` and `-` begin lines of diffs
_ERRORS = "error|Fehler|erreur|errore|错误|エラー|ошибка"
_WARNINGS = "warning|Warnung|avertissement|attention|警告|предупреждение"
# The words before `error` say how bad it is (`fatal`, `internal compiler`), in some languages as well.
_SEVERITY = rf"(?:(?:fatal|internal compiler|schwerwiegender|致命的な?) ?)?(?:{_ERRORS}|{_WARNINGS})[  ]?"
_HEADER = Shape(
    rf"(?:vet: )?(?P<file>{_FILE}):(?P<line>\d+)(?::(?P<column>\d+))?: "
    rf"(?:(?P<severity>{_SEVERITY})(?:\[(?P<kind>[\w:-]+)\])?: )?(?P<message>\S.*)$"
)
_NOTE = Shape(rf"(?:{_FILE}):\d+(?::\d+)?: (?:note|Anmerkung|remarque|info): ")
_GUTTER = Shape(r" *\d* *\|(?: |$)")
_CARET = Shape(r"\s*[\^~][\^~ ]*$")
_OPTION = Shape(r"(?P<message>.+?) +\[(?P<kind>-W[\w#+=,-]*|[a-z][\w-]*|SC\d+)\]$")
_JAVA_LINT = Shape(r"\[(?P<kind>\w+)\] (?P<message>.+)$")
_MAX_SOURCE = 6  # lines of source and message before the caret


class CompilerDiagnostic(LinesTaken):
    """One error or warning. Source without a gutter belongs to it only if a caret stands under it."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._certain = 1
        self._caret = False  # the last line that is certain is a caret, or stands under one
        self._go = ".go:" in line

    def belongs(self, line: str) -> bool:
        if self._is_certain(line):
            self._certain = len(self.lines) + 1
            return True
        if not line.strip() or _HEADER.match(line):
            return False
        return not self._caret and len(self.lines) - self._certain < _MAX_SOURCE

    def findings(self) -> list[Finding]:
        match = _HEADER.match(self.lines[0])
        if match is None:
            return []
        message, metadata = self._message(match)
        is_error = not match["severity"] or re.search(_ERRORS, match["severity"])
        return [Finding("error" if is_error else "warning", message, metadata, last=self._certain - 1)]

    def _is_certain(self, line: str) -> bool:
        behind = len(self.lines) == self._certain
        if _CARET.match(line) and not (behind and self._certain == 1):
            self._caret = True
            return True
        if behind and (_NOTE.match(line) or _GUTTER.match(line)):
            self._caret = False
            return True
        return behind and line[:1] in " \t" and bool(line.strip()) and (self._caret or (self._go and line[0] == "\t"))

    def _message(self, match: re.Match[str]) -> tuple[str, dict[str, Any]]:
        message = match["message"]
        for line in self.lines[1 : self._certain]:  # `mypy --pretty` breaks it
            if line[:1].isspace() or _NOTE.match(line) or not match["file"].endswith((".py", ".pyi")):
                break
            message = f"{message.rstrip()} {line}"
        kind = match["kind"]
        for shape in (_OPTION, _JAVA_LINT):
            if (found := shape.match(message)) and (shape is _OPTION or match["file"].endswith(".java")):
                kind, message = found["kind"], found["message"].rstrip()
                break
        column = int(match["column"]) if match["column"] else None
        tool = _tool(match["file"], match["message"])
        return message, known(kind=kind, file=match["file"], line=int(match["line"]), column=column, tool=tool)


def _tool(file: str, message: str) -> str | None:
    """The tool, where nothing else can have said it."""
    by_suffix = {"py": "mypy", "pyi": "mypy", "java": "javac", "go": "go", "rs": "rustc"}
    if suffix := by_suffix.get(file.rpartition(".")[2]):
        return suffix
    if "[-Werror," in message:
        return "clang"
    return "gcc" if "[-Werror=" in message or "\u2018" in message else None


OPENINGS = (
    DiagnosticOpening(
        "compiler_diagnostic",
        rf"^(?:{_FILE}):\d+:(?:\d+:)? {_SEVERITY}(?:\[[\w:-]+\])?: \S"
        r"|^(?:vet: )?(?:[A-Za-z]:)?[\w./\\@~][\w./\\@+~-]*\.go:\d+:\d+: \S",
        CompilerDiagnostic,
    ),
)
