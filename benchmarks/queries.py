"""Every question of the HTTP interface at a million events, server-side: p50 and p95 of the time in the reader.

`python -m benchmarks.queries [EVENTS]`; parameters vary from question to question, nothing is cached but by SQLite.
Beside each p95 stands that of the processor's time, of all threads: what the same takes while nothing else runs.
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
from benchmarks.large_database import AGENTS, START, TYPES, build, session_id, sessions_of
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


class Draw(NamedTuple):
    """What the values of one question are drawn by, and from how many events."""

    dice: random.Random
    stored: int

    def span(self, length: int) -> tuple[str, str]:
        """A span of that many µs somewhere within the months; five minutes are whole."""
        hours = sessions_of(self.stored) * 9 // 10
        start = (START + self.dice.randrange(hours) * _HOUR) // (_HOUR // 12) * (_HOUR // 12)
        return format_timestamp(start), format_timestamp(start + length)


Question = Callable[[SQLiteReader, Draw], Awaitable[object]]


class Case(NamedTuple):
    """A question and the milliseconds that 95 of 100 may take at most."""

    name: str
    budget: float
    ask: Question


def events(span: Callable[[Draw], tuple[str, str]] | None = None, **fields: Callable[[Draw], object]) -> Question:
    """A page of events as HTTP gives it, by filters whose values are drawn."""

    async def ask(reader: SQLiteReader, draw: Draw) -> object:
        given = {name: value(draw) for name, value in fields.items()}
        if span is not None:
            given["since"], given["until"] = span(draw)
        return await reader.extractions_as_json(ExtractionFilter(**given), PageRequest())  # type: ignore[arg-type]

    return ask


def agent(draw: Draw) -> str:
    return draw.dice.choice(AGENTS)


def event_type(draw: Draw) -> str:
    return draw.dice.choice(TYPES)


def pattern(draw: Draw) -> str:
    return f"pattern_{draw.dice.randrange(40):02}"


def session(draw: Draw) -> str:
    sessions = sessions_of(draw.stored)
    return session_id(draw.dice.randrange(sessions), sessions)


def risk(draw: Draw) -> str:
    return draw.dice.choice(("low", "medium", "high", "critical"))


def word(draw: Draw) -> tuple[Term, ...]:
    return parse_terms(draw.dice.choice(SEARCHES))


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
    Case("an hour of the past", 20, events(span=lambda draw: draw.span(_HOUR))),
    Case("a week of the past", 20, events(span=lambda draw: draw.span(7 * _DAY))),
    Case("agent + a day of the past", 20, events(agent=agent, span=lambda draw: draw.span(_DAY))),
    Case("pattern + a week of the past", 20, events(pattern=pattern, span=lambda draw: draw.span(7 * _DAY))),
    Case("poll behind an id", 20, events(after=lambda draw: draw.dice.randrange(draw.stored))),
    Case(
        "page in the middle (cursor)",
        20,
        lambda reader, draw: reader.extractions_as_json(
            ExtractionFilter(agent=agent(draw)), PageRequest(cursor=Cursor(draw.dice.randrange(1000, draw.stored)))
        ),
    ),
    Case("events that hold q", 20, events(q=word)),
    Case("agent + q", 20, events(agent=agent, q=word)),
    Case("session + q", 20, events(session=session, q=word)),
    Case("day of the past + q", 20, events(q=word, span=lambda draw: draw.span(_DAY))),
    Case("a beginning of frequent words", 20, events(q=lambda _: parse_terms("conf*"))),
    Case("search, best 20", 20, lambda reader, draw: reader.search(word(draw), None, 20)),
    Case("code blocks", 20, lambda reader, _: reader.code_blocks(BlockFilter(), PageRequest())),
    Case(
        "code blocks of an agent", 20, lambda reader, draw: reader.code_blocks(BlockFilter(agent(draw)), PageRequest())
    ),
    Case(
        "code blocks of a session",
        20,
        lambda reader, draw: reader.code_blocks(BlockFilter(session=session(draw)), PageRequest()),
    ),
    Case(
        "code blocks of a day of the past",
        20,
        lambda reader, draw: reader.code_blocks(BlockFilter(None, None, None, *draw.span(_DAY)), PageRequest()),
    ),
    Case("sessions", 20, lambda reader, _: reader.sessions(SessionFilter(), PageRequest())),
    Case(
        "sessions of an agent and state",
        20,
        lambda reader, draw: reader.sessions(SessionFilter(agent(draw), "failed"), PageRequest()),
    ),
    Case("one session", 5, lambda reader, draw: reader.session(session(draw))),
    Case("stats: everything", 5, lambda reader, _: reader.overall_stats()),
    Case("stats: an agent", 5, lambda reader, draw: reader.agent_stats(agent(draw))),
    Case("stats: a pattern", 5, lambda reader, draw: reader.pattern_stats(pattern(draw), 10)),
    Case(
        "timeline: a week by the hour",
        20,
        lambda reader, draw: reader.timeline(TimelineRequest(*draw.span(7 * _DAY), 3600)),
    ),
    Case(
        "timeline: a day by 5 minutes, an agent",
        20,
        lambda reader, draw: reader.timeline(TimelineRequest(*draw.span(_DAY), 300, agent(draw))),
    ),
    Case("summary: a night", 20, lambda reader, draw: reader.span_summary(*draw.span(14 * _HOUR))),
    Case("summary: a week", 20, lambda reader, draw: reader.span_summary(*draw.span(7 * _DAY))),
    Case("summary: a session", 5, lambda reader, draw: reader.session_summary(session(draw))),
    Case("attention", 5, lambda reader, _: reader.concerns(50)),
    Case("top patterns of a week", 5, lambda reader, draw: reader.top(TopRequest("pattern", *draw.span(7 * _DAY)))),
    Case("top values of a week", 20, lambda reader, draw: reader.top(TopRequest("value", *draw.span(7 * _DAY)))),
    Case("top commands of a week", 20, lambda reader, draw: reader.top(TopRequest("command", *draw.span(7 * _DAY)))),
)


def measure(folder: Path, number: int = EVENTS) -> list[Measurement]:
    """A row for each question, over a database of that many events."""
    path = folder / "wrapper.db"
    build(path, number)
    size = Measurement("size of the database", "", f"{path.stat().st_size / number:.0f} bytes an event", None)
    return [size, *asyncio.run(ask_all(path, number))]


async def ask_all(path: Path, stored: int) -> list[Measurement]:
    """A row for each question, asked of a database that stands."""
    async with ReadPool(path) as pool:
        reader = SQLiteReader(pool)
        return [await _measured(case, reader, stored) for case in CASES]


async def _measured(case: Case, reader: SQLiteReader, stored: int) -> Measurement:
    times, works = [], []
    for number in range(ROUNDS):
        draw = Draw(random.Random(number), stored)
        start, worked = time.perf_counter(), time.process_time()
        await case.ask(reader, draw)
        times.append((time.perf_counter() - start) * 1000)
        works.append((time.process_time() - worked) * 1000)
    p95 = _p95(times)
    figures = f"p50 {statistics.median(times):6.2f} ms, p95 {p95:6.2f} ms (processor {_p95(works):6.2f} ms)"
    return Measurement(case.name, f"p95 ≤ {case.budget:g} ms", figures, p95 <= case.budget)


def _p95(figures: list[float]) -> float:
    return sorted(figures)[int(len(figures) * 0.95)]


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory(prefix="queries-") as scratch:
        print(table(measure(Path(scratch), *map(int, sys.argv[1:]))))


if __name__ == "__main__":
    main()
