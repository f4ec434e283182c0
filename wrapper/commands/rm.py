"""`wrapper rm SESSION…`: remove sessions for good."""

from pathlib import Path
from typing import Any

import click

from data.queries import LAST_SESSION
from data.stores import StoreError
from wrapper.commands.database import read, resolve_session
from wrapper.commands.options import fail, json_option, load_settings, setting_option
from wrapper.commands.removed import tell
from wrapper.config import Settings
from wrapper.recovery import find_recordings
from wrapper.removal import RemovalError, Target, recording_of, remove_sessions


@click.command
@click.argument("sessions", nargs=-1, required=True, metavar="SESSION...")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(sessions: tuple[str, ...], as_json: bool, **flags: Any) -> None:
    """Remove sessions for good: what the database holds of them, and their recordings.

    A SESSION is a unique beginning of its id, or `last`. One that is still running is refused, and then nothing is
    removed.
    """
    settings = load_settings(**flags)
    targets = {target.session_id: target for target in (_target(settings, name) for name in sessions)}
    try:
        tell(remove_sessions(list(targets.values()), settings.db), as_json=as_json)
    except (RemovalError, StoreError) as error:
        fail(str(error), hint=error.hint)


def _target(settings: Settings, name: str) -> Target:
    """The session in the database; else a recording that was never stored."""
    if name != LAST_SESSION and not (settings.db.exists() and read(settings, lambda r: r.session_ids(name, 1))):
        return _unstored(settings.recordings, name)
    session_id = resolve_session(settings, name)
    session = read(settings, lambda reader: reader.session(session_id)).session
    return Target(session_id, stored=True, recording=recording_of(session_id, session.recording_path))


def _unstored(recordings: Path, name: str) -> Target:
    found = find_recordings(recordings, name)
    if not found:
        fail(f"no session has an id that starts with {name!r}", hint="`wrapper sessions` lists them")
    if len(found) > 1:
        fail(f"{len(found)} recordings have ids that start with {name!r}", hint="give more of the id")
    return Target(found[0].name, stored=False, recording=found[0])
