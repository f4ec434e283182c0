"""Errors that take several lines: tracebacks, stacks, panics, compilers' diagnostics. Each is one event.

To add one: a module here, and its row in `stream.diagnostics.openings`.
"""

from collections.abc import Mapping

from stream.diagnostics.diagnostic import MAX_BYTES, MAX_LINES, Diagnostic, DiagnosticOpening, Finding
from stream.lazy_table import LazyTable

__all__ = ["MAX_BYTES", "MAX_LINES", "Diagnostic", "DiagnosticOpening", "Finding", "openings"]

_TABLE: Mapping[str, tuple[DiagnosticOpening, ...]] = LazyTable({"all": "stream.diagnostics.openings:OPENINGS"})


def openings() -> tuple[DiagnosticOpening, ...]:
    """Every line that may open one. They are loaded when they are first asked for: not by a run without output."""
    return _TABLE["all"]
