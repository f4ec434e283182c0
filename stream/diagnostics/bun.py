"""What bun says of an error: `error:`, a message, and frames. Of a test it says the name below them (`stack_trace`)."""

from stream.diagnostics.diagnostic import DiagnosticOpening
from stream.diagnostics.stack_trace import NEED, Stack


class BunError(Stack):
    """Frames stand right below the message, or below what an `expect` compares."""

    def _may_be_message(self, line: str) -> bool:
        return self.lines[0].startswith("error: expect(") and (not line or super()._may_be_message(line))

    def _kind(self, name: str) -> str | None:
        return None


OPENINGS = (DiagnosticOpening("bun_error", r"^error: \S", BunError, NEED),)
