"""`wrapper show SESSION`: one session."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from api.rows import event_json, session_json, state_change_json
from data.queries import ExtractionFilter, PageRequest
from stream.recording import RecordingError, read_header
from stream.records import ExtractionEvent
from wrapper.commands.columns import Ways
from wrapper.commands.database import read, resolve_session
from wrapper.commands.options import expect_stdout, json_option, load_settings, setting_option
from wrapper.commands.tables import count, dollars, duration, local_time, one_line, print_table, shell_line, told

_SHOWN_EVENTS = 20
_NARROWER = Ways(("TEXT",), ("TIME",), ("LINE",))
_ALL = PageRequest(1000)  # questions: a person has answered each


@click.command
@click.argument("session", default="last")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(session: str, as_json: bool, **flags: Any) -> None:
    """Show one SESSION: a unique beginning of its id, or `last` (which is also what is shown without any)."""
    expect_stdout()
    settings = load_settings(**flags)
    session_id = resolve_session(settings, session)
    detail = read(settings, lambda reader: reader.session(session_id))
    wanted = ExtractionFilter(session=session_id)
    page = read(settings, lambda reader: reader.extractions(wanted, PageRequest(_SHOWN_EVENTS)))
    row = session_json(detail.session)
    if as_json:
        answer = {
            "session": row,
            "state_changes": [state_change_json(change) for change in detail.state_changes],
            "extractions_by_type": dict(detail.extractions_by_type),
            "latest_extractions": [event_json(event) for event in page.rows],
        }
        click.echo(json.dumps(answer, indent=2))
        return
    asked = read(settings, lambda reader: reader.extractions(wanted._replace(event_type="permission"), _ALL))
    _print_facts(row, _waited(asked.rows))
    states = " → ".join(change.state for change in detail.state_changes)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(detail.extractions_by_type.items()))
    click.echo(f"states      {states}")
    click.echo(f"events      {counts or 'none'}\n")
    if page.rows:
        cells = [
            (
                local_time(event.timestamp),
                event.event_type,
                str(event.line_number or ""),
                told(event._asdict()),
            )
            for event in sorted(page.rows, key=lambda event: (event.timestamp, event.id))  # some are found late
        ]
        print_table(("TIME", "TYPE", "LINE", "TEXT"), cells, empty="", narrower=_NARROWER)
        if page.next:
            every = "events --limit 1000" if page.total <= 1000 else "export --format jsonl"
            click.echo(f"(the last {len(cells)} of {page.total}; all: wrapper {every} {session_id})", err=True)


def _print_facts(row: dict[str, Any], waited: str) -> None:
    exit_code = "" if row["exit_code"] is None else f", exit {row['exit_code']}"
    took = f", took {duration(row['duration_seconds'])}" if row["duration_seconds"] is not None else ""
    facts = {
        "session": row["session_id"],
        "agent": one_line(row["agent_name"]),
        "command": shell_line(row["command"]),
        "state": f"{row['state']}{exit_code}",
        "verdict": _verdict(row),
        "environment": one_line(row["environment"]),
        "started": f"{local_time(row['started_at'])}{took}",
        "waited": waited,
        "lines": str(row["total_lines_processed"]),
        "used": _used(row),
        "recording": one_line(row["recording_path"]) + _how_recorded(row["recording_path"]),
    }
    for name, value in facts.items():
        if value:
            click.echo(f"{name:<11} {value}")


def _verdict(row: dict[str, Any]) -> str:
    if row["verdict"] is None:
        return ""
    return f"{row['verdict'].replace('_', ' ')}: {one_line(row['verdict_reason'])}"


def _waited(permissions: Sequence[ExtractionEvent]) -> str:
    """How long in all, for the answers of which that is known."""
    times = [event.metadata["waited_ms"] for event in permissions if "waited_ms" in event.metadata]
    return f"{duration(sum(times) / 1000)} for {count(len(times), 'answer')}" if times else ""


def _used(row: dict[str, Any]) -> str:
    tokens = "" if row["tokens_total"] is None else count(row["tokens_total"], "token")
    return ", ".join(filter(None, (tokens, dollars(row["cost_usd"]))))


def _how_recorded(path: str | None) -> str:
    """What must be known of a recording that is not what the agent printed."""
    if path is None:
        return ""
    try:
        return " (secrets masked)" if read_header(Path(path)).redacted else ""
    except RecordingError:
        return " (gone)"
