"""Terraform's and OpenTofu's diagnostics: in a box, or without colours below each other."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Need, Section, Shape, known
from stream.lazy_regex import lazy_regex

_HEAD = Shape(r"(?:│ )?(?P<severity>Error|Warning): (?P<message>\S.*)$")
_PLACE = Shape(r"(?:│ )?  on (?P<file>\S+) line (?P<line>\d+)(?:, in .*)?:$")
_SOURCE = Shape(r"   *(?:\d+: |\s*├|\s*│)|  (?:on|with) \S")


def _findings(lines: list[str]) -> list[Finding]:
    head = next((match for line in lines if (match := _HEAD.match(line))), None)
    if head is None:
        return []
    place = next((match for line in lines if (match := _PLACE.match(line))), None)
    where = {"file": place["file"], "line": int(place["line"])} if place else {}
    last = max(i for i, line in enumerate(lines) if line)
    return [Finding(head["severity"].lower(), head["message"], known(**where, tool="terraform"), last=last)]


class Boxed(Section):
    """From `╷` to `╵`."""

    def belongs(self, line: str) -> bool:
        self.done = line.startswith("╵")
        return self.done or line.startswith("│")

    def findings(self) -> list[Finding]:
        return _findings(self.lines)


class Unboxed(LinesTaken):
    """The message, a blank line, the place, and the source that it shows."""

    def belongs(self, line: str) -> bool:
        if not line:
            return bool(self.lines[-1])
        return bool(_SOURCE.match(line))

    @property
    def ends_with_quiet(self) -> bool:
        return True  # most errors that begin like this are somebody else's, and are whole

    def findings(self) -> list[Finding]:
        return _findings(self.lines) if any(map(_PLACE.match, self.lines)) else []


_NEED = Need(lazy_regex(rb"(?m)^  on \S+ line \d+"), 3)

OPENINGS = (
    DiagnosticOpening("terraform_box", r"^╷$", Boxed),
    DiagnosticOpening("terraform_message", r"^(?:Error|Warning): \S", Unboxed, _NEED),
)
