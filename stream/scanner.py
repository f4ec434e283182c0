"""One stream of output, from its bytes to its events and code blocks. Pure."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from stream.agent_reader import AgentReader
from stream.extractor import Extractor
from stream.faults import tell_fault
from stream.line_blocks import Lines
from stream.line_reader import LineReader
from stream.lines import Line, Reads
from stream.preparation import Preparer
from stream.report import Report
from stream.screen import Screen, lines_of
from stream.secrets.reader import SecretReader
from stream.text_block import text_block


class LineScanner:
    """Appends what it finds to what `report` collects."""

    def __init__(self, report: Report, extractor: Extractor) -> None:
        self._report = report
        self._lines = lines_of(report.header, report.stream)
        self._secrets = SecretReader(report)
        self._agent = AgentReader(report, extractor)
        self._reader = LineReader(report, extractor, first=self._agent)

    @property
    def not_understood(self) -> Mapping[str, int]:
        """Records of agents' JSON that were not, by kind; known when the stream has ended."""
        return self._report.not_understood

    @property
    def line_count(self) -> int:
        """Lines finished so far."""
        return self._lines.count

    @property
    def awaits_opening(self) -> bool:
        """Whether the agent has said nothing of its own yet, so that fewer lines need a look."""
        return self._agent.awaits_opening

    def feed(self, reads: Reads) -> None:
        """The next bytes of the stream."""
        if block := self._lines.feed(reads):
            self._read(block)

    def pass_over(self, reads: Reads) -> bool:
        """Takes the next bytes as `feed` does, and looks at no line of them. Whether they were prepared."""
        self._lines.feed(reads)
        return self._lines.is_plain

    def prepare_with(self, preparer: Preparer) -> None:
        """Has output prepared by somebody else."""
        self._lines.prepare = partial(preparer.prepare, self._report.stream)
        if isinstance(self._lines, Screen):
            self._lines.plain_end = partial(preparer.plain_end, self._report.stream)

    def gap(self, lost: int, at: int) -> None:
        """So many bytes were not recorded here: the open line ends, and an event says what is missing."""
        if block := self._lines.flush(at):
            self._read(block)
        with self._surviving(at):
            self._reader.break_off()
        value = f"{lost} bytes of {self._report.stream} were not recorded"
        event = self._report.event("warning", "recording_gap", value, self._next_line(at), metadata={"bytes": lost})
        self._report.events.append(event._replace(byte_offset=None))

    def interrupt(self, signal: str, at: int) -> None:
        """The agent was sent a signal that asks it to end."""
        metadata = {"signal": signal}
        event = self._report.event("state_change", "signal", "interrupted", self._next_line(at), metadata=metadata)
        self._report.events.append(event._replace(byte_offset=None))

    def pause(self, at: int) -> None:
        """Nothing has come for a moment: what was written at once has been."""
        with self._surviving(at):
            self._reader.settle()

    def settle(self, at: int) -> None:
        """Nothing has come for a while: what stands on a screen stands."""
        if isinstance(self._lines, Screen) and (block := self._lines.idle(at)):
            self._read(block)
        self.pause(at)

    def resize(self, columns: int, rows: int, at: int) -> None:
        """The terminal has another size from here on."""
        if isinstance(self._lines, Screen) and (block := self._lines.resize(columns, rows, at)):
            self._read(block)

    def finish(self, at: int) -> None:
        """The stream has ended, at this time: an open line counts as one, and what is open ends."""
        if block := self._lines.flush(at):
            self._read(block)
        self._secrets.finish(at)
        for reader in (self._reader, self._agent):
            with self._surviving(at):
                reader.finish(at)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {
            "lines": self._lines.state(),
            "secrets": self._secrets.state(),
            "reader": self._reader.state(),
            "agent": self._agent.state(),
            "faults": self._report.faults,
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._lines.resume(state["lines"])
        self._secrets.resume(state["secrets"])
        self._reader.resume(state["reader"])
        self._agent.resume(state["agent"])
        self._report.faults = state["faults"]

    @contextmanager
    def _surviving(self, at: int) -> Iterator[None]:
        """A mistake in a reader costs what it was about to tell, not the session."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 (of any reader)
            tell_fault(self._report, error, self._next_line(at), has_offset=False)

    def _next_line(self, at: int) -> Line:
        """The line that begins where no output is; its offset means nothing."""
        return Line(self._lines.count + 1, 0, at, cut=False)

    def _read(self, block: Lines) -> None:
        self._secrets.read(text_block(block), self._reader.read)
