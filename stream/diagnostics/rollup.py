"""What rollup and rolldown (vite) say of a build: a message, where it happened, and the source."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Need, Shape, known
from stream.diagnostics.javascript_messages import box_place, place_of
from stream.fences import parse_opening
from stream.lazy_regex import lazy_regex

_ERROR = Shape(r"\[!\] (?:\(.*?\) )?(?P<kind>\w*Error): (?P<message>\S.*)$")
_WARNING = Shape(r"\(!\) (?P<message>\S.*)$")
_HELP = "https://rollupjs.org/"
_PLACE = Shape(r"(?P<file>\S.*?\.\w+)(?: \((?P<line>\d+):(?P<column>\d+)\))?$")
_PLACE_IN_MESSAGE = Shape(r"\S+ \(\d+:\d+\): (?P<message>\S.*)$")
_ROLLDOWN = Shape(r"\[(?P<kind>[A-Z]+(?:_[A-Z]+)+)\] (?:(?P<severity>Error|Warning): )?(?P<message>\S.*)$")
_BOX_LINE = Shape(r"\s*(?:\d+ )?[│┆·]|\s*───")


class RollupMessage(LinesTaken):
    """The message, a page that explains it, the place, the source and the stack, up to a blank line."""

    def belongs(self, line: str) -> bool:
        ends = not line.strip() or line.startswith(("[!] ", "(!) ")) or parse_opening(line.encode())
        return not ends

    def findings(self) -> list[Finding]:
        error, warning = _ERROR.match(self.lines[0]), _WARNING.match(self.lines[0])
        helped = len(self.lines) > 1 and self.lines[1].startswith(_HELP)
        if error is None:
            if warning is None or not helped:
                return []
            return [Finding("warning", warning["message"], {"tool": "rollup"})]
        below = self.lines[2 if helped else 1 :]
        place = _PLACE.match(below[0]) if below else None
        within = _PLACE_IN_MESSAGE.match(error["message"])
        where = place_of(place, first_column=0) if place else {}
        message = within["message"] if within else error["message"]
        return [Finding("error", message, known(kind=error["kind"], **where, tool="rollup"))]


class RolldownMessage(LinesTaken):
    """The message, and the source in a box."""

    def belongs(self, line: str) -> bool:
        if len(self.lines) == 1:
            return bool(box_place(line))
        self.done = line.strip() == "───╯"
        return bool(_BOX_LINE.match(line))

    @property
    def ends_with_quiet(self) -> bool:
        return True

    def findings(self) -> list[Finding]:
        head = _ROLLDOWN.match(self.lines[0])
        if head is None or len(self.lines) == 1:
            return []
        metadata = known(kind=head["kind"], **box_place(self.lines[1]), tool="rolldown")
        return [Finding((head["severity"] or "error").lower(), head["message"], metadata)]


OPENINGS = (
    DiagnosticOpening("rollup_error", r"^\[!\] (?:\(.*\) )?\w*Error: \S", RollupMessage),
    DiagnosticOpening(
        "rollup_warning", r"^\(!\) \S", RollupMessage, Need(lazy_regex(rb"(?m)^https://rollupjs\.org/"), 1)
    ),
    DiagnosticOpening(
        "bundler_error",
        r"^\[[A-Z]+(?:_[A-Z]+)+\] \S",
        RolldownMessage,
        Need(lazy_regex(rb"\xe2\x95\xad\xe2\x94\x80\["), 1),
    ),
)
