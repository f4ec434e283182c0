"""esbuild's messages and Biome's findings: a first line, and the source that it is about."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Section, Shape, known

_ESBUILD = Shape(r"(?:✘|X|▲) \[(?P<severity>ERROR|WARNING)\] (?P<message>\S.*?)(?: \[(?P<kind>[\w:/-]+)\])?$")
_ESBUILD_PLACE = Shape(r"    (?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+):$")
_BIOME = Shape(r"(?P<file>\S+?):(?P<line>\d+):(?P<column>\d+) (?P<kind>[\w/]+)(?: +[A-Z]+)* +━{5,}$")
_BIOME_MESSAGE = Shape(r"  (?P<mark>[×✖!⚠i]) (?P<message>\S.*)$")  # noqa: RUF001


class EsbuildMessage(LinesTaken):
    """The message, a blank line, its place, the source, and notes."""

    def belongs(self, line: str) -> bool:
        return line.startswith("  ") or (not line and bool(self.lines[-1]))

    @property
    def ends_with_quiet(self) -> bool:
        return len(self.lines) > 1

    def findings(self) -> list[Finding]:
        head = _ESBUILD.match(self.lines[0])
        if head is None:
            return []
        place = next((match for line in self.lines[1:] if (match := _ESBUILD_PLACE.match(line))), None)
        where = {"file": place["file"], "line": int(place["line"]), "column": int(place["column"]) + 1} if place else {}
        last = max(i for i, line in enumerate(self.lines) if line)
        metadata = known(kind=head["kind"], **where, tool="esbuild")
        return [Finding(head["severity"].lower(), head["message"], metadata, last=last)]


class BiomeFinding(Section):
    """From the line with the place to the next one, or to what is not indented."""

    def belongs(self, line: str) -> bool:
        return not line.strip() or line.startswith("  ")

    def findings(self) -> list[Finding]:
        head = _BIOME.match(self.lines[0])
        told = next((match for line in self.lines[1:] if (match := _BIOME_MESSAGE.match(line))), None)
        if head is None or told is None or told["mark"] == "i":
            return []
        severity = "error" if told["mark"] in "×✖" else "warning"  # noqa: RUF001
        where = {"file": head["file"], "line": int(head["line"]), "column": int(head["column"])}
        last = max(i for i, line in enumerate(self.lines) if line.strip())
        return [Finding(severity, told["message"], known(kind=head["kind"], **where, tool="biome"), last=last)]


OPENINGS = (
    DiagnosticOpening("esbuild_message", r"^(?:✘|X|▲) \[(?:ERROR|WARNING)\] \S", EsbuildMessage),
    DiagnosticOpening("biome_finding", r"^\S+:\d+:\d+ \S.* ━{5,}$", BiomeFinding),
)
