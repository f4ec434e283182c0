"""What of the tokens that agents tell counts, so that none counts twice; and questions about it. Pure.

Agents tell the same tokens in several ways: of a message in each of its records, as the running total of a thread that
may go on in another session, as the total of a run beside the messages that it consisted of.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

USAGE_BY = ("day", "agent", "model", "session")
RUNNING_TOTALS = ("run", "thread")  # scopes whose numbers contain those told before

_CENTS = 1e-9  # dollars below which a difference is one of rounding


class Amounts(NamedTuple):
    """Tokens and dollars; None is what nobody told. `total` is what the agent means by all of its tokens."""

    input_uncached: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None
    cost_usd: float | None = None

    def plus(self, other: "Amounts") -> "Amounts":
        """Both together."""
        return _combined(lambda one, two: (one or 0) + (two or 0), self, other)

    def beyond(self, other: "Amounts") -> "Amounts":
        """What there is of these that is not among the others."""
        rest = _combined(lambda one, two: max(0, (one or 0) - (two or 0)), self, other)
        known = (None if mine is None else left for mine, left in zip(self, rest, strict=True))
        rest = Amounts(*known)  # type: ignore[arg-type]  # every one is as the field that it comes from
        return rest._replace(cost_usd=0.0) if rest.cost_usd is not None and rest.cost_usd < _CENTS else rest


class Told(NamedTuple):
    """A row of the ledger, or several of one scope, model and time together."""

    session_id: str
    thread: str
    scope: str
    model: str
    start: str
    amounts: Amounts


Counts = Mapping[tuple[str, str], Amounts]
"""What counts, by the hour in which it was told and by model."""


class UsageRequest(NamedTuple):
    """What was used from `since` until `until` (timestamps), by one of `USAGE_BY`; at most `limit` rows."""

    by: str
    since: str | None = None
    until: str | None = None
    agent: str | None = None
    session: str | None = None
    limit: int = 100


class UsageRow(NamedTuple):
    """What was used under one name: a day (UTC), an agent, a model ('' where nobody told) or a session."""

    name: str
    sessions: int
    amounts: Amounts


class UsageAnswer(NamedTuple):
    """Days newest first, others by their tokens; `total` is of all rows, also of those beyond the limit."""

    rows: Sequence[UsageRow]
    total: UsageRow


def count_usage(session_id: str, told: Iterable[Told]) -> Counts:
    """What counts for this session. `told` has its rows, and every reading of the threads that it goes on with."""
    counts: dict[tuple[str, str], Amounts] = {}
    for _, rows in groupby(sorted(_named(session_id, list(told)), key=_by_thread), key=_by_thread):
        for start, model, amounts in _thread_counts(session_id, list(rows)):
            counts[start, model] = counts.get((start, model), Amounts()).plus(amounts)
    something = {key: amounts for key, amounts in counts.items() if any(amounts)}
    return something if add_up(something.values()) == add_up(counts.values()) else counts


def add_up(counts: Iterable[Amounts]) -> Amounts:
    """All of them together."""
    total = Amounts()
    for amounts in counts:
        total = total.plus(amounts)
    return total


_Counted = tuple[str, str, Amounts]


def _thread_counts(session_id: str, rows: Sequence[Told]) -> list[_Counted]:
    own = [row for row in rows if row.session_id == session_id]
    counted = [(row.start, row.model, row.amounts) for row in own if row.scope not in RUNNING_TOTALS]
    if not counted:
        counted = _readings(session_id, [row for row in rows if row.scope == "thread"])
    runs = sorted((row for row in own if row.scope == "run"), key=lambda row: row.model == "")
    for row in runs:  # those of a model first: the run as a whole adds what none of them had
        mine = (amounts for _, model, amounts in counted if row.model in ("", model))
        counted.append((row.start, row.model, row.amounts.beyond(add_up(mine))))
    return counted


def _readings(session_id: str, readings: Sequence[Told]) -> list[_Counted]:
    """Running totals only grow: each counts from the next lower one, in whatever session that was told."""
    counted, before = [], Amounts()
    for row in sorted(readings, key=lambda row: (row.amounts.total or 0, row.start, row.session_id)):
        if row.session_id == session_id:
            counted.append((row.start, row.model, row.amounts.beyond(before)))
        before = row.amounts
    return counted


def _named(session_id: str, told: Sequence[Told]) -> Iterator[Told]:
    """Where the session knows one thread, that is what it means also where it names none."""
    names = {row.thread for row in told if row.session_id == session_id and row.thread}
    only = names.pop() if len(names) == 1 else ""
    for row in told:
        yield row if row.thread or row.session_id != session_id else row._replace(thread=only)


def _by_thread(row: Told) -> str:
    return row.thread


def _combined(combine: Callable[[float | None, float | None], float], one: Amounts, two: Amounts) -> Amounts:
    pairs = zip(one, two, strict=True)
    values = (None if mine is None and other is None else combine(mine, other) for mine, other in pairs)
    return Amounts(*values)  # type: ignore[arg-type]  # sums and differences of whole numbers are whole
