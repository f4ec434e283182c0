"""A log's line about an error and the traceback below it: one error, which is the exception."""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, LinesTaken, Need
from stream.diagnostics.python_traceback import Traceback, begin_traceback
from stream.lazy_regex import lazy_regex

_DATE = r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"
_LEVEL = r"(?:ERROR|CRITICAL|FATAL)"


class LoggedTraceback(LinesTaken):
    """The log's line first, and from the next one on a traceback."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self._traceback: Traceback | None = None

    def belongs(self, line: str) -> bool:
        if self._traceback:
            return self._traceback.take(line)
        self._traceback = begin_traceback(line)
        return self._traceback is not None

    @property
    def ends_with_quiet(self) -> bool:
        return self._traceback is None or self._traceback.ends_with_quiet

    def findings(self) -> list[Finding]:
        found = self._traceback.findings() if self._traceback else []
        return [finding._replace(last=finding.last + 1) for finding in found]


OPENINGS = (
    DiagnosticOpening(
        "logged_traceback",
        rf"^(?:{_LEVEL}[: ]+\S|{_DATE}.*[\[| ]{_LEVEL}\b|{_DATE}\S* \[(?:error|critical) *\])",
        LoggedTraceback,
        Need(lazy_regex(rb"(?m)^ *(?:\+ Exception Group )?Traceback \(most recent call last\):$"), 1),
    ),
)
