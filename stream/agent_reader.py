"""What looks at the lines of a stream before the patterns do: the agent's JSON, and the grammar of its text. Pure."""

from collections.abc import Sequence
from typing import Any

from stream.decoders.json_reader import MARK, JsonReader
from stream.embedded import EmbeddedTexts
from stream.extractor import Extractor, Marks
from stream.grammars.kinds import kind_of
from stream.grammars.table import GRAMMARS
from stream.held_lines import HeldLine
from stream.lines_before import LinesBefore
from stream.recording import RecordingHeader
from stream.regions import PLAIN, Beginning, Region
from stream.report import Report
from stream.text_block import Where


def marks(header: RecordingHeader) -> Marks:
    """Of the lines that must be looked at in the recording of this agent."""
    grammar = GRAMMARS.get(kind_of(header) or "")
    return Marks((MARK, grammar.marks), grammar.opening, grammar.marks_behind_opening) if grammar else Marks((MARK,))


class AgentReader:
    """`stream.first_reader.FirstReader` for an agent whose kind may not be known."""

    def __init__(self, report: Report, extractor: Extractor) -> None:
        self._report = report
        texts = EmbeddedTexts(report, extractor)
        self._json = JsonReader(report, texts)
        agent = GRAMMARS.get(kind_of(report.header) or "")
        self._grammar = agent.make(report.header, report.stream, texts) if agent else None

    @property
    def region(self) -> Region:
        return self._grammar.region if self._grammar else PLAIN

    @property
    def before(self) -> LinesBefore | None:
        return self._grammar.before if self._grammar else None

    @property
    def awaits_opening(self) -> bool:
        return self._grammar is not None and self._grammar.awaits_opening and not self._json.undecided

    @property
    def hungry(self) -> bool:
        return self._json.undecided or (self._grammar is not None and self._grammar.hungry)

    def read(self, line: bytes, where: Where, *, fenced: bool) -> bool:
        if self._json.concerns(line):
            beginning = Beginning.NONE if fenced else self.region.records
            if self._json.read(line, where, beginning=beginning):
                return True
            if self._json.gives_back:
                return False
        return self._grammar is not None and self._grammar.read(line.decode(), where, self._report, fenced=fenced)

    @property
    def undecided(self) -> bool:
        return self._json.undecided

    def given_back(self) -> Sequence[HeldLine]:
        return self._json.given_back()

    def let_go(self) -> Sequence[HeldLine]:
        return self._json.let_go()

    def settle(self) -> None:
        if self._grammar:
            self._grammar.settle(self._report)

    def finish(self, at: int) -> None:
        """The stream has ended."""
        self._json.finish(at)
        if self._grammar:
            self._grammar.finish(at, self._report)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {
            "json": self._json.state(),
            "grammar": self._grammar.state() if self._grammar else None,
            "errors": self._report.errors_in_output,
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._json.resume(state["json"])
        self._report.errors_in_output = state["errors"]
        if self._grammar:
            self._grammar.resume(state["grammar"])
