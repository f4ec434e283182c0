"""`wrapper stats`: the answers of `/api/query/stats`, `summary`, `top`, `attention` and `compare`."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import click

from api import answers, parsers
from api.periods import NAMES, Period
from api.rows import event_json
from data.queries import Reader
from data.summaries import TOP_BY, TopRequest
from stream.records import EVENT_TYPES
from wrapper.commands.database import read_after_recovery
from wrapper.commands.options import USAGE, fail, json_option, load_settings, setting_option
from wrapper.commands.stats_text import print_answer

Answer = Callable[[Reader], Awaitable[dict[str, Any]]]

_PERIOD = f"{', '.join(NAMES)}, or FROM..TO as in -14d..-7d."


@click.command
@click.option("--agent", help="Only this agent.")
@click.option("--pattern", help="Totals over this pattern.")
@click.option("--period", help=f"What happened in a span of time: {_PERIOD}")
@click.option("--versus", help="Beside --period: another span, or `previous` for the one before.")
@click.option("--top", "by", type=click.Choice(TOP_BY), help="What there is most of, by default of errors of a day.")
@click.option("--type", "event_type", type=click.Choice(EVENT_TYPES), default="error", help="Beside --top: of what.")
@click.option("--compare", nargs=2, metavar="A B", help="Two sessions (whole ids) or two spans of time.")
@click.option("--attention", is_flag=True, help="Sessions that wait, ended badly, or did what is risky.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100), help="How many at the most.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(as_json: bool, **options: Any) -> None:
    """Count what happened: by default everything, else what one of the options asks for."""
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
    if options["versus"] and not options["period"]:
        fail("--versus compares with --period: give both", USAGE)
    span = _read("--period", parsers.period, options["period"] or "-1d..now", now)
    versus = _read("--versus", parsers.versus, options["versus"], now) if options["versus"] else None
    if options["compare"]:
        a, b = (_read("--compare", parsers.session_or_period, text, now) for text in options["compare"])
        return lambda reader: answers.comparison(reader, a, b)
    return _about(options, span, versus)


def _about(options: dict[str, Any], span: Period, versus: Period | str | None) -> Answer:
    agent, pattern, limit = options["agent"], options["pattern"], options["limit"]
    if options["attention"]:
        return lambda reader: answers.attention(reader, limit)
    if options["by"]:
        wanted = TopRequest(options["by"], *span, options["event_type"], agent, limit)
        return lambda reader: answers.top(reader, wanted)
    if options["period"]:
        return lambda reader: answers.summary(reader, span, versus, agent)
    if pattern:
        return lambda reader: _pattern(reader, pattern, limit)
    return answers.overall if agent is None else lambda reader: _agent(reader, agent)


async def _agent(reader: Reader, agent: str) -> dict[str, Any]:
    return (await reader.agent_stats(agent))._asdict()


async def _pattern(reader: Reader, pattern: str, limit: int) -> dict[str, Any]:
    stats = await reader.pattern_stats(pattern, limit)
    return stats._asdict() | {"recent": [event_json(event) for event in stats.recent]}


def _read(option: str, parse: Callable[[str, int], Any], text: str, now: int) -> Any:
    try:
        return parse(text, now)
    except (ValueError, OverflowError):
        fail(f"{option} is {text!r}; it must be {_PERIOD}", USAGE)
