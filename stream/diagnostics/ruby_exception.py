"""What ended a program of Ruby: the exception, its stack, and what it was raised from. Also what rake says of it.

Shapes: Ruby 2.5 to 3.4, rake 12 and 13.
"""

from collections.abc import Sequence
from typing import Any

from stream.diagnostics.diagnostic import (
    MAX_CAUSES,
    DiagnosticOpening,
    Finding,
    LinesTaken,
    Section,
    Shape,
    frame,
    known,
    stack,
)

_HEAD = Shape(
    r"(?P<file>\S.*?):(?P<line>\d+):in [`'](?P<function>.*?)': (?P<message>.*?)(?: \((?P<kind>[A-Z][\w:]*)\))?$"
)
_FRAME = Shape(r"\s+(?:\d+: )?from (?P<file>\S.*?):(?P<line>\d+)(?::in [`'](?P<function>.*)')?$")
_RAKE_FRAME = Shape(r"(?P<file>\S.*?):(?P<line>\d+):in [`'](?P<function>.*)'$")
_KIND = Shape(r"(?P<kind>[A-Z]\w*(?:::[A-Z]\w*)*): (?P<message>\S.*)$")
_LOADING = ("<internal:", "rubygems/core_ext/kernel_require.rb")  # Ruby's own: not where something went wrong
_MAX_SNIPPET = 6  # lines of source that Ruby shows between the message and the stack


def _stack(frames: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of frames that stand innermost first."""
    at = next((frame for frame in frames if not any(word in frame["file"] for word in _LOADING)), None)
    return stack(frames[::-1], at) if len(frames) > 1 else dict(*frames)


class RubyException(LinesTaken):
    """One exception, and behind its stack those that it was raised from, without a word between them.

    Their stacks end in the same file; an exception of which that is not so is that of another program.
    """

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._since = 1  # lines of the exception that was named last

    def belongs(self, line: str) -> bool:
        caused = bool(_HEAD.match(line)) and bool(_FRAME.match(self.lines[-1]))
        snippet = self._since < _MAX_SNIPPET and (not line or line.startswith((" ", "Did you mean?")))
        self._since = 1 if caused else self._since + 1
        return caused or bool(_FRAME.match(line)) or snippet

    def findings(self) -> list[Finding]:
        (match, lines), *others = self._parts()
        frames = _frames(match, lines)
        causes, last = [], len(lines)
        for cause, more in others[:MAX_CAUSES]:
            if _frames(cause, more)[-1]["file"] != frames[-1]["file"]:
                break
            causes.append(known(kind=cause["kind"], message=cause["message"]))
            last += len(more)
        last = max(i for i, line in enumerate(self.lines[:last]) if line)
        metadata = known(kind=match["kind"], tool="ruby", **_stack(frames), causes=causes)
        return [Finding("error", match["message"], metadata, last=last)]

    def _parts(self) -> list[tuple[Any, list[str]]]:
        """Each exception's first line, as it was read, and all its lines."""
        parts: list[tuple[Any, list[str]]] = []
        for index, line in enumerate(self.lines):
            match = _HEAD.match(line)
            if match and (index == 0 or _FRAME.match(self.lines[index - 1])):
                parts.append((match, []))
            parts[-1][1].append(line)
        return parts


def _frames(match: Any, lines: Sequence[str]) -> list[dict[str, Any]]:
    """The innermost first."""
    found = [match, *filter(None, map(_FRAME.match, lines))]
    return [frame(place["file"], place["line"], place["function"]) for place in found]


class RakeAborted(Section):
    """`rake aborted!`, what was raised, its stack. That a command failed follows from what the command said."""

    def belongs(self, line: str) -> bool:
        self.done = line.startswith("(See full trace by running")
        return line != self.lines[0] and len(self.lines) < 100

    def findings(self) -> list[Finding]:
        said = self.lines[1] if len(self.lines) > 1 else ""
        if not self.done or not said:
            return []
        kind = _KIND.match(said)
        places = filter(None, map(_RAKE_FRAME.match, self.lines))
        frames = [frame(place["file"], place["line"], place["function"]) for place in places]
        metadata = known(kind=kind["kind"] if kind else None, tool="rake", **(_stack(frames) if frames else {}))
        failed_command = said.startswith("Command failed with status")
        return [Finding("error", kind["message"] if kind else said, metadata, consequence=failed_command)]


OPENINGS = (
    DiagnosticOpening("ruby_exception", r"^\S[^\n]*:\d+:in [`'].*': \S.*\([A-Z][\w:]*\)$", RubyException),
    DiagnosticOpening("rake_aborted", r"^rake aborted!$", RakeAborted),
)
