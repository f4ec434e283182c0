"""Commands of codex that run at the same time: which of them an outcome belongs to, as far as that is sure. Pure.

All are begun before the first one ends, and no outcome names its command. It is sure where a command runs alone, or
where one alone has run for as long as the outcome says. Other outcomes are held until all of these commands have
ended: then those are told of a command that every outcome agrees in which may be its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from stream.grammars.account import Passage
from stream.grammars.codex.outcomes import Outcome

MOST_OPEN = 50
_NEAR = 1_000_000  # µs that a command's own clock may differ from the times of its two lines
_FAR = 3_000_000  # µs that it cannot


class Running(NamedTuple):
    """A command that has begun."""

    command: str
    cwd: str
    passage: Passage

    @classmethod
    def resumed(cls, row: Sequence[Any]) -> Self:
        """Of its JSON form."""
        return cls(row[0], row[1], Passage.resumed(row[2]))


class _Held(NamedTuple):
    """An outcome, and the number of its line."""

    outcome: Outcome
    number: int


class SideBySide:
    """The commands of one stream that have no outcome yet, in the order in which they began."""

    def __init__(self) -> None:
        self.running: list[Running] = []
        self._held: list[_Held] = []

    def begin(self, running: Running) -> None:
        """At most `MOST_OPEN` at a time: before that, all are to be given up."""
        self.running.append(running)

    def end_last(self) -> Running:
        """The one that began last has its outcome on its own line."""
        return self.running.pop()

    def identify(self, outcome: Outcome, at: int) -> Running | None:
        """The command that surely ended with this outcome, which came at this time; None if nobody knows."""
        if len(self.running) == 1 and not self._held:
            return self.running.pop()
        if outcome.duration_ms is None:
            return None
        began = at - outcome.duration_ms * 1000
        nearest, *others = sorted((abs(one.passage.at - began), place) for place, one in enumerate(self.running))
        if nearest[0] <= _NEAR and all(distance >= _FAR for distance, _ in others):
            return self.running.pop(nearest[1])
        return None

    def hold(self, outcome: Outcome, number: int) -> None:
        """The outcome of one of them, in the line with this number."""
        self._held.append(_Held(outcome, number))

    def ended(self) -> list[tuple[Running, Outcome]]:
        """All of them, and what is known of their ends, once each has ended."""
        return self.give_up() if len(self._held) == len(self.running) else []

    def give_up(self) -> list[tuple[Running, Outcome]]:
        """No more outcomes will come: the commands, and what is known of their ends."""
        running, self.running = self.running, []
        held, self._held = self._held, []
        if len(held) < len(running):
            return [(one, Outcome("unknown")) for one in running]
        return [(one, _agreed([end.outcome for end in held if end.number > _last(one)])) for one in running]

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"running": self.running, "held": self._held}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self.running = [Running.resumed(row) for row in state["running"]]
        self._held = [_Held(Outcome(*outcome), number) for outcome, number in state["held"]]


def _last(running: Running) -> int:
    """Number of the command's last line."""
    return running.passage.where.number + running.passage.text.count("\n")


def _agreed(outcomes: Sequence[Outcome]) -> Outcome:
    """What all of them say."""
    told = [set(values) for values in zip(*outcomes, strict=True)]
    outcome, exit_code, duration = (values.pop() if len(values) == 1 else None for values in told)
    return Outcome(outcome or "unknown", exit_code, duration)
