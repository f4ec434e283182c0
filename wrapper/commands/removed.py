"""What `wrapper rm` and `wrapper purge` say when they are done."""

import json

import click

from wrapper.removal import Removed


def tell(removed: Removed, *, as_json: bool) -> None:
    """Prints what is gone; on stderr, what is not quite gone yet."""
    rows = removed.rows
    if as_json:
        counts = rows._asdict() | {"recordings": [str(path) for path in removed.recordings], "bytes": removed.size}
        click.echo(json.dumps(counts, indent=2))
        return
    click.echo(
        f"removed {_count(rows.sessions, 'session')} with {_count(rows.events, 'event')} and "
        f"{_count(rows.code_blocks, 'code block')} from the database, "
        f"{_count(len(removed.recordings), 'recording')} of {removed.size} bytes"
    )
    for path in removed.recordings:
        click.echo(f"  {path}")
    if not rows.overwritten:
        click.echo(
            "wrapper: somebody is reading the database; what was removed leaves its log when they are done", err=True
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
