"""`wrapper serve`."""

from typing import Any

import click

from wrapper.commands.options import load_settings, setting_option


@click.command
@setting_option("db")
@setting_option("recordings")
@setting_option("host")
@setting_option("port")
def command(**flags: Any) -> None:
    """Answer queries and replay sessions over HTTP, for this machine alone."""
    from wrapper.server import serve

    settings = load_settings(**flags)
    serve(settings.db, settings.host, settings.port)
