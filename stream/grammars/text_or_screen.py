"""An agent in a terminal, of which nobody has said whether it fills the screen: what it prints says it. Pure.

A command may be a script, and a full-screen program that cannot start prints lines like any other.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stream.grammars.grammar import Grammar
from stream.lines_before import LinesBefore
from stream.regions import PLAIN, Region
from stream.report import Report
from stream.text_block import Where


class TextOrScreen:
    """Read as text, until a row comes, outside of everything, that only the agent's screen has (`begins_screen`)."""

    def __init__(self, text: Grammar, screen: Grammar, begins_screen: Callable[[str], bool]) -> None:
        self._text = text
        self._screen = screen
        self._begins_screen = begins_screen
        self._is_on_screen = False

    @property
    def before(self) -> LinesBefore | None:
        return self._text.before

    @property
    def region(self) -> Region:
        return self._chosen.region

    @property
    def awaits_opening(self) -> bool:
        return self._chosen.awaits_opening

    @property
    def hungry(self) -> bool:
        return self._chosen.hungry

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        if not self._is_on_screen and not fenced and self._text.region is PLAIN:
            self._is_on_screen = self._begins_screen(line.rstrip())
        return self._chosen.read(line, where, report, fenced=fenced)

    def settle(self, report: Report) -> None:
        self._text.settle(report)
        self._screen.settle(report)

    def finish(self, at: int, report: Report) -> None:
        self._text.finish(at, report)
        self._screen.finish(at, report)

    def state(self) -> dict[str, Any]:
        return {"on_screen": self._is_on_screen, "text": self._text.state(), "screen": self._screen.state()}

    def resume(self, state: Mapping[str, Any]) -> None:
        self._is_on_screen = state["on_screen"]
        self._text.resume(state["text"])
        self._screen.resume(state["screen"])

    @property
    def _chosen(self) -> Grammar:
        return self._screen if self._is_on_screen else self._text
