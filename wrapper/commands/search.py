"""`wrapper search QUERY`: what was extracted, by full text."""

import json
import shlex
from collections.abc import Sequence
from typing import Any

import click

from api.answers import found_json
from data.queries import SEARCHED, Hit
from data.terms import SearchSyntaxError, parse_terms
from wrapper.commands.database import read_after_recovery
from wrapper.commands.options import USAGE, expect_stdout, fail, json_option, load_settings, setting_option
from wrapper.commands.tables import local_time, one_line, print_more
from wrapper.config import Settings

_MOST = 200  # rows at once
_SEARCHED = {None: "events and code", "extraction": "events", "code_block": "code"}


@click.command
@click.argument("words", nargs=-1, required=True, metavar="QUERY...")
@click.option("--in", "source", type=click.Choice(SEARCHED), help="Only events, or only code blocks.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, _MOST), help="How many at the most.")
@setting_option("db")
@setting_option("recordings")
@json_option
def command(words: tuple[str, ...], source: str | None, limit: int, as_json: bool, **flags: Any) -> None:
    """Search events (their lines and values) and code: the best hits first.

    All words must occur; "a phrase" in quotes as it stands; begin* for words that begin so. (The shell takes quotes
    away: write '"a phrase"'.) Other lines that agents printed are in the recordings alone.
    """
    expect_stdout()
    settings = load_settings(**flags)
    try:
        terms = parse_terms(" ".join(words))
    except SearchSyntaxError as error:
        fail(f"the search cannot be read: {error}", USAGE)
    found = read_after_recovery(settings, lambda reader: reader.search(terms, source, limit))
    if as_json:
        click.echo(json.dumps(found_json(found), indent=2))
        return
    for hit in found.hits:
        _print(hit)
    if not found.hits:
        click.echo(f"nothing found in {_SEARCHED[source]}\n({_elsewhere(settings)})", err=True)
    at_least = found.total_is == "at_least"
    more_words = "more words find fewer"
    print_more(found.total - len(found.hits), len(found.hits), most=_MOST, otherwise=more_words, at_least=at_least)
    if not found.complete:
        click.echo("wrapper: the newest rows are not in the index yet; search again in a moment", err=True)


def _elsewhere(settings: Settings) -> str:
    """Where the lines are that are no events."""
    return f"other lines that agents printed are not searched: grep -ra WORD {shlex.quote(str(settings.recordings))}"


def _print(hit: Hit) -> None:
    row = hit.row
    where = f"{local_time(row.timestamp)}  {row.session_id}  {one_line(row.agent_name)}"
    line = getattr(row, "line_number", None) or getattr(row, "line_start", None)
    kind = getattr(row, "event_type", None) or f"code, {one_line(getattr(row, 'language', '')) or 'no language'}"
    click.echo(f"{where}  {kind}{f'  line {line}' if line else ''}")
    for line in _lines(hit.snippet):
        # click leaves the marks away where they would not be shown.
        click.echo("    " + "".join(click.style(one_line(text), bold=match or None) for text, match in line))


def _lines(snippet: Sequence[tuple[str, bool]]) -> list[list[tuple[str, bool]]]:
    """The pieces of each line of a snippet, without empty lines around it; code keeps its indentation."""
    lines: list[list[tuple[str, bool]]] = [[]]
    for text, match in snippet:
        first, *others = text.split("\n")
        lines[-1].append((first, match))
        lines += [[(other, match)] for other in others]
    filled = [number for number, line in enumerate(lines) if "".join(text for text, _ in line).strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []
