"""`wrapper serve`."""

from typing import Any

import click

from data.sqlite.database import open_writer
from data.stores import StoreError
from wrapper.commands.database import recover_first
from wrapper.commands.options import fail, load_settings, setting_option
from wrapper.server import ServerError, serve


@click.command
@setting_option("db")
@setting_option("recordings")
@setting_option("patterns")
@setting_option("host")
@setting_option("port")
def command(**flags: Any) -> None:
    """Answer queries and replay sessions over HTTP, for this machine alone.

    Starts with an empty database where there is none yet; sessions show as they are recorded.
    """
    settings = load_settings(**flags)
    recover_first(settings)
    try:
        open_writer(settings.db).close()
        serve(settings.db, settings.host, settings.port)
    except (ServerError, StoreError) as error:
        fail(str(error), hint=error.hint)
