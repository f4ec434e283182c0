"""`wrapper sessions`: what ran."""

import json
from typing import Any

import click

from api.rows import session_json
from data.queries import PageRequest, SessionFilter
from stream.records import SESSION_STATES
from wrapper.commands.database import read_after_recovery
from wrapper.commands.options import json_option, load_settings, setting_option
from wrapper.commands.tables import dollars, duration, local_time, number, one_line, print_table, shell_line

_NUMBERS = ("TOOK", "EXIT", "LINES", "EVENTS", "TOKENS", "COST")
_TITLES = ("SESSION", "AGENT", "STATE", "VERDICT", "STARTED", *_NUMBERS, "COMMAND")


@click.command
@click.option("--agent", help="Only sessions of this agent.")
@click.option("--state", type=click.Choice(SESSION_STATES), help="Only sessions in this state.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many at the most.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(agent: str | None, state: str | None, limit: int, as_json: bool, **flags: Any) -> None:
    """List recorded sessions, the newest first."""
    wanted = SessionFilter(agent=agent, state=state)
    page = read_after_recovery(load_settings(**flags), lambda reader: reader.sessions(wanted, PageRequest(limit)))
    rows = [session_json(session) for session in page.rows]
    if as_json:
        click.echo(json.dumps({"sessions": rows, "total": page.total}, indent=2))
        return
    print_table(_TITLES, [_cells(row) for row in rows], empty="no sessions; record one: wrapper AGENT --enable-db")
    if page.next:
        click.echo(f"({page.total - len(rows)} more; --limit shows them)", err=True)


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
