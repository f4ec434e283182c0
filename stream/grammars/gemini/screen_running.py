"""The tools on gemini's screen that were seen running, and what came below them before their ends did. Pure.

The row of a tool changes when it has ended, and a row that changes may count long after those below it. Tools that
begin right behind one another run together; what else comes in between says that those before have ended.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

from stream.decoders.record import Record
from stream.grammars.screen_rows import row_state, rowed
from stream.lazy_regex import lazy_regex
from stream.shell.reading import only_reads

CHANGERS = frozenset({"Edit", "WriteFile", "Replace"})
DONE = lazy_regex(r"(?P<path>\S.*?) → Accepted(?: \(\+(?P<added>\d+), -(?P<removed>\d+)\))?$")
_PATH = lazy_regex(r"(?:Writing to )?(?P<path>\S+?):?(?: .*)?$")
_WAITS = "o"
_MOST_ROWS = 300
_MOST_CALLS = 50


class Shown(NamedTuple):
    """A call, the rows below it. `boxed`: it stands in a box, and so do they.

    `doubted`: others ran beside it, and of some rows nobody knows whose they are.
    """

    mark: str
    tool: str
    rest: str
    record: Record
    boxed: bool
    rows: tuple[str, ...] = ()
    doubted: bool = False

    @property
    def subject(self) -> str:
        """What the tool is used on."""
        if done := DONE.match(self.rest):
            return done["path"]
        match = _PATH.match(self.rest) if self.tool in CHANGERS else None
        return match["path"] if match else self.rest

    @property
    def may_print(self) -> bool:
        """Whether what it prints stands in a box, and it is more than waiting."""
        return self.boxed and self.mark != _WAITS

    def below(self, *rows: str) -> Self:
        """With rows more; of too many the last ones, which tell how it ended."""
        return self._replace(rows=(*self.rows, *rows)[-_MOST_ROWS:])

    def state(self) -> list[Any]:
        """JSON-serialisable."""
        return [*self[:3], row_state(self.record), self.boxed, self.rows, self.doubted]

    @classmethod
    def resumed(cls, state: Sequence[Any]) -> Self:
        """That which `state` was taken of."""
        mark, tool, rest, record, boxed, rows, doubted = state
        return cls(mark, tool, rest, rowed(record), boxed, tuple(rows), doubted)


class Running:
    """Of one screen."""

    def __init__(self) -> None:
        self._together: list[Shown | None] = []  # those that run now, in their order; None where one has ended
        self._earlier: list[Shown] = []  # have ended, but have not been shown to
        self._apart = False  # something else has come since the last one began
        self._between: list[str] = []  # rows of one of several, directly before what comes next
        self._stray: list[str] = []  # those of which nobody knows whose they are
        self._in_doubt = False  # whether there have been any, while those ran that run now

    @property
    def left(self) -> Sequence[Shown]:
        """Those that run now."""
        return [shown._replace(doubted=self._in_doubt) for shown in self._together if shown]

    def begin(self, shown: Shown, *, opens_box: bool) -> None:
        """A call that runs, or waits. One that is painted again, as its mark turns, is the same."""
        is_new = self._apart and opens_box
        for index, other in enumerate(self._together):
            is_alike = other and (other.tool, other.subject) == (shown.tool, shown.subject)
            if other and is_alike and (other.mark == _WAITS or not is_new):
                self._together[index] = shown._replace(rows=_joined(other.rows, shown.rows))
                return
        if self._apart:
            self._earlier = [*self._earlier, *self.left][-_MOST_CALLS:]
            self._together, self._in_doubt = [], False
        self._apart = False
        if len(self._together) < _MOST_CALLS:
            self._together.append(shown)

    def part(self) -> None:
        """Something else has come."""
        self._apart = True
        self._lose()

    def take(self, row: str) -> bool:
        """A row of a box, at its place below its call. Whether it may be of one of these."""
        printing = [index for index, shown in enumerate(self._together) if shown and shown.may_print]
        if not printing:
            return False
        self._apart = True
        if len(printing) == 1:
            self._add(printing[0], row)
        else:
            self._between = [*self._between, row][-_MOST_ROWS:]
        return True

    def end(self, shown: Shown) -> Shown:
        """A call that has ended, with the rows that came before."""
        repeated = [begun.subject for begun in self._earlier if begun.tool == shown.tool]
        index = None if shown.subject in repeated else _match(self._together, shown)
        if index is not None:
            self._give_to_the_one_before(index)
            begun, self._together[index] = self._together[index], None
            rows = _joined(begun.rows if begun else (), shown.rows)
            return shown._replace(rows=rows, doubted=self._in_doubt)
        self._lose()
        index = _match(self._earlier, shown)
        if index is None:
            return shown
        begun = self._earlier.pop(index)
        if self.left:  # what has come with it is of those that run now
            rows = tuple(row for row in shown.rows if not self.take(row))
            end = shown.record.line_end if rows else shown.record.where.number
            shown = shown._replace(rows=rows, record=shown.record._replace(line_end=end))
        return shown._replace(rows=_joined(begun.rows, shown.rows), doubted=begun.doubted)

    def strays(self) -> list[str]:
        """Rows since the last call of which nobody knows whose they are; none where one of the calls merely shows."""
        self._lose()
        rows, self._stray = self._stray, []
        return rows

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {
            "together": [shown and shown.state() for shown in self._together],
            "earlier": [shown.state() for shown in self._earlier],
            "flags": [self._apart, self._in_doubt],
            "rows": [self._between, self._stray],
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._together = [shown and Shown.resumed(shown) for shown in state["together"]]
        self._earlier = [Shown.resumed(shown) for shown in state["earlier"]]
        self._apart, self._in_doubt = state["flags"]
        self._between, self._stray = map(list, state["rows"])

    def _add(self, index: int, *rows: str) -> None:
        if shown := self._together[index]:
            self._together[index] = shown.below(*rows)

    def _give_to_the_one_before(self, index: int) -> None:
        """Rows that came directly before the end of a call are of the one above it, if that has not ended."""
        before = self._together[index - 1] if index else None
        if before and before.may_print:
            self._add(index - 1, *self._between)
            self._between = []
        self._lose()

    def _lose(self) -> None:
        rows, self._between = self._between, []
        if rows:
            self._in_doubt = True
            shows = any(shown.tool == "Shell" and _only_reads(shown.rest) for shown in self.left)
            self._stray = [*self._stray, *([] if shows else rows)][-_MOST_ROWS:]


@lru_cache(_MOST_CALLS)
def _only_reads(command: str) -> bool:
    """Asked again with every row that is nobody's."""
    return only_reads(command)


def _match(calls: Sequence[Shown | None], ended: Shown) -> int | None:
    """Which of these calls it is that has ended."""
    alike = [(index, call.subject) for index, call in enumerate(calls) if call and call.tool == ended.tool]
    subject = ended.subject
    found = [index for index, begun in alike if begun == subject] or [
        index
        for index, begun in alike
        if begun.endswith(f"/{subject}") or _is_short_for(begun, subject) or _is_short_for(subject, begun)
    ]
    if not found and len(alike) == 1 and ended.tool != "Shell":  # others say something else once they are done
        return alike[0][0]
    return found[0] if found else None


def _is_short_for(short: str, whole: str) -> bool:
    return short.endswith(("…", "...")) and whole.startswith(short.removesuffix("…").removesuffix("..."))


def _joined(before: Sequence[str], rows: Sequence[str]) -> tuple[str, ...]:
    """The rows behind those before, without what is painted again: an end of these that is their beginning."""
    for size in range(min(len(before), len(rows)), 0, -1):
        if list(before[-size:]) == list(rows[:size]):
            return (*before, *rows[size:])[-_MOST_ROWS:]
    return (*before, *rows)[-_MOST_ROWS:]
