"""codex in a terminal whose command does not say how codex runs (a script): what is printed says it.

The full-screen program and `codex exec` begin with other rows; until one of them comes, lines are anybody's.
"""

from collections.abc import Mapping
from typing import Any

from stream.grammars.codex.grammar import CodexText
from stream.grammars.codex.screen import CodexScreen, begins_screen
from stream.grammars.grammar import Grammar
from stream.lines_before import LinesBefore
from stream.recording import RecordingHeader
from stream.regions import PLAIN, Region
from stream.report import Report
from stream.text_block import Where


class CodexTerminal:
    """Of one stream."""

    def __init__(self, header: RecordingHeader, stream: str) -> None:
        self._text = CodexText(header, stream)
        self._screen = CodexScreen()
        self._chosen: Grammar | None = None

    @property
    def before(self) -> LinesBefore:
        return self._text.before

    @property
    def region(self) -> Region:
        return self._chosen.region if self._chosen else PLAIN

    @property
    def hungry(self) -> bool:
        return self._chosen is not None and self._chosen.hungry

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        if self._chosen is None and not fenced and begins_screen(line):
            self._chosen = self._screen
        elif self._chosen is None:  # which does nothing before its header, lines of codex's log aside
            own = self._text.read(line, where, report, fenced=fenced)
            self._chosen = self._text if self._text.has_begun else None
            return own
        return self._chosen.read(line, where, report, fenced=fenced)

    def settle(self, report: Report) -> None:
        self._text.settle(report)
        self._screen.settle(report)

    def finish(self, at: int, report: Report) -> None:
        self._text.finish(at, report)
        self._screen.finish(at, report)

    def state(self) -> dict[str, Any]:
        chosen = None if self._chosen is None else "screen" if self._chosen is self._screen else "text"
        return {"chosen": chosen, "text": self._text.state(), "screen": self._screen.state()}

    def resume(self, state: Mapping[str, Any]) -> None:
        self._text.resume(state["text"])
        self._screen.resume(state["screen"])
        self._chosen = {"text": self._text, "screen": self._screen, None: None}[state["chosen"]]
