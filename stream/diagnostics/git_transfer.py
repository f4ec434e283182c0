"""What git says of a push or a fetch: the other side, the refs, and why some were refused. Shapes: git 2.20 to 2.50.

On an agent's screen it may stand behind a corner, `  └ To …`, the other lines as deep below.
"""

import re
from typing import Any

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known

_CORNER = r" *[└⎿] +"
_SIDE = Shape(rf"(?P<corner>{_CORNER})?(?P<way>To|From) (?P<place>\S+)$")
_REF = Shape(
    r" (?P<flag>[ +*=t!-]) (?:(?P<old>[0-9a-f]{7,40})\.{2,3}(?P<sha>[0-9a-f]{7,40})|\[(?P<what>[\w /]+)\]|\* \w+)"
    r" +(?P<refs>\S+(?: +-> \S+)?)(?: +\((?P<reason>.+)\))?$"
)


class Transfer(LinesTaken):
    """The other side, and a line for each ref: one event for what was moved, one error for what was refused."""

    def __init__(self, line: str) -> None:
        side = _SIDE.match(line)
        self._depth = len(side["corner"] or "") if side else 0
        super().__init__(line[self._depth :])

    def take(self, line: str) -> bool:
        return not line[: self._depth].strip() and super().take(line[self._depth :])

    def belongs(self, line: str) -> bool:
        refused = self._refused()
        return bool(_REF.match(line)) or (bool(refused) and line.startswith(("error: failed to push", "hint: ")))

    def findings(self) -> list[Finding]:
        side = _SIDE.match(self.lines[0])
        refs = [match for line in self.lines[1:] if (match := _REF.match(line))]
        if side is None or not refs:
            return []
        moved = [match for match in refs if match["flag"] not in "!="]
        found = []
        if moved:
            found.append(Finding("git", self._refs(moved), self._metadata(side, moved[0]), last=len(refs)))
        if refused := self._refused():
            found.append(self._refusal(refused))
        return found

    def _refused(self) -> list[re.Match[str]]:
        return [match for line in self.lines if (match := _REF.match(line)) and match["flag"] == "!"]

    def _refs(self, matches: list[re.Match[str]]) -> str:
        return ", ".join(re.sub(r" +", " ", match["refs"]) for match in matches)

    def _metadata(self, side: re.Match[str], ref: re.Match[str]) -> dict[str, Any]:
        pushed = side["way"] == "To"
        branch = ref["refs"].split(" -> ")[-1].strip().removeprefix("origin/")
        forced = ref["flag"] == "+" or None
        action = ("delete" if ref["flag"] == "-" else "push") if pushed else "fetch"
        return known(action=action, branch=branch, sha=ref["sha"], remote=side["place"], forced=forced)

    def _refusal(self, refused: list[re.Match[str]]) -> Finding:
        said = next((line.removeprefix("error: ") for line in self.lines if line.startswith("error: ")), None)
        kind, refs = refused[0]["what"], self._refs(refused)
        metadata = known(kind=kind, reason=refused[0]["reason"], refs=refs, tool="git")
        first = next(i for i, line in enumerate(self.lines) if line.startswith(" ! "))
        return Finding("error", said or f"{refs}: {kind}", metadata, first=first)


OPENINGS = (DiagnosticOpening("git_transfer", rf"^(?:{_CORNER})?(?:To|From) \S*[/:\\]\S*$", Transfer),)
