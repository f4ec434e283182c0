"""`wrapper sessions`: what ran."""

import json
import time
from typing import Any

import click

from api.rows import session_json
from data.queries import Page, PageRequest, SessionFilter
from data.sqlite.search import SQLiteReader
from stream.records import SESSION_STATES, VERDICTS, Session
from wrapper.commands.columns import Ways
from wrapper.commands.database import read_after_recovery
from wrapper.commands.options import expect_stdout, json_option, load_settings, setting_option
from wrapper.commands.spans import OTHERS, read_span, span_options
from wrapper.commands.tables import (
    count,
    dollars,
    duration,
    local_time,
    number,
    one_line,
    print_more,
    print_table,
    shell_line,
)

_MOST = 1_000  # rows at once
_NUMBERS = ("TOOK", "EXIT", "LINES", "EVENTS", "TOKENS", "COST")
_TITLES = ("SESSION", "AGENT", "STATE", "VERDICT", "STARTED", *_NUMBERS, "COMMAND")
_NONE_YET = "no sessions; record one: wrapper AGENT --enable-db"
_NARROWER = Ways(("AGENT", "COMMAND"), ("STARTED",), ("LINES", "EXIT", "EVENTS", "COST", "TOKENS", "TOOK"))


@click.command
@click.option("--agent", help="Only sessions of this agent.")
@click.option("--state", type=click.Choice(SESSION_STATES), help="Only sessions in this state.")
@click.option("--verdict", type=click.Choice(VERDICTS), help="Only sessions that went like this.")
@span_options()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, _MOST), help="How many at the most.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(limit: int, as_json: bool, **options: Any) -> None:
    """List recorded sessions, the newest first; of a span of time, those that started in it."""
    expect_stdout()
    settings = load_settings(**{name: options.pop(name) for name in ("db", "recordings")})
    since, until = read_span(options, time.time_ns() // 1000)
    wanted = SessionFilter(since=since, until=until, **options)
    page, stored = read_after_recovery(settings, lambda reader: _found(reader, wanted, limit))
    rows = [session_json(session) for session in page.rows]
    if as_json:
        click.echo(json.dumps({"sessions": rows, "total": page.total}, indent=2))
        return
    none = f"none of {count(stored, 'session')} fits" if stored else _NONE_YET
    print_table(_TITLES, [_cells(row) for row in rows], empty=none, narrower=_NARROWER)
    print_more(page.total - len(rows), len(rows), most=_MOST, otherwise=OTHERS)


async def _found(reader: SQLiteReader, wanted: SessionFilter, limit: int) -> tuple[Page[Session], int]:
    """The sessions that are wanted; where there are none, also how many there are of others."""
    page = await reader.sessions(wanted, PageRequest(limit))
    others = 0 if page.rows else (await reader.sessions(SessionFilter(), PageRequest(1, exact=True))).total
    return page, others


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["session_id"],
        one_line(row["agent_name"]),
        row["state"] or "",
        (row["verdict"] or "").replace("_", " "),
        local_time(row["started_at"]),
        duration(row["duration_seconds"]),
        "" if row["exit_code"] is None else str(row["exit_code"]),
        str(row["total_lines_processed"]),
        str(row["total_extraction_events"]),
        number(row["tokens_total"]),
        dollars(row["cost_usd"]),
        shell_line(row["command"]),
    )
