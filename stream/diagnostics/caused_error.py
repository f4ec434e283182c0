"""Errors with the reasons below them: uv's `error:` with `Caused by:`, and reports in the style of the library miette.

Shapes: uv 0.2 to 0.11; where it built a package and that failed, the output of the build stands below.
"""

from typing import Any

from stream.diagnostics.diagnostic import MAX_CAUSES, DiagnosticOpening, Finding, LinesTaken, Need, Shape, known
from stream.diagnostics.python_traceback import Traceback, begin_traceback
from stream.lazy_regex import lazy_regex

_HEAD = Shape(r"(?:error: |  \xd7 )(?P<message>\S.*)$")
_CAUSE = Shape(r"  (?:(?:cause|Caused by): |[├╰]─▶ )(?P<message>\S.*)$")
_MORE = Shape(r"  (?:│|    |  )\s*(?P<message>\S.*)$")
_OUTPUT = Shape(r"\s*\[(?:stdout|stderr)\]$")
_NEEDED_WITHIN = 4  # lines below the error, in which its first reason stands
_SOLVED = "No solution found when resolving"


class CausedError(LinesTaken):
    """The error, each reason in one line or several, and the output of a build as far as its traceback."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._output: int | None = None  # the index of the line that announces it
        self._traceback: Traceback | None = None
        self._before = 0  # lines before the traceback
        self._has_cause = False

    def belongs(self, line: str) -> bool:
        if self._traceback:
            return self._traceback.take(line)
        if self._output is not None:
            self._traceback = begin_traceback(line)
            self._before = len(self.lines)
            return True
        if _OUTPUT.match(line):
            self._output = len(self.lines)
            return True
        self._has_cause = self._has_cause or _CAUSE.match(line) is not None
        if not self._has_cause and len(self.lines) >= _NEEDED_WITHIN:
            return False
        return not line.strip() or bool(_CAUSE.match(line) or _MORE.match(line))

    @property
    def ends_with_quiet(self) -> bool:
        return len(self.lines) == 1 or bool(self.findings())

    def findings(self) -> list[Finding]:
        head = _HEAD.match(self.lines[0])
        reasons = self._reasons()
        last = max((index for index, _ in reasons), default=0)
        causes: list[dict[str, Any]] = [{"message": reason} for _, reason in reasons]
        if self._traceback and (raised := self._traceback.findings()):
            causes.append(known(kind=raised[0].metadata["kind"], message=raised[0].value))
            last = self._before + raised[0].last
        if head is None or not causes:
            return []
        tool = "uv" if head["message"].startswith(_SOLVED) or self._output is not None else None
        return [Finding("error", head["message"].rstrip(":"), known(tool=tool, causes=causes[:MAX_CAUSES]), last=last)]

    def _reasons(self) -> list[tuple[int, str]]:
        """Each in one line, with the index of its last line."""
        reasons: list[tuple[int, str]] = []
        for index, line in enumerate(self.lines[1 : self._output], 1):
            if cause := _CAUSE.match(line):
                reasons.append((index, cause["message"]))
            elif reasons and reasons[-1][0] == index - 1 and (more := _MORE.match(line)):
                reasons[-1] = (index, f"{reasons[-1][1]} {more['message']}")
        return reasons


_NEED = Need(lazy_regex(r"(?m)^  (?:cause: |Caused by: |├─▶ |╰─▶ )|^ *\[std(?:out|err)\]$".encode()), _NEEDED_WITHIN)

OPENINGS = (DiagnosticOpening("caused_error", r"^(?:error: |  × )\S", CausedError, _NEED),)  # noqa: RUF001
