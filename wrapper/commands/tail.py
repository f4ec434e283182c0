"""`wrapper tail [SESSION]`: what happens, as it is stored. Reads the database; no server is needed."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from api.live_source import LiveEvent, LiveSource, is_wanted
from api.rows import event_json
from data.changes import Wanted
from data.json_text import to_json
from data.queries import ExtractionFilter, PageRequest
from data.sqlite.database import open_writer
from data.stores import StoreError
from stream.records import EVENT_TYPES
from wrapper.commands.database import read, recover_first, resolve_session
from wrapper.commands.options import fail, json_option, load_settings, setting_option
from wrapper.commands.tables import count, local_time, one_line, shell_line, told
from wrapper.config import Settings

_POLL = 0.05  # seconds between two looks
_INTERRUPTED = 130


@click.command
@click.argument("session", required=False)
@click.option("--agent", help="Only what concerns this agent.")
@click.option("--type", "event_type", type=click.Choice(EVENT_TYPES), help="Only events of this type.")
@click.option("--output", is_flag=True, help="Also what running agents print.")
@click.option("-n", "--last", default=10, show_default=True, type=click.IntRange(0, 1000), help="Events of the past.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(session: str | None, event_type: str | None, output: bool, last: int, as_json: bool, **flags: Any) -> None:
    """Print events, states and sessions of all agents as they are stored, until Ctrl-C.

    With a SESSION (a unique beginning of its id, or `last`), until that session ends. --json prints one object a line,
    with the names and rows of /api/live.
    """
    agent = flags.pop("agent")
    settings = load_settings(**flags)
    if session is None:
        recover_first(settings)
    session_id = resolve_session(settings, session) if session else None
    wanted = Wanted(agent, session_id, event_type)
    show = _print_json if as_json else _print_line
    try:
        open_writer(settings.db).close()
        with LiveSource(settings.db) as source:
            reached = source.cursor.extraction
            events = source.poll(output=output)  # from here on output is followed, whatever the past takes to print
            over = session_id is not None and _has_ended(settings, session_id)
            if last:
                shown = ExtractionFilter(agent=agent, session=session_id, event_type=event_type)
                page = read(settings, lambda reader: reader.extractions(shown, PageRequest(last)))
                for event in reversed(page.rows):
                    if (event.id or 0) <= reached:
                        show("extraction", event_json(event))
            for event in _following(source, events, session_id, over=over, output=output):
                if is_wanted(event, wanted, output=output):
                    show(event.name, event.data)
    except StoreError as error:
        fail(str(error), hint=error.hint)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _has_ended(settings: Settings, session_id: str) -> bool:
    return read(settings, lambda reader: reader.session(session_id)).session.ended_at is not None


def _following(
    source: LiveSource, events: Sequence[LiveEvent], session_id: str | None, *, over: bool, output: bool
) -> Iterator[LiveEvent]:
    """These events and what comes, to the end of that session; if it is `over`, what is there."""
    while True:
        yield from events
        if any(event.name == "session_end" and event.session_id == session_id for event in events):
            return
        if not events:
            if over:
                return
            time.sleep(_POLL)
        events = source.poll(output=output)


def _print_json(name: str, data: Mapping[str, Any]) -> None:
    click.echo(to_json({"event": name, **data}))


def _print_line(name: str, data: Mapping[str, Any]) -> None:
    if name == "output":
        text = data["data"] if "encoding" not in data else f"({len(data['data'])} characters of base64)"
        for line in text.splitlines():
            click.echo(f"{'':19}  {data['session_id']}  │ {one_line(line)}")
        return
    row = data.get("session", data)
    when = row["ended_at"] if name == "session_end" else row.get("started_at") or row.get("timestamp")
    click.echo(f"{local_time(when):19}  {row['session_id']}  {_told(name, row)}")


def _told(name: str, row: Mapping[str, Any]) -> str:
    if name == "session_start":
        return f"session starts: {one_line(row['agent_name'])}: {shell_line(row['command'])}"
    if name == "session_end":
        return f"session ends: {row['state']}, {count(row['total_extraction_events'], 'event')}"
    if name == "state_change":
        return f"{row['state']}" + ("" if row["exit_code"] is None else f", exit {row['exit_code']}")
    return f"{row['event_type']}: {told(row)}"
