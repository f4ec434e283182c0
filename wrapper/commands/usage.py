"""`wrapper usage`: what agents used, the answer of `/api/query/usage`."""

import json
import time
from collections.abc import Mapping
from typing import Any

import click

from api import parsers
from api.usage import default_since, usage_json
from data.usage import USAGE_BY, UsageRequest
from wrapper.commands.database import read_after_recovery, resolve_session
from wrapper.commands.options import USAGE, fail, json_option, load_settings, setting_option
from wrapper.commands.tables import dollars, number, one_line, print_table

_COLUMNS = ("input_uncached", "cache_read", "cache_write", "output", "reasoning", "total")
_TITLES = ("SESSIONS", "INPUT", "CACHE READ", "CACHE WRITE", "OUTPUT", "REASONING", "TOKENS", "COST")


@click.command
@click.option("--by", type=click.Choice(USAGE_BY), default="day", show_default=True, help="What to add up by.")
@click.option("--agent", help="Only this agent.")
@click.option("--session", help="Only this session: a unique beginning of its id, or `last`.")
@click.option("--from", "since", help="Since then: ISO 8601, today, yesterday, or relative as in -8h; by default -30d.")
@click.option("--to", "until", help="Until then.")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 1000), help="How many rows at the most.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(as_json: bool, **options: Any) -> None:
    """Show the tokens that agents used, and what they say it cost; nothing is estimated."""
    settings = load_settings(**{name: options.pop(name) for name in ("db", "recordings")})
    now = time.time_ns() // 1000
    since, until = (_time(f"--{name}", options[field], now) for name, field in (("from", "since"), ("to", "until")))
    session = resolve_session(settings, options["session"]) if options["session"] else None
    since = since or default_since(until, session, now)
    wanted = UsageRequest(options["by"], since, until, options["agent"], session, options["limit"])
    answer = usage_json(wanted, read_after_recovery(settings, lambda reader: reader.usage(wanted)))
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    rows = [(one_line(row[wanted.by]) or "unknown", *_cells(row)) for row in answer["usage"]]
    if len(rows) > 1:
        rows.append(("total", *_cells(answer["total"])))
    print_table((wanted.by.upper(), *_TITLES), rows, empty="no agent has told what it used")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (number(row["tokens"][name]) for name in _COLUMNS)
    return (str(row["sessions"]), *counts, dollars(row["cost_usd"]))


def _time(option: str, text: str | None, now: int) -> str | None:
    try:
        return None if text is None else parsers.time(text, now)
    except (ValueError, OverflowError):
        fail(f"{option} is {text!r}; it must be ISO 8601, today, yesterday, or relative as in -8h or -7d", USAGE)
