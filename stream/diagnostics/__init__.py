"""Errors that take several lines: tracebacks, stacks, panics, compilers' diagnostics. Each is one event.

To add one: a module here, and its row in `OPENINGS`.
"""

from stream.diagnostics import (
    bundlers,
    cargo_test,
    cmake,
    compiler,
    eslint,
    git_transfer,
    go_panic,
    go_test,
    javascript_tests,
    labelled_source,
    node_test,
    package_manager,
    pytest_report,
    python_traceback,
    rust_panic,
    script_exceptions,
    shellcheck,
    stack_trace,
    terraform,
    typescript,
    unittest_report,
)
from stream.diagnostics.diagnostic import MAX_BYTES, MAX_LINES, Diagnostic, DiagnosticOpening, Finding

__all__ = ["MAX_BYTES", "MAX_LINES", "OPENINGS", "Diagnostic", "DiagnosticOpening", "Finding"]

# Where several may begin with the same line, the first that takes it has it.
OPENINGS: tuple[DiagnosticOpening, ...] = (
    *python_traceback.OPENINGS,
    *pytest_report.OPENINGS,
    *unittest_report.OPENINGS,
    *compiler.OPENINGS,
    *cmake.OPENINGS,
    *terraform.OPENINGS,
    *typescript.OPENINGS,
    *eslint.OPENINGS,
    *bundlers.OPENINGS,
    *shellcheck.OPENINGS,
    *script_exceptions.OPENINGS,
    *git_transfer.OPENINGS,
    *package_manager.OPENINGS,
    *labelled_source.OPENINGS,
    *go_panic.OPENINGS,
    *go_test.OPENINGS,
    *rust_panic.OPENINGS,
    *cargo_test.OPENINGS,
    *javascript_tests.OPENINGS,
    *node_test.OPENINGS,
    *stack_trace.OPENINGS,
)
