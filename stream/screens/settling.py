"""From what stands on a screen to lines, each once. Pure.

A row counts when it has settled or scrolled off, and again only if its text has changed by then. What is another state
of a row that has counted (`stream.screens.revisions`) waits until it is gone: of a progress bar the first and the last
count.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from stream.screens.alignment import aligned, gaps
from stream.screens.revisions import COUNTS, GROWS, SAME, Shape, revision, shape_of
from stream.screens.shown_again import shown_again

_LAST = "last"
_LOOK_AHEAD = 100  # rows that are compared with those before; a repaint is not longer


class Row(NamedTuple):
    """A row as it stood last. `owed` says why its text has not counted yet, if it has not."""

    text: str
    owed: str = ""


class Settling:
    """What has been told of one screen."""

    def __init__(self, rows: list[Row] | None = None) -> None:
        self.rows = rows or []

    @property
    def owes(self) -> bool:
        """Whether states of rows are waiting to become the last."""
        return any(row.owed for row in self.rows)

    def settle(
        self,
        gone: list[str],
        view: list[str],
        *,
        moving: Collection[int] = (),
        patient: bool = False,
        seen: Callable[[int], bool] | None = None,
    ) -> list[str]:
        """The lines that count now: of those that are `gone` from the screen, and of those in `view`, its rows.

        `moving` are indices of rows that are not judged yet. `patient`: what stood where they are may come back.
        `seen`, for a screen without history, tells of a row's index whether it was shown before.
        """
        now = gone + view
        if not self.owes and now == [row.text for row in self.rows]:
            return []
        comparison = _Comparison(self.rows, now, len(gone), frozenset(index + len(gone) for index in moving))
        comparison.run(patient=patient, seen=seen)
        self.rows = comparison.rows
        return comparison.lines

    def finish(self) -> list[str]:
        """The last states of rows that were waiting to become that."""
        lines = [row.text for row in self.rows if row.owed]
        self.rows = [Row(row.text) for row in self.rows]
        return lines

    def state(self) -> list[Any]:
        """JSON-serialisable."""
        return [list(row) for row in self.rows]

    @classmethod
    def resume(cls, state: list[Any]) -> "Settling":
        """Goes on where `state` was taken."""
        return cls([Row(*row) for row in state])


class _Comparison:
    """What the rows `before` have become: of those `now`, so many are gone, and some are still moving."""

    def __init__(self, before: list[Row], now: list[str], gone: int, moving: frozenset[int]) -> None:
        self.lines: list[str] = []  # that count
        self.rows: list[Row] = []  # that stand
        self._before, self._now, self._gone, self._moving = before, now, gone, moving

    def run(self, *, patient: bool, seen: Callable[[int], bool] | None) -> None:
        pairs = aligned([row.text for row in self._before], self._now)
        again = shown_again(pairs, self._now, self._moving, seen) if seen else frozenset()
        spans = gaps(pairs, len(self._before), len(self._now))
        for (olds, news), pair in zip(spans, [*pairs, None], strict=True):
            if olds or news:
                self._gap(olds, news, again, patient=patient, is_last=pair is None, trim=seen is not None)
            if pair:
                self._stay(self._before[pair[0]], pair[1])

    def _gap(
        self, olds: range, news: range, again: frozenset[int], *, patient: bool, is_last: bool, trim: bool
    ) -> None:
        """What has become of rows between two that have stayed."""
        rows = [self._before[place] for place in olds]
        judged = [index for index in news if index not in self._moving]
        states = self._states(rows, judged)
        if is_last and not trim and len(judged) > len(rows):
            self._end_states(states, judged)
        self._leave(rows, states, stay=patient and len(judged) < len(news))
        counted = [index for index in judged if self._appear(index, states.get(index))]
        fresh = [self._now[index] for index in counted if index not in again]
        self.lines += _without_blank_ends(fresh) if trim else fresh

    def _end_states(self, states: dict[int, tuple[Row, str]], judged: list[int]) -> None:
        """Rows with new ones below them, at the end of what is printed line by line, are in their last state."""
        newest = max((index for index in judged if index not in states and self._now[index]), default=-1)
        if newest < 0:
            return
        self.lines += [row.text for row in self.rows if row.owed]
        self.rows = [Row(row.text) for row in self.rows]
        for index, (row, how) in states.items():
            if index < newest and how != SAME:
                states[index] = (row, _LAST)

    def _stay(self, row: Row, index: int) -> None:
        stands = index >= self._gone
        if row.owed and index not in self._moving and (not stands or row.owed == GROWS):
            self.lines.append(row.text)
            row = Row(row.text)
        if stands:
            self.rows.append(row)

    def _leave(self, rows: list[Row], states: dict[int, tuple[Row, str]], *, stay: bool) -> None:
        followed = [id(row) for row, _ in states.values()]
        left = [row for row in rows if id(row) not in followed]
        if stay:
            self.rows += left
        else:
            self.lines += [row.text for row in left if row.owed]

    def _appear(self, index: int, state: tuple[Row, str] | None) -> bool:
        """Whether the row's text counts, if it is new."""
        stands = index >= self._gone
        before, how = state or (None, "")
        owed = before.owed if before and how == SAME else how
        told = not how or how == _LAST or (not stands and bool(owed))
        if stands:
            self.rows.append(Row(self._now[index], "" if told else owed))
        return told

    def _states(self, before: list[Row], judged: list[int]) -> dict[int, tuple[Row, str]]:
        """Which of the rows now are another state of which before; only if half of those before have one."""
        olds = [(row, shape_of(row.text)) for row in before if row.text]
        if not olds:
            return {}
        news = [(index, shape_of(self._now[index])) for index in judged[:_LOOK_AHEAD]]
        lists = _repeated(shape for _, shape in olds) | _repeated(shape for _, shape in news)
        wanted = (len(olds) + 1) // 2
        states: dict[int, tuple[Row, str]] = {}
        for index, shape in news:
            for place, (row, old) in enumerate(olds):
                how = revision(old, shape)
                if how and (how != COUNTS or shape.progress is not None or tuple(shape.words) not in lists):
                    states[index] = (row, how)
                    del olds[place]
                    break
        return states if len(states) >= wanted else {}


def _repeated(shapes: Iterable[Shape]) -> set[tuple[str, ...]]:
    """Words of several rows: numbers are what tells these rows apart."""
    return {words for words, count in Counter(tuple(shape.words) for shape in shapes).items() if count > 1}


def _without_blank_ends(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    return lines[start:end]
