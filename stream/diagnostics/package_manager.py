"""Package managers that take several lines for one failure: npm, pip, Maven."""

import re

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape, known

_NPM = Shape(r"(?:\S+ )?npm (?:ERR!|error)(?: (?P<text>.*))?$")
_NPM_FACT = Shape(
    r"(?:code|errno|syscall|path|dest|command|workspace|location|cwd|signal|spawn|file|cmd|A complete log|\s|$)\b|$"
)
_NPM_ALONE = Shape(r"[Mm]issing script: |Lifecycle script |[Cc]ould not |[Cc]anceled$|E[A-Z]{3,}|[Ii]nvalid ")
_PIP_BLOCK = Shape(r"\s*(?:\xd7|│|╰─>|note: |hint: |\[end of output\])")


class NpmError(Section):
    """Lines that begin with `npm error` or `npm ERR!`."""

    def belongs(self, line: str) -> bool:
        return bool(_NPM.match(line))

    def findings(self) -> list[Finding]:
        texts = [(match["text"] or "") if match else "" for match in map(_NPM.match, self.lines)]
        code = next((text.removeprefix("code ") for text in texts if text.startswith("code ")), None)
        said = [text for text in texts if not _NPM_FACT.match(text)]
        if not said and not code:
            return []
        value = re.sub(
            rf"^(?:{re.escape((code or '-').lstrip('E'))}|[a-z]+[a-z0-9]*) (?=[A-Z'\"])", "", said[0] if said else ""
        )
        if len(self.lines) == 1 and not code and not _NPM_ALONE.match(value):
            return []  # prose may begin a line with these words
        script = value.startswith("Lifecycle script") or code == "ELIFECYCLE"
        kind = f"exit {code}" if code and code.isdigit() else code
        return [Finding("error", value or f"code {code}", known(kind=kind, tool="npm"), consequence=script)]


class PipError(Section):
    """pip's first error, and the lines in which it explains and repeats it."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._certain = 1
        self._output = False

    def belongs(self, line: str) -> bool:
        self._output = (self._output or "lines of output]" in line) and "[end of output]" not in line
        if self._output or _PIP_BLOCK.match(line) or re.match(r"\s*(?:ERROR|error): ", line):
            self._certain = len(self.lines) + 1
            return True
        explains = "conflicting dependencies" in self.lines[0]
        return not line.strip() or (explains and len(self.lines) < 40)

    def findings(self) -> list[Finding]:
        first = self.lines[0].strip().partition(": ")[2]
        said = next((line.strip("\xd7 ") for line in self.lines if line.lstrip().startswith("\xd7 ")), first)
        kind = first if re.fullmatch(r"[a-z-]+", first) else None
        return [Finding("error", said, known(kind=kind, tool="pip"), last=self._certain - 1)]


class MavenError(Section):
    """Maven's last words: the goal that failed, and how to learn more."""

    def belongs(self, line: str) -> bool:
        return line.startswith("[ERROR]")

    def findings(self) -> list[Finding]:
        value = self.lines[0].removeprefix("[ERROR] ").removesuffix(" -> [Help 1]")
        return [Finding("error", value, {"tool": "maven"}, consequence=True)]


OPENINGS = (
    DiagnosticOpening("npm_error", r"^npm (?:ERR!|error)(?: |$)", NpmError),
    DiagnosticOpening(
        "pip_error",
        r"^ERROR: (?:Could not find a version that satisfies|Cannot install .* conflicting dependencies|No match)"
        r"|^\s*error: (?:subprocess-exited-with-error|metadata-generation-failed)$",
        PipError,
    ),
    DiagnosticOpening("maven_error", r"^\[ERROR\] Failed to execute goal ", MavenError),
)
