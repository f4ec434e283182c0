"""`wrapper recover`: store what was left unfinished."""

import json
from typing import Any

import click

from wrapper.commands.options import json_option, load_settings, setting_option
from wrapper.commands.recovered import rows
from wrapper.commands.tables import count
from wrapper.recovery import recover_pending


@click.command
@setting_option("recordings")
@json_option
def command(as_json: bool, **flags: Any) -> None:
    """Store recordings whose run or indexer was interrupted, each in the database that its run had.

    The other commands do this, too, before they answer.
    """
    settings = load_settings(**flags)
    results = recover_pending(settings.recordings)
    if as_json:
        click.echo(json.dumps({"recovered": rows(results)}, indent=2))
    elif not results:
        click.echo("nothing to recover", err=True)
    for result in () if as_json else results:
        click.echo(f"{result.session_id}  {result.problem or count(result.events, 'event')}")
    if any(result.problem for result in results):
        click.get_current_context().exit(1)
