"""How commands read the database: after what was left unfinished has been stored, by the server's own reader."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from data.queries import LAST_SESSION
from data.sqlite.database import open_writer
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.sqlite.search_index import SearchIndex
from data.stores import SessionNotFoundError, StoreError
from wrapper.commands.options import existing_database, fail
from wrapper.commands.tables import count
from wrapper.config import Settings
from wrapper.recovery import recover_pending

Answer = TypeVar("Answer")

_PATIENCE = 120.0  # seconds that a search waits until all is in the index: a command has no second chance


def read(settings: Settings, question: Callable[[SQLiteReader], Awaitable[Answer]]) -> Answer:
    """The answer to a question; exits with one clear line where there is none."""
    path = existing_database(settings)
    try:
        open_writer(path).close()  # an older schema is brought up to date, a newer one refused
        return asyncio.run(_ask(path, question))
    except StoreError as error:
        fail(str(error), hint=error.hint)


def recover_first(settings: Settings) -> None:
    """Stores what interrupted runs have left; says on stderr what it did, as far as it concerns this database."""
    results = recover_pending(settings.recordings)
    for result in results:
        if not result.problem:
            click.echo(f"wrapper: recovered session {result.session_id}: {count(result.events, 'event')}", err=True)
        elif result.db == settings.db:
            click.echo(f"wrapper: session {result.session_id} is not stored yet: {result.problem}", err=True)
    if others := sum(bool(result.problem) and result.db != settings.db for result in results):
        waiting = count(others, "session of another database", "sessions of other databases")
        click.echo(f"wrapper: {waiting} cannot be stored; `wrapper recover` says why", err=True)


def read_after_recovery(settings: Settings, question: Callable[[SQLiteReader], Awaitable[Answer]]) -> Answer:
    """The answer to a command's first question: what interrupted runs have left is stored before."""
    recover_first(settings)
    return read(settings, question)


def resolve_session(settings: Settings, name: str) -> str:
    """The id of the session that `name` means, once what interrupted runs have left is stored; see `session_id`."""
    return read_after_recovery(settings, lambda reader: session_id(reader, name))


async def session_id(reader: SQLiteReader, name: str) -> str:
    """The id of the session that `name` means: a unique beginning of the id, or `last`.

    Raises `SessionNotFoundError`, with a hint for the command line.
    """
    if name == LAST_SESSION:
        return (await reader.session(LAST_SESSION)).session.session_id
    found = await reader.session_ids(name, 2)
    if not found:
        raise SessionNotFoundError(f"no session has an id that starts with {name!r}", "`wrapper sessions` lists them")
    if len(found) > 1 and found[0] != name:
        several = f"several sessions have ids that start with {name!r}: {', '.join(found)}, …"
        raise SessionNotFoundError(several, "give more of the id")
    return found[0]


async def _ask(path: Path, question: Callable[[SQLiteReader], Awaitable[Answer]]) -> Answer:
    async with ReadPool(path, size=1) as pool, SearchIndex(path, patience=_PATIENCE) as index:
        return await question(SQLiteReader(pool, index))
