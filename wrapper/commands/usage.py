"""`wrapper usage`: what agents used, the answer of `/api/query/usage`."""

import json
import time
from collections.abc import Mapping
from typing import Any

import click

from api.usage import default_since, usage_json
from data.sqlite.search import SQLiteReader
from data.usage import USAGE_BY, UsageAnswer, UsageRequest
from wrapper.commands.columns import Ways
from wrapper.commands.database import read, recover_first, resolve_session
from wrapper.commands.options import expect_stdout, json_option, load_settings, setting_option
from wrapper.commands.spans import read_span, span_options
from wrapper.commands.tables import dollars, number, one_line, print_table

_COLUMNS = ("input_uncached", "cache_read", "cache_write", "output", "reasoning", "total")
_TITLES = ("SESSIONS", "INPUT", "CACHE READ", "CACHE WRITE", "OUTPUT", "REASONING", "TOKENS", "COST")
_NOWHERE = "no agent has told what it used"
_NOT_HERE = "no usage fits; `wrapper usage --from 1970-01-01` shows all that agents told"
_SPARE = ("REASONING", "CACHE WRITE", "CACHE READ", "OUTPUT", "INPUT", "SESSIONS")


@click.command
@click.option("--by", type=click.Choice(USAGE_BY), default="day", show_default=True, help="What to add up by.")
@click.option("--agent", help="Only this agent.")
@click.option("--session", help="Only this session: a unique beginning of its id, or `last`.")
@span_options(default="-30d")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 1000), help="How many rows at the most.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(as_json: bool, **options: Any) -> None:
    """Show the tokens that agents used, and what they say it cost; nothing is estimated."""
    expect_stdout()
    settings = load_settings(**{name: options.pop(name) for name in ("db", "recordings")})
    now = time.time_ns() // 1000
    since, until = read_span(options, now)
    if not options["session"]:
        recover_first(settings)
    session = resolve_session(settings, options["session"]) if options["session"] else None
    since = since or default_since(until, session, now)
    limit = options["limit"]
    wanted = UsageRequest(options["by"], since, until, options["agent"], session, limit + 1)
    used, told = read(settings, lambda reader: _used(reader, wanted))
    answer = usage_json(wanted, used._replace(rows=used.rows[:limit]))
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    rows = [(one_line(row[wanted.by]) or "unknown", *_cells(row)) for row in answer["usage"]]
    if len(used.rows) > 1:
        rows.append(("total", *_cells(answer["total"])))
    by = wanted.by.upper()
    print_table((by, *_TITLES), rows, empty=_NOT_HERE if told else _NOWHERE, narrower=_narrower(by))
    if len(used.rows) > limit:
        click.echo("(there are more rows; --limit shows them)", err=True)


async def _used(reader: SQLiteReader, wanted: UsageRequest) -> tuple[UsageAnswer, bool]:
    """What is wanted; where there is nothing, also whether there is anything else."""
    answer = await reader.usage(wanted)
    if answer.rows:
        return answer, True
    return answer, bool((await reader.usage(UsageRequest("agent", limit=1))).rows)


def _narrower(by: str) -> Ways:
    return Ways((by,) if by in ("AGENT", "MODEL") else (), spare=_SPARE)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (number(row["tokens"][name]) for name in _COLUMNS)
    return (str(row["sessions"]), *counts, dollars(row["cost_usd"]))
