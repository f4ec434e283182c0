"""`wrapper stats`: the answers of `/api/query/stats`, `summary`, `top`, `attention` and `compare`."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import click

from api import answers, parsers
from api.periods import Period
from api.rows import event_json
from data.sqlite.search import SQLiteReader
from data.stores import StoreError
from data.summaries import TOP_BY, TopRequest
from stream.records import EVENT_TYPES
from wrapper.commands.database import read_after_recovery, session_id
from wrapper.commands.options import USAGE, expect_stdout, fail, json_option, load_settings, setting_option
from wrapper.commands.spans import PERIOD, read_option, read_period
from wrapper.commands.stats_text import print_answer

Answer = Callable[[SQLiteReader], Awaitable[dict[str, Any]]]

_EVERYTHING = ("pattern", "compare", "attention")  # questions that neither an agent nor a span of time narrows


@click.command
@click.option("--agent", help="Only this agent.")
@click.option("--pattern", help="Totals over this pattern.")
@click.option("--period", help=f"What happened in a span of time: {PERIOD}.")
@click.option("--versus", help="Beside --period: another span, or `previous` for the one before.")
@click.option("--top", "by", type=click.Choice(TOP_BY), help="What there is most of, by default of errors of a day.")
@click.option("--type", "event_type", type=click.Choice(EVENT_TYPES), help="Beside --top: of what, by default error.")
@click.option("--compare", nargs=2, metavar="A B", help="Two sessions or two spans of time.")
@click.option("--attention", is_flag=True, help="Sessions that wait, ended badly, or did what is risky.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100), help="How many at the most.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(as_json: bool, **options: Any) -> None:
    """Count what happened: by default everything, else what one of the options asks for."""
    expect_stdout()
    flags = {name: options.pop(name) for name in ("db", "recordings")}
    question = _question(options, time.time_ns() // 1000)
    answer = read_after_recovery(load_settings(**flags), question)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        print_answer(answer)


def _question(options: dict[str, Any], now: int) -> Answer:
    asked = [name for name in ("pattern", "by", "compare", "attention") if options[name]]
    if len(asked) > 1:
        fail("--pattern, --top, --compare and --attention are different questions: ask one", USAGE)
    for other in ("agent", "period"):
        if options[other] and asked and asked[0] in _EVERYTHING:
            fail(f"--{asked[0]} and --{other} do not go together: leave one away", USAGE)
    if options["versus"] and not options["period"]:
        fail("--versus compares with --period: give both", USAGE)
    if options["event_type"] and options["by"] == "command":
        fail("--type counts events, --top command sessions: leave one away", USAGE)
    if options["event_type"] and not options["by"]:
        fail("--type says what --top counts: give both", USAGE)
    span = read_period("--period", options["period"] or "-1d..now", now)
    versus = read_option("--versus", parsers.versus, options["versus"], now) if options["versus"] else None
    if options["compare"]:
        a, b = (read_option("--compare", parsers.session_or_period, text, now) for text in options["compare"])
        return lambda reader: _comparison(reader, a, b)
    if options["attention"]:
        return lambda reader: answers.attention(reader, options["limit"])
    return _about(options, span, versus)


def _about(options: dict[str, Any], span: Period, versus: Period | str | None) -> Answer:
    agent, pattern, limit = options["agent"], options["pattern"], options["limit"]
    if options["by"]:
        wanted = TopRequest(options["by"], *span, options["event_type"] or "error", agent, limit)
        return lambda reader: answers.top(reader, wanted)
    if options["period"]:
        return lambda reader: answers.summary(reader, span, versus, agent)
    if pattern:
        return lambda reader: _pattern(reader, pattern, limit)
    return answers.overall if agent is None else lambda reader: _agent(reader, agent)


async def _agent(reader: SQLiteReader, agent: str) -> dict[str, Any]:
    stats = await reader.agent_stats(agent)
    if stats.first_seen is None and not stats.total_sessions and not stats.total_extractions:
        raise StoreError(f"no agent is called {agent!r}", "names match exactly; `wrapper sessions` shows who ran")
    return stats._asdict()


async def _pattern(reader: SQLiteReader, pattern: str, limit: int) -> dict[str, Any]:
    stats = await reader.pattern_stats(pattern, limit)
    if not stats.total_extractions:
        raise StoreError(f"no event has the pattern {pattern!r}", "names match exactly; `wrapper events` shows them")
    return stats._asdict() | {"recent": [event_json(event) for event in stats.recent]}


async def _comparison(reader: SQLiteReader, a: Period | str, b: Period | str) -> dict[str, Any]:
    """Of sessions also those that are named by a beginning of their ids."""
    first, second = [await session_id(reader, each) if isinstance(each, str) else each for each in (a, b)]
    return await answers.comparison(reader, first, second)
