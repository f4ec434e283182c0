"""`wrapper export SESSION`: take a session away in a format that other programs read."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any, BinaryIO

import click

from api.errors import ApiError
from api.export import Exporter
from api.replay import open_replay
from data.export import FORMATS
from data.sqlite.read_pool import ReadPool
from data.sqlite.search import SQLiteReader
from data.stores import StoreError
from stream.recording import RecordingError
from wrapper.commands.database import resolve_session
from wrapper.commands.options import USAGE, fail, load_settings, setting_option
from wrapper.commands.output_file import OutputError, output_directory, output_file
from wrapper.version import VERSION


@click.command
@click.argument("session", default="last")
@click.option("--format", "name", type=click.Choice(tuple(FORMATS)), default="json", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The file to write; for `typescript` a directory."
)
@click.option("--raw", is_flag=True, help="Leave secrets as they are.")
@setting_option("db")
@setting_option("recordings")
def command(session: str, name: str, output: Path | None, raw: bool, **flags: Any) -> None:
    """Write a SESSION (a unique beginning of its id, or `last`) in another format, to a file or to stdout.

    json and jsonl hold everything; csv a row for each event, for spreadsheets; har a waterfall; cast (asciicast v2) and
    cast3 (v3) play in asciinema; typescript is the pair that scriptreplay plays; txt is the text as a reader
    saw it, of a full-screen program the rows of its screens.
    """
    settings = load_settings(**flags)
    if output is None and len(FORMATS[name].files) > 1:
        fail(f"{name} is {len(FORMATS[name].files)} files: name a directory with -o", USAGE)
    session_id = resolve_session(settings, session)
    try:
        with ExitStack() as opened:
            files = _files(name, output, opened)
            asyncio.run(_export(settings.db, session_id, name, files, raw=raw))
    except (ApiError, StoreError) as error:
        fail(str(error), hint=error.hint)
    except (RecordingError, OutputError, OSError) as error:
        fail(str(error))


def _files(name: str, output: Path | None, opened: ExitStack) -> list[BinaryIO]:
    """What each file of this format is written to."""
    if output is None:
        if sys.stdout is None:  # `>&-`
            raise OutputError("stdout is closed; name a file with -o")
        return [sys.stdout.buffer]
    names = FORMATS[name].files
    if len(names) == 1:
        return [opened.enter_context(output_file(output))]
    output_directory(output)
    return [opened.enter_context(output_file(output / file_name)) for file_name in names]


async def _export(db: Path, session_id: str, name: str, files: list[BinaryIO], *, raw: bool) -> None:
    async with ReadPool(db, size=1) as pool:
        reader = SQLiteReader(pool)
        exporter = Exporter(await open_replay(reader, session_id), reader, raw=raw, version=VERSION)
        for file, make_encoder in zip(files, FORMATS[name].files.values(), strict=True):
            await _write(file, exporter.file(make_encoder))


async def _write(file: BinaryIO, parts: AsyncGenerator[bytes, None]) -> None:
    async with aclosing(parts):
        async for part in parts:
            file.write(part)
    file.flush()
