"""Lines that more than one diagnostic may begin with."""

import pytest

from chunking import END, HEADER, reads_of
from stream import extractor, held_lines
from stream.diagnostics import DiagnosticOpening, openings
from stream.diagnostics.diagnostic import Finding, LinesTaken
from stream.extractor import Extractor
from stream.patterns import Pattern
from stream.pipeline import Pipeline
from stream.records import ExtractionEvent

PATTERNS = (Pattern("boom", "error", r"^boom: (?P<value>.+)"),)


class InVain(LinesTaken):
    """Takes two more lines, and has nothing to say."""

    def belongs(self, line: str) -> bool:
        return len(self.lines) < 3

    def findings(self) -> list[Finding]:
        return []


class Exploded(InVain):
    """Says something of a line that an `ash:` follows."""

    def findings(self) -> list[Finding]:
        return [Finding("error", "exploded")] if self.lines[1:2] == ["ash:"] else []


@pytest.fixture(autouse=True)
def _openings(monkeypatch: pytest.MonkeyPatch) -> None:
    added = [
        DiagnosticOpening(name, "^boom: ", kind)
        for name, kind in (("first", InVain), ("second", Exploded), ("third", InVain))
    ]
    every = (*openings(), *added)
    for module in (extractor, held_lines):
        monkeypatch.setattr(module, "openings", lambda: every)


def found(output: bytes, *, resumed: bool) -> list[tuple[str, str | None]]:
    """Patterns and values of the events of these lines, each of which comes alone."""
    searching = Extractor(PATTERNS)
    pipeline = Pipeline(HEADER, searching)
    events: list[ExtractionEvent] = []
    for reads in reads_of(output.splitlines(keepends=True)):
        pipeline.feed(reads)
        events += pipeline.take().events
        if resumed:
            state = pipeline.state()
            pipeline = Pipeline(HEADER, searching)
            pipeline.resume(state)
    pipeline.record(END)
    events += pipeline.take().events
    return [(event.pattern, event.matched_value) for event in events]


@pytest.mark.parametrize("resumed", [False, True], ids=["at once", "resumed at each line"])
def test_each_is_tried_once_and_the_patterns_after_them(*, resumed: bool) -> None:
    assert found(b"boom: a\nboom: b\nx\ny\nz\n", resumed=resumed) == [("boom", "a"), ("boom", "b")]


@pytest.mark.parametrize("resumed", [False, True], ids=["at once", "resumed at each line"])
def test_the_one_that_has_something_to_say_has_the_line(*, resumed: bool) -> None:
    assert found(b"boom: a\nash:\ny\nz\nx\n", resumed=resumed) == [("second", "exploded")]
