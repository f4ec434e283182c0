"""`wrapper tail [SESSION]`: what happens, as it is stored. Reads the database; no server is needed."""

import base64
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from wrapper.commands.open_lines import OpenLines, Printed
from wrapper.commands.options import existing_database, fail, json_option, load_settings, setting_option
from wrapper.commands.tables import count, local_time, one_line, shell_line, told
from wrapper.config import Settings

_POLL = 0.05  # seconds between two looks


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
    with the names and rows of /api/live, and output as it was read; without it output is shown line by line.
    """
    agent = flags.pop("agent")
    settings = load_settings(**flags)
    if session is None:
        recover_first(settings)
        existing_database(settings)
    session_id = resolve_session(settings, session) if session else None
    wanted = Wanted(agent, session_id, event_type)
    printer = _JsonPrinter() if as_json else _LinePrinter()
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
                        printer.show("extraction", event_json(event))
            for event in _following(source, events, session_id, printer.settle, over=over, output=output):
                if is_wanted(event, wanted, output=output):
                    printer.show(event.name, event.data)
        printer.end()
    except StoreError as error:
        fail(str(error), hint=error.hint)
    except KeyboardInterrupt:
        printer.end()
        raise


def _has_ended(settings: Settings, session_id: str) -> bool:
    return read(settings, lambda reader: reader.session(session_id)).session.ended_at is not None


def _following(
    source: LiveSource,
    events: Sequence[LiveEvent],
    session_id: str | None,
    looked: Callable[[], None],
    *,
    over: bool,
    output: bool,
) -> Iterator[LiveEvent]:
    """These events and what comes, to the end of that session; if it is `over`, what is there.

    `looked` is called after each look.
    """
    while True:
        yield from events
        looked()
        if any(event.name == "session_end" and event.session_id == session_id for event in events):
            return
        if not events:
            if over:
                return
            time.sleep(_POLL)
        events = source.poll(output=output)


class _JsonPrinter:
    """An object a line, as it comes."""

    def show(self, name: str, data: Mapping[str, Any]) -> None:
        click.echo(to_json({"event": name, **data}))

    def settle(self) -> None: ...
    def end(self) -> None: ...


class _LinePrinter:
    """Lines for people: what happens, and, put together from its reads, what agents print."""

    def __init__(self) -> None:
        self._output = OpenLines()

    def show(self, name: str, data: Mapping[str, Any]) -> None:
        row = data.get("session", data)
        if name == "output":
            encoded = "encoding" in data
            printed = base64.b64decode(data["data"]) if encoded else data["data"].encode("utf-8", "surrogatepass")
            _print(self._output.add(row["session_id"], data["stream"], printed, time.monotonic()))
            return
        _print(self._output.leave(row["session_id"]))
        when = row["ended_at"] if name == "session_end" else row.get("started_at") or row.get("timestamp")
        click.echo(f"{local_time(when):19}  {row['session_id']}  {_told(name, row)}")

    def settle(self) -> None:
        """Shows the lines that stay open."""
        _print(self._output.settle(time.monotonic()))

    def end(self) -> None:
        """Shows all that is left."""
        _print(self._output.end())


def _print(lines: Iterable[Printed]) -> None:
    for line in lines:
        click.echo(f"{'':19}  {line.session_id}  │ {one_line(line.text)}")


def _told(name: str, row: Mapping[str, Any]) -> str:
    if name == "session_start":
        return f"session starts: {one_line(row['agent_name'])}: {shell_line(row['command'])}"
    if name == "session_end":
        return f"session ends: {row['state']}, {count(row['total_extraction_events'], 'event')}"
    if name == "state_change":
        return f"{row['state']}" + ("" if row["exit_code"] is None else f", exit {row['exit_code']}")
    return f"{row['event_type']}: {told(row)}"
