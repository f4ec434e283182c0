"""`wrapper events`: what happened."""

import json
import time
from typing import Any

import click

from api.rows import event_json
from data.queries import ExtractionFilter, PageRequest
from stream.records import EVENT_TYPES, RISK_LEVELS
from wrapper.commands.columns import Ways
from wrapper.commands.database import read, recover_first, resolve_session
from wrapper.commands.options import expect_stdout, json_option, load_settings, setting_option
from wrapper.commands.spans import OTHERS, read_span, span_options
from wrapper.commands.tables import local_time, one_line, print_more, print_table

_MOST = 1_000  # rows at once
_TITLES = ("TIME", "SESSION", "AGENT", "TYPE", "PATTERN", "LINE", "VALUE")
_NARROWER = Ways(("AGENT", "PATTERN", "VALUE"), ("TIME",), ("PATTERN", "LINE"))


@click.command
@click.argument("session", required=False)
@click.option("--agent", help="Only events of this agent.")
@click.option("--type", "event_type", type=click.Choice(EVENT_TYPES), help="Only events of this type.")
@click.option("--pattern", help="Only events of this pattern.")
@click.option("--risk", type=click.Choice(RISK_LEVELS), help="Only events of this risk.")
@span_options()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, _MOST), help="How many at the most.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(session: str | None, limit: int, as_json: bool, **options: Any) -> None:
    """List extracted events, the newest first; of one SESSION, if given (a unique beginning of its id, or `last`)."""
    expect_stdout()
    flags = {name: options.pop(name) for name in ("db", "recordings")}
    settings = load_settings(**flags)
    since, until = read_span(options, time.time_ns() // 1000)
    if session is None:
        recover_first(settings)
    session_id = resolve_session(settings, session) if session else None
    wanted = ExtractionFilter(session=session_id, since=since, until=until, **options)
    page = read(settings, lambda reader: reader.extractions(wanted, PageRequest(limit)))
    if as_json:
        rows = [event_json(event) for event in page.rows]
        click.echo(json.dumps({"extractions": rows, "total": page.total, "total_is": page.total_is}, indent=2))
        return
    cells = [
        (
            local_time(event.timestamp),
            event.session_id,
            one_line(event.agent_name),
            event.event_type,
            event.pattern,
            str(event.line_number or ""),
            one_line(event.matched_value),
        )
        for event in page.rows
    ]
    print_table(_TITLES, cells, empty="no such events", narrower=_NARROWER)
    at_least = page.total_is == "at_least"
    print_more(page.total - len(cells), len(cells), most=_MOST, otherwise=OTHERS, at_least=at_least)
