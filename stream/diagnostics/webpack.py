"""What webpack says of a module that it cannot build: `ERROR in`, the module and its place, and below it the message.

Shapes: webpack 4 and 5, ts-loader and fork-ts-checker-webpack-plugin, whose messages begin with `TS…`.
"""

from collections.abc import Mapping
from typing import Any

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Shape, known
from stream.diagnostics.javascript_messages import place_of, said
from stream.fences import parse_opening

_HEADER = Shape(
    r"(?P<severity>ERROR|WARNING) in (?:(?P<limit>(?:asset|entrypoint) size limit: \S.*)"
    r"|(?P<file>(?:[A-Z]:|\.{0,2}/)?[\w@./\\+-]+\.\w+)(?: \(.*\))?"
    r"(?:(?P<before>[ :])(?P<line>\d+):(?P<column>\d+)(?:-[\d:]+)?)?"
    r"|(?P<name>[\w./-]+))$"
)
_NAMED = ("Module not found: ", "Module build failed", "Module Error", "Module Warning", "The 'mode' option")
_LOADER_FAILED = Shape(r"Module (?:build failed|Error|Warning) \(from .*\):$")
_TYPESCRIPT = Shape(
    r"(?:\[tsl\] (?:ERROR|WARNING) in .*\((?P<line>\d+),(?P<column>\d+)\)|(?P<kind>TS\d+): (?P<message>.*))$"
)
_MAX_LINES = 100
_ENDS = ("ERROR in ", "WARNING in ", "webpack ")


class WebpackMessage(LinesTaken):
    """Up to a blank line; the source that follows one is indented."""

    def belongs(self, line: str) -> bool:
        if len(self.lines) >= _MAX_LINES or line.startswith(_ENDS) or parse_opening(line.encode()):
            return False
        return not line or bool(self.lines[-1]) or line.startswith((" ", "\t", ">"))

    @property
    def ends_with_quiet(self) -> bool:
        return len(self.lines) > 1

    def findings(self) -> list[Finding]:
        head = _HEADER.match(self.lines[0])
        if head is None:
            return []
        body = [line.strip() for line in self.lines[1:] if line.strip()]
        if head["limit"]:
            return [self._finding(head, head["limit"], {})]
        if not body or (head["name"] and not body[0].startswith(_NAMED)) or not self.lines[1]:
            return []
        message, found = _message(body)
        if head["file"]:  # webpack itself counts columns from 0
            found = place_of(head, first_column=0 if head["before"] == " " else 1) | found
        return [self._finding(head, message, found)]

    def _finding(self, head: Any, message: str, found: Mapping[str, Any]) -> Finding:
        last = max(i for i, line in enumerate(self.lines) if line.strip())
        return Finding(head["severity"].lower(), message, {**found, "tool": "webpack"}, last=last)


def _message(body: list[str]) -> tuple[str, dict[str, Any]]:
    """The message, and what it names: a loader tells what it was told itself."""
    if _LOADER_FAILED.match(body[0]) and len(body) > 1:
        told = said(body[1:])
        return told.message, known(kind=told.kind, **told.place)
    place: dict[str, Any] = {}
    for line in body[:3]:
        match = _TYPESCRIPT.match(line)
        if match and match["kind"]:
            return match["message"], known(kind=match["kind"], **place)
        if match:
            place = {"line": int(match["line"]), "column": int(match["column"])}
    return body[0], {}


OPENINGS = (DiagnosticOpening("webpack_message", r"^(?:ERROR|WARNING) in \S", WebpackMessage),)
