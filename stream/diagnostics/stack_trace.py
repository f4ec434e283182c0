"""Stacks whose lines begin with `at`: JavaScript (V8), Java and .NET, with causes; and node's report of what killed it.

Shapes: V8's stack trace API and node's `util.inspect`, Java's `printStackTrace`, .NET's `Exception.ToString`.
"""

import re
from collections.abc import Mapping
from typing import Any

from stream.diagnostics.diagnostic import (
    MAX_CAUSES,
    DiagnosticOpening,
    Finding,
    LinesTaken,
    Need,
    Shape,
    frame,
    known,
    stack,
)
from stream.diagnostics.javascript_messages import said_of
from stream.fences import parse_opening
from stream.lazy_regex import lazy_regex

_KIND = r"(?:[A-Za-z_$][\w$]*[.+])*[A-Za-z_$][\w$]*"
_THROWN = Shape(
    rf'(?:Exception in thread "[^"]*" |Unhandled exception\. |Uncaught (?:\(in promise\) )?|\[?cause\]?: )*'
    rf"(?P<kind>{_KIND})(?: \[(?P<code>[\w:]+)\])?(?:: (?P<message>.*))?$"
)
_SCRIPT_FRAME = Shape(
    r"\s+at (?:async )?(?:(?P<function>[^()]+(?:\([^()]*\))?[^()]*?) \()?"
    r"(?P<file>(?:[a-z][a-z0-9+.-]*:)?[^\s():][^():]*|[A-Z]:[^():]*):(?P<line>\d+):\d+\)?(?: \{)?$"
)
_JAVA_FRAME = Shape(r"\s+at (?:[\w.@/-]*//?)?(?P<function>[\w.$<>/@-]+)\((?P<file>[\w$-]+\.\w+)(?::(?P<line>\d+))?\)")
_NET_FRAME = Shape(r"\s+at (?P<function>\S.*\)) in (?P<file>.+):line (?P<line>\d+)$")
_AT = Shape(r"\s+at \S|\s+\.\.\. \d+ \S|\s+--- End of ")
_CAUSE = Shape(r"\s*(?:Caused by: |Suppressed: |\[cause\]: |---> )(?P<thrown>.*)$")
_BUN_TEST = Shape(r"\(fail\) (?P<test>\S.*?)(?: \[[\d.]+m?s\])?$")  # the test that the error above it ended
# So begins what node's `child_process` throws: the command has told why, and the message says it again.
_COMMAND_FAILED = "Command failed: "
_MAX_MESSAGE = 30  # lines between an exception's first line and its first frame
# What `_AT` matches, and a little more: an indentation of spaces that are not ASCII, and what begins alike.
NEED = Need(lazy_regex(rb"(?m)^[\s\x80-\xff]+(?:at |\.\.\. |--- End of )"), _MAX_MESSAGE)
# Frames of the runtime, which are not where something went wrong.
_RUNTIME = ("node:", "internal/", "native")

_NODE_PLACE = Shape(r"(?P<file>(?:node:|/|[A-Z]:\\|file:|\.{0,2}/)?\S*?):(?P<line>\d+)$")


def _frames(lines: list[str]) -> list[dict[str, Any]]:
    """The frames of lines that stand innermost first, the innermost last."""
    matches = (_NET_FRAME.match(line) or _JAVA_FRAME.match(line) or _SCRIPT_FRAME.match(line) for line in lines)
    return [
        frame(match["file"].removeprefix("file://"), match["line"], match["function"]) for match in matches if match
    ][::-1]


def _where(frames: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((frame for frame in reversed(frames) if not frame["file"].startswith(_RUNTIME)), None)


def _moved(metadata: dict[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
    """With another place, if there is one, than that of a frame."""
    return {name: value for name, value in metadata.items() if not place or name != "function"} | dict(place)


class Stack(LinesTaken):
    """An exception's line, more of its message, its frames, its causes, and the properties that node prints of it."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._certain = 0  # lines that belong to it, whatever comes
        self._braces = 0  # open ones

    def belongs(self, line: str) -> bool:
        fits = self._braces > 0 or self._fits(line)
        if fits and self._certain:
            if _AT.match(line) or self._braces or _CAUSE.match(line):
                self._certain = len(self.lines) + 1
            self._braces += line.rstrip().endswith(("{", "[")) - (line.strip().rstrip(",") in ("}", "]", "}}"))
        return fits

    @property
    def ends_with_quiet(self) -> bool:
        return len(self.lines) == 1 or (self._certain > 0 and self._braces == 0)

    def findings(self) -> list[Finding]:
        thrown = _THROWN.match(self.lines[0])
        if not self._certain or not thrown:
            return []
        parts = self._parts()
        frames = _frames(parts[0])
        causes = []
        for part in parts[1 : MAX_CAUSES + 1]:
            cause = _CAUSE.match(part[0])
            if cause and (match := _THROWN.match(cause["thrown"])):
                causes.append(known(kind=match["kind"], message=(match["message"] or "").strip()))
        message = (thrown["message"] or "").removesuffix(" {").strip()
        where = stack(frames, _where(frames))
        metadata = known(kind=self._kind(thrown["kind"]), code=thrown["code"], **where, causes=causes, **self._test())
        consequence = message.startswith(_COMMAND_FAILED)
        told = said_of(thrown["kind"], message, self.lines[1 : self._certain])
        metadata = _moved(metadata, told.place)
        return [Finding("error", told.message, metadata, last=self._certain - 1, consequence=consequence)]

    def _kind(self, name: str) -> str | None:
        return name

    def _test(self) -> dict[str, str]:
        """Where bun ran it."""
        match = _BUN_TEST.match(self.lines[self._certain - 1])
        return {"test": match["test"], "tool": "bun test"} if match else {}

    def _fits(self, line: str) -> bool:
        self.done = self._certain == len(self.lines) and bool(_BUN_TEST.match(line))
        if self.done or _AT.match(line):
            self._certain = len(self.lines) + 1
            return True
        if self._certain:
            return bool(_CAUSE.match(line)) or (line[:1].isspace() and bool(_CAUSE.match(self.lines[-1])))
        return len(self.lines) < _MAX_MESSAGE and self._may_be_message(line)

    def _may_be_message(self, line: str) -> bool:
        """More of the message stands before the first frame.

        A blank line stands in it only where an assertion compares, or behind what a command printed. A code
        fence does not: whoever else reads the lines must know at once that one is open.
        """
        if not line:
            return "AssertionError" in self.lines[0] or f": {_COMMAND_FAILED}" in self.lines[0]
        return not OPENING.match(line) and parse_opening(line.encode()) is None

    def _parts(self) -> list[list[str]]:
        parts: list[list[str]] = [[]]
        for line in self.lines[: self._certain]:
            if _CAUSE.match(line) and parts[0]:
                parts.append([])
            parts[-1].append(line)
        return parts


class NodeReport(LinesTaken):
    """`file:line`, the source, a caret, and then the stack of what nobody caught, or the value that was thrown."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._stack: Stack | None = None
        self._ended = False  # the stack did
        self._caret = 0

    def belongs(self, line: str) -> bool:
        if not self._caret:
            if len(self.lines) > 1 and re.match(r"\s*\^+\s*$", line):
                self._caret = len(self.lines)
            return len(self.lines) < 4
        self.done = line.startswith("Node.js v")
        if self.done or (self._stack and not self._ended and self._stack.take(line)):
            return True
        if self._stack is None and line:
            self._stack = Stack(line)
            return True
        self._ended = self._stack is not None
        return not line or line.startswith("(Use `node ")

    def findings(self) -> list[Finding]:
        if not self._stack or not self._caret:
            return []
        place = _NODE_PLACE.match(self.lines[0])
        ours = place is not None and not place["file"].startswith(_RUNTIME)
        at = frame(place["file"].removeprefix("file://"), place["line"]) if place and ours else {}
        stack_of = self._stack.findings()
        if stack_of:
            metadata = {**at, **stack_of[0].metadata}
            if "SyntaxError" in metadata["kind"] and "column" not in metadata:  # no message names the place
                metadata = _moved(metadata, at)  # a file that cannot be parsed is in no frame
            return [Finding("error", stack_of[0].value, metadata, consequence=stack_of[0].consequence)]
        thrown = self._stack.lines[0]
        return [Finding("error", thrown.removeprefix("Uncaught "), at)] if self.done else []


_OPENING = (
    r'^(?:Exception in thread "[^"]*" |Unhandled exception\. |Uncaught (?:\(in promise\) )?)*'
    r"(?:[A-Za-z_$][\w$]*[.+])*[A-Za-z_$]?[\w$]*(?:Error|Exception|Rejection|Throwable|Failure)"
    r"(?: \[[\w:]+\])?(?:: .*)?$"
)
OPENING = Shape(_OPENING)

OPENINGS = (
    DiagnosticOpening("stack_trace", _OPENING, Stack, NEED),
    DiagnosticOpening(
        "uncaught_error",
        r"^(?:node:[\w/:.-]+|\[(?:eval\d*|stdin)\]|(?:file://)?[^\s:]*[\w/\\.-]+\.[cm]?[jt]sx?):\d+$",
        NodeReport,
    ),
)
