"""Rows as text for people: aligned columns, local times, durations. Pure, but for the printing."""

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click
from wcwidth import clip, ljust, width

from wrapper.commands.columns import GAP, Ways, column, fitted

_NO_WAYS = Ways()
_CAME_OF = {"permission": "phase", "tool_use": "outcome"}  # what says it of an event of this type


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str, narrower: Ways = _NO_WAYS) -> None:
    """Aligned columns; `empty` on stderr where there are no rows.

    On a terminal no row is wider than it is: what `narrower` says gives way, and what is still too much is not shown.
    Elsewhere nothing is cut.
    """
    if not rows:
        click.echo(empty, err=True)
        return
    columns = [column(title, texts) for title, texts in zip(titles, zip(*rows, strict=True), strict=True)]
    room = None
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns
        columns = fitted(columns, room, narrower, f"{datetime.now().astimezone():%Y-%m-%d}")
    for texts in zip(*((each.title, *each.texts) for each in columns), strict=True):
        cells = (_cell(text, each.size) for text, each in zip(texts, columns, strict=True))
        click.echo(clip(GAP.join(cells).rstrip(), 0, room) if room else GAP.join(cells).rstrip())


def _cell(text: str, size: int) -> str:
    return ljust(text if width(text) <= size else clip(text, 0, size - 1) + "…", size)


def local_time(timestamp: str | None) -> str:
    """`2026-11-22 01:34:53` in the user's zone, from a stored timestamp."""
    if timestamp is None:
        return ""
    return f"{datetime.fromisoformat(timestamp).astimezone():%Y-%m-%d %H:%M:%S}"


def duration(seconds: float | None) -> str:
    """`0.4s`, `3m12s`, `8h05m`: tenths are rounded, half up; whole seconds and minutes are those that have passed."""
    if seconds is None:
        return ""
    tenths = int(seconds * 10 + 0.5)
    if tenths < 600:
        return f"{tenths // 10}.{tenths % 10}s"
    seconds = max(seconds, 60)
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}m"


def shell_line(command: Sequence[str]) -> str:
    """An argument vector as a user would type it; of `/bin/sh -c`, what the shell was given."""
    return one_line(command[2] if tuple(command[:2]) == ("/bin/sh", "-c") else shlex.join(command))


def number(value: int | None) -> str:
    """`1,377`; nothing where nobody told."""
    return "" if value is None else f"{value:,}"


def dollars(value: float | None) -> str:
    """`$1.45`, small ones with more digits; nothing where nobody told."""
    if value is None:
        return ""
    return f"${value:,.2f}" if value >= 1 or value == 0 else f"${value:.4f}"


def one_line(text: str | None) -> str:
    """Text from an agent as it may stand on the user's terminal: on one line, with nothing that a terminal obeys."""
    return "".join(char if char.isprintable() else " " for char in text or "")


def event_text(line: str | None, value: str | None) -> str:
    """What an event says to people on one line: its first line if that has the value in it, else the value.

    An agent's JSON is for programs, the first line of a traceback says nothing; the value was read from them.
    """
    first, *more = (line or "").splitlines() or [""]
    is_value = value and (first.startswith(("{", "[{")) or not first or (more and value not in first))
    return one_line(value if is_value else first)


def told(event: Mapping[str, Any]) -> str:
    """An event on one line: of a tool what it was used for and what came of it, of a question how long it waited."""
    metadata = event["metadata"] or {}
    came = metadata.get(_CAME_OF.get(event["event_type"], ""))
    if not event["matched_value"] or not came:
        return event_text(event["original_line"], event["matched_value"])
    after = f" after {duration(metadata['waited_ms'] / 1000)}" if "waited_ms" in metadata else ""
    return f"{one_line(event['matched_value'])} ({one_line(str(came))}{after})"


def count(number: int, one: str, many: str = "") -> str:
    """`1 event`, `12 events`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def print_more(hidden: int, shown: int, *, most: int, otherwise: str, at_least: bool = False) -> None:
    """Says on stderr how many rows are not shown, and how they can be; `most` is what `--limit` takes."""
    if hidden <= 0:
        return
    how = (
        "--limit shows them" if not at_least and shown + hidden <= most else f"--limit shows up to {most}, {otherwise}"
    )
    click.echo(f"({'at least ' if at_least else ''}{hidden} more; {how})", err=True)
