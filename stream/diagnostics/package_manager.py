"""Package managers that take several lines for one failure: npm, pnpm, pip, Maven."""

import re

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Section, Shape, known
from stream.lazy_regex import lazy_regex

_NPM = Shape(r"(?:\S+ )?npm (?:ERR!|error)(?: (?P<text>.*))?$")
_NPM_FACT = Shape(
    r"(?:code|errno|syscall|path|dest|command|workspace|location|cwd|signal|spawn|file|cmd|A complete log|\s|$)\b|$"
)
_NPM_THROWN = Shape(r"(?:\w+ ERR! stack )?(?P<kind>\w*Error)(?: \[\w+\])?: (?P<message>\S.*)$")
_NPM_WARNING = Shape(r"npm (?:WARN|warn)(?: (?P<text>.*))?$")
_NPM_LABEL = Shape(r"(?P<label>[A-Z]{4,}|[a-z]+(?:-[a-z]+)+|cleanup) (?P<text>\S.*)$")
_NPM_NEW = Shape(r"(?:[A-Z]{4,}|deprecated|config|using|old|Unknown) ")
_NPM_ALONE = Shape(r"[Mm]issing script: |Lifecycle script |[Cc]ould not |[Cc]anceled$|E[A-Z]{3,}|[Ii]nvalid ")
_PNPM_SAID = lazy_regex(r"^  (?:\xd7|╰─▶|├─▶) ")
_PIP_ERROR = Shape(r"\s*(?:ERROR|error): ")
_PIP_FIRST = Shape(r"ERROR: Ignored the following ")
_PIP_SECOND = Shape(r"ERROR: Could not find a version ")
_PIP_LAST = Shape(r"ERROR: (?:No matching distribution found|ResolutionImpossible)\b")
_PIP_MORE = Shape(
    r"\s*(?:ERROR|error): (?:Failed (?:building|to build) |Could not build |(?!subprocess-exited)[a-z]+(?:-[a-z]+)+$)"
)
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
        if "command failed" in texts:
            return [self._of_script(texts, code)]
        value = re.sub(
            rf"^(?:{re.escape((code or '-').lstrip('E'))}|[a-z]+[a-z0-9]*) (?=[A-Z'\"])", "", said[0] if said else ""
        )
        if len(self.lines) == 1 and not code and not _NPM_ALONE.match(value):
            return []  # prose may begin a line with these words
        script = value.startswith("Lifecycle script") or code == "ELIFECYCLE"
        kind = f"exit {code}" if code and code.isdigit() else code
        return [Finding("error", value or f"code {code}", known(kind=kind, tool="npm"), consequence=script)]

    def _of_script(self, texts: list[str], code: str | None) -> Finding:
        """What the script threw, where npm shows what it printed; else that it failed."""
        thrown = next((match for text in texts if (match := _NPM_THROWN.match(text))), None)
        if thrown:
            return Finding("error", thrown["message"], {"kind": thrown["kind"], "tool": "npm"})
        command = next((text for text in texts if text.startswith("command ") and text != "command failed"), "")
        value = ": ".join(filter(None, ("command failed", command.removeprefix("command "))))
        return Finding("error", value, known(kind=f"exit {code}" if code else None, tool="npm"), consequence=True)


class NpmWarning(LinesTaken):
    """A warning of several lines: a label before each of them, or before the first, and what is indented."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        match = _NPM_LABEL.match(_text(line))
        self._label = match["label"] if match else ""

    def belongs(self, line: str) -> bool:
        if not _NPM_WARNING.match(line):
            return False
        text = _text(line)
        if self._label == "ERESOLVE":  # it stands before the first line alone
            return not _NPM_NEW.match(text)
        rest = text.removeprefix(self._label)
        if self._label and rest == text:
            return False
        listed = self._label.islower() and _text(self.lines[0]).endswith(":")
        return listed or rest.startswith("  ") or rest.strip() in ("", "}", "]")

    @property
    def ends_with_quiet(self) -> bool:
        return True

    def findings(self) -> list[Finding]:
        if len(self.lines) == 1:
            return []
        label = _NPM_LABEL.match(_text(self.lines[0]))
        if label is None:
            return []
        value = label["text"]
        if value.endswith("{"):  # it says nothing yet
            value = " ".join([value, *(_text(line).removeprefix(self._label).strip() for line in self.lines[1:])])
        return [Finding("warning", value, {"kind": self._label, "tool": "npm"})]


class PnpmError(LinesTaken):
    """`Error:` and a code, a blank line, what pnpm was doing (a cross), and below it why (`╰─▶`)."""

    def belongs(self, line: str) -> bool:
        return (not line and len(self.lines) == 1) or line.startswith("  ")

    def findings(self) -> list[Finding]:
        mark = max((i for i, line in enumerate(self.lines) if _PNPM_SAID.match(line)), default=None)
        if mark is None:
            return []
        words = [_PNPM_SAID.sub("", self.lines[mark])]
        for line in self.lines[mark + 1 :]:
            if not line.startswith("      "):
                break
            words.append(line.strip())
        return [Finding("error", " ".join(words), {"kind": self.lines[0].removeprefix("Error: "), "tool": "pnpm"})]


class PipError(Section):
    """pip's first error, and the lines in which it explains and repeats it. Another error is another failure."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._certain = 1
        self._output = False

    def belongs(self, line: str) -> bool:
        self._output = (self._output or "lines of output]" in line) and "[end of output]" not in line
        self.done = not self._output and bool(_PIP_LAST.match(line))
        if self._output or self.done or _PIP_BLOCK.match(line) or self._repeats(line):
            self._certain = len(self.lines) + 1
            return True
        explains = "conflicting dependencies" in self.lines[0] and not _PIP_ERROR.match(line)
        return not line.strip() or (explains and len(self.lines) < 40)

    def _repeats(self, line: str) -> bool:
        if _PIP_FIRST.match(self.lines[-1]):
            return bool(_PIP_FIRST.match(line) or _PIP_SECOND.match(line))
        return bool(_PIP_MORE.match(line))

    def findings(self) -> list[Finding]:
        said_first = next((line for line in self.lines if not _PIP_FIRST.match(line)), self.lines[0])
        first = said_first.strip().partition(": ")[2]
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


def _text(line: str) -> str:
    match = _NPM_WARNING.match(line)
    return (match["text"] or "") if match else ""


OPENINGS = (
    DiagnosticOpening("npm_error", r"^npm (?:ERR!|error)(?: |$)", NpmError),
    DiagnosticOpening("npm_warning", r"^npm (?:WARN|warn) (?:[A-Z]{4,}|[a-z]+(?:-[a-z]+)+|cleanup) \S", NpmWarning),
    DiagnosticOpening("pnpm_error", r"^Error: ERR_PNPM_[A-Z0-9_]+$", PnpmError),
    DiagnosticOpening(
        "pip_error",
        r"^ERROR: (?:Ignored the following |Could not find a version that satisfies |No match)"
        r"|^ERROR: Cannot install .* conflicting dependencies"
        r"|^\s*error: (?:subprocess-exited-with-error|metadata-generation-failed)$",
        PipError,
    ),
    DiagnosticOpening("maven_error", r"^\[ERROR\] Failed to execute goal ", MavenError),
)
