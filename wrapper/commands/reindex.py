"""`wrapper reindex SESSION…`: extract again."""

from pathlib import Path
from typing import Any

import click

from data.stores import StoreError
from stream.patterns import PatternError
from stream.recording import RecordingError, read_header
from wrapper.commands.options import USAGE, fail, load_settings, setting_option
from wrapper.recovery import find_recordings, reindex


@click.command
@click.argument("sessions", nargs=-1, metavar="SESSION...")
@click.option("--all", "every", is_flag=True, help="All recordings whose run was stored in this database.")
@click.option("--from", "source", type=click.Path(path_type=Path), help="All recordings below this directory.")
@setting_option("db")
@setting_option("recordings")
@setting_option("patterns")
def command(sessions: tuple[str, ...], every: bool, source: Path | None, **flags: Any) -> None:
    """Make what the database holds of a session again from its recording.

    A SESSION is a unique beginning of its id, or `last`. This rebuilds a lost database, applies new patterns to old
    recordings, and takes in sessions that ran without --enable-db.
    """
    settings = load_settings(**flags)
    if (bool(sessions) + every + (source is not None)) != 1:
        fail("say what to index again: SESSION…, --all, or --from DIRECTORY", USAGE)
    failed = False
    for directory in _directories(sessions, source, settings.recordings, settings.db):
        try:
            result = reindex(directory, settings.db, settings.patterns)
            click.echo(f"{result.session_id}  {result.events} events")
        except (RecordingError, StoreError, PatternError, OSError) as error:
            click.echo(f"wrapper: {error}", err=True)
            failed = True
    if failed:
        click.get_current_context().exit(1)


def _directories(sessions: tuple[str, ...], source: Path | None, recordings: Path, db: Path) -> list[Path]:
    if source is not None:
        return _some(find_recordings(source), f"there are no recordings below {source}")
    if not sessions:
        every = [path for path in find_recordings(recordings) if read_header(path).database == str(db)]
        return _some(every, f"no recording in {recordings} names the database {db}")
    return [_one(session, recordings) for session in sessions]


def _some(found: list[Path], problem: str) -> list[Path]:
    return found or fail(problem)


def _one(session: str, recordings: Path) -> Path:
    found = find_recordings(recordings, "" if session == "last" else session)
    if not found:
        fail(f"no recording in {recordings} has a session id that starts with {session!r}")
    if len(found) > 1 and session != "last":
        fail(f"{len(found)} recordings have a session id that starts with {session!r}; give more of it")
    return found[-1]
