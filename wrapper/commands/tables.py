"""Rows as text for people: aligned columns, local times, durations. Pure, but for the printing."""

import shlex
import shutil
from collections.abc import Sequence
from datetime import datetime

import click


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Aligned columns, the last one cut at the terminal's width; `empty` on stderr where there are no rows."""
    if not rows:
        click.echo(empty, err=True)
        return
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    width = shutil.get_terminal_size((160, 24)).columns
    for row in (titles, *rows):
        line = "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        click.echo(line if len(line) <= width else f"{line[: width - 1]}…")


def local_time(timestamp: str | None) -> str:
    """`2026-11-22 01:34:53` in the user's zone, from a stored timestamp."""
    if timestamp is None:
        return ""
    return f"{datetime.fromisoformat(timestamp).astimezone():%Y-%m-%d %H:%M:%S}"


def duration(seconds: float | None) -> str:
    """`0.4s`, `3m12s`, `8h05m`."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}m"


def shell_line(command: Sequence[str]) -> str:
    """An argument vector as a user would type it; of `/bin/sh -c`, what the shell was given."""
    return one_line(command[2] if tuple(command[:2]) == ("/bin/sh", "-c") else shlex.join(command))


def one_line(text: str | None) -> str:
    """Text from an agent as it may stand on the user's terminal: on one line, with nothing that a terminal obeys."""
    return "".join(char if char.isprintable() else " " for char in text or "")


def count(number: int, one: str, many: str = "") -> str:
    """`1 event`, `12 events`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
