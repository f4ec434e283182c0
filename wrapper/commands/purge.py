"""`wrapper purge`: remove everything."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from data.queries import Cursor, PageRequest, SessionFilter
from data.sqlite.search import SQLiteReader
from data.stores import StoreError
from stream.recording import read_header
from stream.records import Session
from wrapper.commands.database import read
from wrapper.commands.options import fail, json_option, load_settings, setting_option
from wrapper.commands.removed import tell
from wrapper.commands.tables import count
from wrapper.config import Settings
from wrapper.recovery import find_recordings
from wrapper.removal import RemovalError, Target, recording_of, remove_everything


@click.command
@click.option("--yes", is_flag=True, help="Do not ask.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(yes: bool, as_json: bool, **flags: Any) -> None:
    """Remove everything: all that the database holds, and every recording that it names or that names it.

    Recordings of other databases stay. While a session is running, nothing is removed.
    """
    settings = load_settings(**flags)
    targets = list(_targets(settings).values())
    if not yes:
        click.confirm(_question(targets, settings), abort=True, err=True)
    try:
        tell(remove_everything(targets, settings.db), as_json=as_json)
    except (RemovalError, StoreError) as error:
        fail(str(error), hint=error.hint)


def _question(targets: Sequence[Target], settings: Settings) -> str:
    recordings = [target.recording for target in targets if target.recording is not None]
    own = settings.recordings
    places = sorted({str(own if path.is_relative_to(own) else path.parent) for path in recordings})
    which = f", and {count(len(recordings), 'recording')} below {', '.join(places)}" if recordings else ""
    return f"Remove all that {settings.db} holds{which}?"


def _targets(settings: Settings) -> dict[str, Target]:
    targets = {}
    if settings.db.exists():
        for session in read(settings, _all_sessions):
            recording = recording_of(session.session_id, session.recording_path)
            targets[session.session_id] = Target(session.session_id, stored=True, recording=recording)
    for directory in find_recordings(settings.recordings):
        if _names(directory, settings.db) and directory.name not in targets:
            targets[directory.name] = Target(directory.name, stored=False, recording=directory)
    return targets


def _names(directory: Path, db: Path) -> bool:
    return read_header(directory).database == str(db)


async def _all_sessions(reader: SQLiteReader) -> list[Session]:
    sessions: list[Session] = []
    request = PageRequest(1000)
    while True:
        page = await reader.sessions(SessionFilter(), request)
        sessions += page.rows
        if page.next is None:
            return sessions
        request = request._replace(cursor=Cursor(sessions[-1].id or 0))
