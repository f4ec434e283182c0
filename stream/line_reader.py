"""Lines of text, one behind the other: code fences, diagnostics and patterns put together. Pure.

Most lines are dull and are never looked at one by one; those of interest, and those that something open asks for, are.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from stream.ansi import without_controls
from stream.code_blocks import report_block
from stream.extractor import Extractor
from stream.faults import tell_fault
from stream.fences import CodeFence, parse_opening
from stream.first_reader import FirstReader
from stream.held_lines import HeldLine, HeldLines, TakenLine
from stream.interesting_lines import InterestingLines
from stream.records import ExtractionEvent
from stream.regions import PLAIN, Region
from stream.report import Report
from stream.secrets.masker import masked_text
from stream.telling import Teller
from stream.text_block import TextBlock, Where, known

_MOST_AGAIN = 20  # diagnostics within diagnostics that all turned out to be none: no tool prints that


class LineReader:
    """Reads blocks of whole lines, and puts what it finds into `report`.

    `region` stands for all lines unless `first` says what they are. `numbered` says that lines have numbers of their
    own; those of a text within a line do not.
    """

    def __init__(
        self,
        report: Report,
        extractor: Extractor,
        *,
        region: Region = PLAIN,
        first: FirstReader | None = None,
        numbered: bool = True,
    ) -> None:
        self._report = report
        self._extractor = extractor
        self._region = region
        self._first = first
        self._before = first.before if first else None
        self._numbered = numbered
        self._fence: CodeFence | None = None
        self._held: HeldLines | None = None  # an open diagnostic
        self._teller = Teller(report)
        self._last_number = 0
        self._again = 0  # how many times over lines are being looked at again

    def read(self, block: TextBlock) -> None:
        """The next lines."""
        if self._before:
            self._before.begin(block.text)
        self._read(block)
        if self._held:
            self._held.leave()
        if self._before:
            self._before.end()

    def _read(self, block: TextBlock) -> None:
        text = block.text
        position = 0
        interesting = InterestingLines(block, self._extractor, self._first)
        while position < len(text):
            span = interesting.behind(position)
            if self._held or self._teller.answers.awaits or (self._first and self._first.hungry):
                start, end = position, text.index(b"\n", position)
            elif 0 <= span[0] < len(text):  # behind the last LF there is no line, though a pattern may match there
                start, end = span
            else:
                break
            if self._fence and position < start:
                self._skip(self._fence, block, position, start)
            if self._before:
                self._before.position = start
            held = self._held
            where = block.where(start)
            position = end + 1
            try:
                self._line(self._shown(text[start:end]), where)
                if self._held and self._held is not held and self._held.is_refuted_by(text, position):
                    self._release(self._held)
            except Exception as error:  # noqa: BLE001 (a mistake in any reader costs this line, not the session)
                tell_fault(self._report, error, where())
        if self._fence and position < len(text):
            self._skip(self._fence, block, position, len(text))

    def finish(self, at: int) -> None:
        """No more lines will come."""
        if self._first:
            lines = self._first.let_go()
            self._read_again(lines, lines[-1].where.number + 1 if lines else 0)
        self.close(at)

    def settle(self) -> None:
        """Nothing has come for a while: what may have been said, was said."""
        while self._held and self._held.ends_with_quiet:
            self._release(self._held)

    def break_off(self) -> None:
        """The next line does not belong to what is open, code aside."""
        while self._held:
            self._release(self._held)

    def close(self, at: int) -> None:
        """What the lines stand in ends here: what is open ends with it."""
        self.break_off()
        if self._fence:
            self._cut(self._fence, "end", at)
        self._teller.clear()
        if self._first:
            self._first.settle()

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {
            "fence": self._fence.state() if self._fence else None,
            "held": self._held.state() if self._held else None,
            "told": self._teller.state(),
            "last": self._last_number,
            "before": self._before.state() if self._before else None,
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._fence = CodeFence.resume(state["fence"]) if state["fence"] else None
        self._held = HeldLines.resume(state["held"]) if state["held"] else None
        self._teller.resume(state["told"])
        self._last_number = state["last"]
        if self._before:
            self._before.resume(state["before"])

    def _shown(self, line: bytes) -> bytes:
        """The line as a reader sees it: a secret may have stood in it with control characters in between."""
        shown = without_controls(line)
        masker = self._report.masker
        return shown if len(shown) == len(line) or masker is None else masked_text(shown, masker)

    def _line(self, line: bytes, where: Where) -> None:
        if not self._numbered:
            self._last_number = where().number
        region = self._region
        if self._first:
            before = self._first.region
            told = len(self._report.events)
            taken = self._first.read(line, where, fenced=self._fence is not None)
            if self._first.undecided:
                return
            if taken:
                self._close_before(told, where().at)
            given_back = self._first.given_back()
            if given_back:
                self._read_again(given_back, where().number)
            if taken or given_back:
                return
            region = self._first.region
            if region is not before:
                self.close(where().at)
        self._look(line, where, region)

    def _close_before(self, told: int, at: int) -> None:
        """Ends what is open; what it says came before the events that were told meanwhile."""
        later = self._report.events[told:]
        del self._report.events[told:]
        self.close(at)
        self._report.events += later

    def _read_again(self, lines: Sequence[HeldLine], number: int) -> None:
        """Lines before the one with this number."""
        skipped = self._before.skip if self._before else 0
        try:
            for line in lines:
                if self._before:
                    self._before.skip = skipped + number - line.where.number
                self._line(line.text, known(line.where))
        finally:
            if self._before:
                self._before.skip = skipped

    def _look(self, line: bytes, where: Where, region: Region) -> None:
        if not self._fence or not self._inside(self._fence, line, where):
            self._follow(line, where, region)

    def _follow(self, line: bytes, where: Where, region: Region) -> None:
        fence = self._fence
        while self._held and self._fence is fence:
            if self._held.take(line, where):
                if self._held.done:
                    self._release(self._held)
                return
            self._release(self._held)
        if self._fence is not fence:  # that of a line that was held: this one is its content, or its end
            self._look(line, where, region)
        elif not fence and region.fences and (opening := parse_opening(line)):
            self._fence = CodeFence(opening, where().number, where().offset, region.name)
        else:
            self._find(line, where, region)

    def _find(self, line: bytes, where: Where, region: Region, *, tried: frozenset[str] = frozenset()) -> None:
        """Puts what patterns find in the line where it belongs; a diagnostic may open that was not `tried`."""
        if region.allowed is not None and not region.allowed:
            return
        if self._teller.answers.awaits and (answer := self._teller.answers.read(line, where())):
            self._tell([answer])
            return
        seen = self._extractor.look(line)
        for opening in seen.openings if self._again < _MOST_AGAIN else ():
            if opening.name not in tried and (held := HeldLines.begin(opening, line, where, region, tried)):
                self._held = held
                if held.done:
                    self._release(held)
                return
        if seen.matches:
            self._tell(self._teller.of_matches(seen.matches, line, where, region))

    def _tell(self, events: Iterable[ExtractionEvent]) -> None:
        if self._fence:
            self._fence.held.extend(events)
        else:
            self._report.tell(events)

    def _release(self, held: HeldLines) -> None:
        """The open diagnostic is done. Lines that turn out not to be its own are looked at one by one."""
        self._held = None
        if findings := held.findings():
            self._tell(self._teller.of_findings(findings, held))
            others = held.behind(findings)
        else:
            first, *others = held.lines
            self._find(first.text, first.where, held.region, tried=held.tried)
        if others:
            self._look_again(others, held.region)

    def _look_again(self, lines: Sequence[TakenLine], region: Region) -> None:
        """At those of interest, and those that something open asks for."""
        fence = self._fence  # one that is open has them already
        look = self._follow if fence else self._look
        text = b"\n".join(line.text for line in lines) + b"\n"
        interesting = {start for start, _ in self._extractor.lines_of_interest(text)}
        position = 0
        self._again += 1
        try:
            for line in lines:
                if position in interesting or self._held or self._teller.answers.awaits or self._fence is not fence:
                    look(line.text, line.where, region)
                position += len(line.text) + 1
        finally:
            self._again -= 1

    def _inside(self, fence: CodeFence, line: bytes, where: Where) -> bool:
        """Whether the line ends the fence; as its content, it goes on to be looked at. What does not fit cuts it."""
        if fence.is_closed_by(line):
            self._held = None
            self._emit(fence, where().number, where().at, {})
            return True
        if not fence.holds(line):
            self._held = None
            self._emit(fence, self._line_end(fence), where().at, {})
        elif fence.fits(line):
            fence.take(line + b"\n")
        else:
            self._cut(fence, "size", where().at)
        return False

    def _skip(self, fence: CodeFence, block: TextBlock, start: int, end: int) -> None:
        """Dull lines: content of the fence, as far as they fit."""
        left = start + fence.take(block.text[start:end])
        if left == end:
            return
        behind = block.where(left)()
        if fence.holds(block.text[left : block.text.index(b"\n", left)]):
            self._cut(fence, "size", behind.at)
        else:
            self._emit(fence, self._line_end(fence), behind.at, {})

    def _cut(self, fence: CodeFence, why: str, at: int) -> None:
        self._report.tell(fence.held)
        self._emit(fence, self._line_end(fence), at, {"cut": why})

    def _line_end(self, fence: CodeFence) -> int:
        """Of a fence that nothing closes: its last line so far."""
        return fence.line_number + fence.lines if self._numbered else self._last_number

    def _emit(self, fence: CodeFence, line_end: int, at: int, extra: dict[str, Any]) -> None:
        self._fence = None
        report_block(self._report, fence, line_end, at, extra)
