"""`wrapper serve`."""

from typing import Any

import click

from api.context import Settings
from data.sqlite.database import open_writer
from data.stores import StoreError
from wrapper.background_recovery import BackgroundRecovery
from wrapper.commands.database import recover_first
from wrapper.commands.options import fail, load_settings, setting_option
from wrapper.server import ServerError, serve
from wrapper.version import VERSION


@click.command
@setting_option("db")
@setting_option("recordings")
@setting_option("patterns")
@setting_option("host")
@setting_option("port", metavar="PORT")
@setting_option("token", metavar="TEXT")
@setting_option("slow_query")
def command(**flags: Any) -> None:
    """Answer queries, follow and replay sessions over HTTP, for this machine alone unless there is a token.

    Starts with an empty database where there is none yet; sessions show as they are recorded, interrupted ones are
    stored meanwhile. A token on the command line is visible to others on this machine: prefer WRAPPER_TOKEN.
    """
    settings = load_settings(**flags)
    recover_first(settings)
    served = Settings(settings.db, VERSION, settings.host, token=settings.token, slow_query=settings.slow_query)
    try:
        open_writer(settings.db).close()
        with BackgroundRecovery(settings.recordings):
            serve(served, settings.port)
    except (ServerError, StoreError) as error:
        fail(str(error), hint=error.hint)
