"""Every question of the HTTP interface at a million events, server-side: p50 and p95 of the time in the reader.

`python -m benchmarks.queries [EVENTS]`; parameters vary from question to question, nothing is cached but by SQLite.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.budget import Measurement, table
from benchmarks.large_database import AGENTS, START, TYPES, build, session_id
from data.queries import BlockFilter, Cursor, ExtractionFilter, PageRequest, SessionFilter
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.summaries import TimelineRequest, TopRequest
from data.terms import Term, parse_terms
from stream.timestamps import format_timestamp

ROUNDS = 60
EVENTS = 1_000_000
SEARCHES = ("timeout", "connection refused", '"test suite"', "error 42", "nothinglikeit")

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR

Question = Callable[[SQLiteReader, random.Random], Awaitable[object]]


class Case(NamedTuple):
    """A question and the milliseconds that 95 of 100 may take at most."""

    name: str
    budget: float
    ask: Question


def moment(dice: random.Random, after: int = 0) -> str:
    """A time within the months; five minutes are whole."""
    return format_timestamp((START + after + dice.randrange(900) * _HOUR) // (_HOUR // 12) * (_HOUR // 12))


def span(dice: random.Random, length: int) -> tuple[str, str]:
    """A span of that many µs somewhere within the months."""
    start = (START + dice.randrange(900) * _HOUR) // (_HOUR // 12) * (_HOUR // 12)
    return format_timestamp(start), format_timestamp(start + length)


def events(**fields: Callable[[random.Random], object]) -> Question:
    """A page of events as HTTP gives it, by filters whose values are drawn."""

    async def ask(reader: SQLiteReader, dice: random.Random) -> object:
        given = {name: draw(dice) for name, draw in fields.items() if name != "span"}
        if "span" in fields:
            given["since"], given["until"] = fields["span"](dice)  # type: ignore[misc]
        return await reader.extractions_as_json(ExtractionFilter(**given), PageRequest())  # type: ignore[arg-type]

    return ask


def agent(dice: random.Random) -> str:
    return dice.choice(AGENTS)


def event_type(dice: random.Random) -> str:
    return dice.choice(TYPES)


def pattern(dice: random.Random) -> str:
    return f"pattern_{dice.randrange(40):02}"


def session(dice: random.Random) -> str:
    return session_id(dice.randrange(1000))


def risk(dice: random.Random) -> str:
    return dice.choice(("low", "medium", "high", "critical"))


def word(dice: random.Random) -> tuple[Term, ...]:
    return parse_terms(dice.choice(SEARCHES))


CASES = (
    Case("last 100 events", 10, events()),
    Case("events of an agent", 20, events(agent=agent)),
    Case("events of a type", 20, events(event_type=event_type)),
    Case("events of a pattern", 20, events(pattern=pattern)),
    Case("events of a session", 20, events(session=session)),
    Case("events of a risk", 20, events(risk=risk)),
    Case("agent + type", 20, events(agent=agent, event_type=event_type)),
    Case("agent + pattern", 20, events(agent=agent, pattern=pattern)),
    Case("agent + risk", 20, events(agent=agent, risk=risk)),
    Case("type + risk", 20, events(event_type=event_type, risk=risk)),
    Case("agent + type + risk", 20, events(agent=agent, event_type=event_type, risk=risk)),
    Case("session + type", 20, events(session=session, event_type=event_type)),
    Case("an hour of the past", 20, events(span=lambda dice: span(dice, _HOUR))),
    Case("a week of the past", 20, events(span=lambda dice: span(dice, 7 * _DAY))),
    Case("agent + a day of the past", 20, events(agent=agent, span=lambda dice: span(dice, _DAY))),
    Case("pattern + a week of the past", 20, events(pattern=pattern, span=lambda dice: span(dice, 7 * _DAY))),
    Case("poll behind an id", 20, events(after=lambda dice: dice.randrange(EVENTS))),
    Case(
        "page in the middle (cursor)",
        20,
        lambda reader, dice: reader.extractions_as_json(
            ExtractionFilter(agent=agent(dice)), PageRequest(cursor=Cursor(dice.randrange(1000, EVENTS)))
        ),
    ),
    Case("events that hold q", 20, events(q=word)),
    Case("agent + q", 20, events(agent=agent, q=word)),
    Case("session + q", 20, events(session=session, q=word)),
    Case("day of the past + q", 20, events(q=word, span=lambda dice: span(dice, _DAY))),
    Case("a beginning of frequent words", 20, events(q=lambda _: parse_terms("conf*"))),
    Case("search, best 20", 20, lambda reader, dice: reader.search(word(dice), None, 20)),
    Case("code blocks", 20, lambda reader, _: reader.code_blocks(BlockFilter(), PageRequest())),
    Case(
        "code blocks of an agent", 20, lambda reader, dice: reader.code_blocks(BlockFilter(agent(dice)), PageRequest())
    ),
    Case(
        "code blocks of a session",
        20,
        lambda reader, dice: reader.code_blocks(BlockFilter(session=session(dice)), PageRequest()),
    ),
    Case(
        "code blocks of a day of the past",
        20,
        lambda reader, dice: reader.code_blocks(BlockFilter(None, None, None, *span(dice, _DAY)), PageRequest()),
    ),
    Case("sessions", 20, lambda reader, _: reader.sessions(SessionFilter(), PageRequest())),
    Case(
        "sessions of an agent and state",
        20,
        lambda reader, dice: reader.sessions(SessionFilter(agent(dice), "failed"), PageRequest()),
    ),
    Case("one session", 5, lambda reader, dice: reader.session(session(dice))),
    Case("stats: everything", 5, lambda reader, _: reader.overall_stats()),
    Case("stats: an agent", 5, lambda reader, dice: reader.agent_stats(agent(dice))),
    Case("stats: a pattern", 5, lambda reader, dice: reader.pattern_stats(pattern(dice), 10)),
    Case(
        "timeline: a week by the hour",
        20,
        lambda reader, dice: reader.timeline(TimelineRequest(*span(dice, 7 * _DAY), 3600)),
    ),
    Case(
        "timeline: a day by 5 minutes, an agent",
        20,
        lambda reader, dice: reader.timeline(TimelineRequest(*span(dice, _DAY), 300, agent(dice))),
    ),
    Case("summary: a night", 20, lambda reader, dice: reader.span_summary(*span(dice, 14 * _HOUR))),
    Case("summary: a week", 20, lambda reader, dice: reader.span_summary(*span(dice, 7 * _DAY))),
    Case("summary: a session", 5, lambda reader, dice: reader.session_summary(session(dice))),
    Case("attention", 5, lambda reader, _: reader.concerns(50)),
    Case("top patterns of a week", 5, lambda reader, dice: reader.top(TopRequest("pattern", *span(dice, 7 * _DAY)))),
    Case("top values of a week", 20, lambda reader, dice: reader.top(TopRequest("value", *span(dice, 7 * _DAY)))),
    Case("top commands of a week", 20, lambda reader, dice: reader.top(TopRequest("command", *span(dice, 7 * _DAY)))),
)


def measure(folder: Path, number: int = EVENTS) -> list[Measurement]:
    """A row for each question, over a database of that many events."""
    path = folder / "wrapper.db"
    build(path, number)
    size = Measurement("size of the database", "", f"{path.stat().st_size / number:.0f} bytes an event", None)
    return [size, *asyncio.run(ask_all(path))]


async def ask_all(path: Path) -> list[Measurement]:
    """A row for each question."""
    rows = []
    async with ReadPool(path) as pool:
        reader = SQLiteReader(pool)
        for case in CASES:
            times = sorted([await _milliseconds(case, reader, random.Random(number)) for number in range(ROUNDS)])
            p95 = times[int(len(times) * 0.95)]
            figures = f"p50 {statistics.median(times):6.2f} ms, p95 {p95:6.2f} ms"
            rows.append(Measurement(case.name, f"p95 ≤ {case.budget:g} ms", figures, p95 <= case.budget))
    return rows


async def _milliseconds(case: Case, reader: SQLiteReader, dice: random.Random) -> float:
    start = time.perf_counter()
    await case.ask(reader, dice)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory(prefix="queries-") as scratch:
        print(table(measure(Path(scratch), *map(int, sys.argv[1:]))))


if __name__ == "__main__":
    main()
