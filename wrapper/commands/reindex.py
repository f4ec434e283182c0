"""`wrapper reindex SESSION…`: extract again."""

import json
from pathlib import Path
from typing import Any

import click

from data.sqlite.recording_store import SQLiteRecordingStore
from stream.recording import TIMING, RecordingError, read_header
from wrapper.commands.options import USAGE, fail, json_option, load_settings, setting_option
from wrapper.commands.recovered import rows
from wrapper.commands.tables import count
from wrapper.config import Settings
from wrapper.recovery import Recovered, find_recordings, reindex


@click.command
@click.argument("sessions", nargs=-1, metavar="SESSION...")
@click.option("--all", "every", is_flag=True, help="All recordings whose run was stored in this database.")
@click.option("--from", "source", type=click.Path(path_type=Path), help="All recordings below this directory.")
@setting_option("db")
@setting_option("recordings")
@setting_option("patterns")
@json_option
def command(sessions: tuple[str, ...], every: bool, source: Path | None, as_json: bool, **flags: Any) -> None:
    """Make what the database holds of a session again from its recording.

    A SESSION is a unique beginning of its id, or `last`. This rebuilds a lost database, applies new patterns to old
    recordings, and takes in sessions that ran without --enable-db.
    """
    settings = load_settings(**flags)
    if (bool(sessions) + every + (source is not None)) != 1:
        fail("say what to index again, in one way: SESSION…, --all, or --from DIRECTORY", USAGE)
    results = []
    for directory in _directories(sessions, source, settings):
        result = _made_again(directory, settings)
        results.append(result)
        if result.problem:
            click.echo(f"wrapper: {result.session_id}: {result.problem}", err=True)
        elif not as_json:
            click.echo(f"{result.session_id}  {count(result.events, 'event')}")
    if as_json:
        click.echo(json.dumps({"reindexed": rows(results)}, indent=2))
    if any(result.problem for result in results):
        click.get_current_context().exit(1)


def _made_again(directory: Path, settings: Settings) -> Recovered:
    try:
        return reindex(directory, settings.db, settings.patterns, settings.recordings)
    except Exception as error:  # noqa: BLE001 (whatever is wrong with one recording, the others are made)
        return Recovered(directory.name, directory, settings.db, problem=str(error) or type(error).__name__)


def _directories(sessions: tuple[str, ...], source: Path | None, settings: Settings) -> list[Path]:
    if source is not None:
        return _some(_find(source.absolute()), f"there are no recordings below {source}")
    if not sessions:
        every = [path for path in _find(settings.recordings) if _belongs(path, settings.db)]
        return _some(every, f"no recording in {settings.recordings} belongs to {settings.db}; --from takes any")
    return [_one(session, settings.recordings) for session in sessions]


def _find(recordings: Path, prefix: str = "") -> list[Path]:
    return find_recordings(recordings, prefix, unusable=lambda error: click.echo(f"wrapper: {_said(error)}", err=True))


def _said(error: RecordingError) -> str:
    """Why a recording cannot be read; that a word is missing is told as what it means."""
    cause = error.__cause__
    if not isinstance(cause, KeyError):
        return str(error)
    reason = f" ({type(cause).__name__}: {cause})"
    return f"{str(error).removesuffix(reason)}: the beginning of its file `{TIMING}`, which says what ran, is lost"


def _belongs(directory: Path, db: Path) -> bool:
    """Whether its run was stored in this database, or the database has it for another reason."""
    header = read_header(directory)
    if header.database == str(db) or not db.exists():
        return header.database == str(db)
    with SQLiteRecordingStore.open(db) as store:
        return store.checkpoint(header.session_id) is not None


def _some(found: list[Path], problem: str) -> list[Path]:
    return found or fail(problem)


def _one(session: str, recordings: Path) -> Path:
    if session == "last":
        return _some(_find(recordings), f"there is no recording in {recordings}")[-1]
    damaged: list[RecordingError] = []
    found = find_recordings(recordings, session, unusable=damaged.append)
    if damaged and not found:
        fail(_said(damaged[0]))
    _some(found, f"there is no recording in {recordings} whose id starts with {session!r}")
    if len(found) + len(damaged) > 1:
        fail(f"{len(found) + len(damaged)} recordings have a session id that starts with {session!r}; give more of it")
    return found[0]
