"""How pages write numbers, times and commands. Pure. `static/format.js` writes them alike; a test compares the two."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from stream.timestamps import parse_timestamp

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_SHORT = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def duration(seconds: float | None) -> str:
    """`0.4s`, `11.6s`, `3m 05s`, `2h 07m`, `1d 3h`; nothing for None. Tenths are rounded, all else is rounded down."""
    if seconds is None:
        return ""
    tenths = int(max(0.0, seconds) * 10 + 0.5)
    if tenths < 600:
        return f"{tenths / 10:.1f}s"
    whole = max(60, int(seconds))
    (first, size), (second, less) = next(pair for pair in pairwise(_UNITS) if whole >= pair[0][1])
    rest = whole % size // less
    return f"{whole // size}{first} {rest if first == 'd' else f'{rest:02}'}{second}"


def clock(seconds: float | None) -> str:
    """A moment of a recording, as players show it: `1:23`, `2:07:45`."""
    if seconds is None:
        return ""
    hours, rest = divmod(max(0, int(seconds)), 3_600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def relative(timestamp: str | None, now: int) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `yesterday`, `12 days ago`; `now` is µs since the epoch."""
    if timestamp is None:
        return ""
    seconds = max(0, (now - parse_timestamp(timestamp)) // 1_000_000)
    if seconds < 60:
        return "just now"
    if seconds < 3_600:
        return f"{seconds // 60} min ago"
    if seconds < 86_400:
        return f"{seconds // 3_600} h ago"
    return "yesterday" if seconds < 2 * 86_400 else f"{seconds // 86_400} days ago"


def number(value: int) -> str:
    """Thousands apart: `1,234`."""
    return f"{value:,}"


def short(value: int) -> str:
    """Three digits or so: `950`, `1.2k`, `48k`, `3.4M`."""
    for size, letter in _SHORT:
        if value >= size:
            tenths = value * 10 // size
            return f"{tenths / 10:.1f}{letter}" if tenths < 100 else f"{tenths // 10}{letter}"
    return str(value)


def counted(value: int, thing: str) -> str:
    """`1 event`, `1.2k events`."""
    return f"{short(value)} {thing}{'' if value == 1 else 's'}"


def money(dollars: float) -> str:
    """US dollars; below a cent with four digits."""
    return f"${dollars:.4f}" if 0 < dollars < 0.01 else f"${dollars:,.2f}"


def percent(share: float | None) -> str:
    """A share of 1, rounded down: only all is 100%."""
    return "" if share is None else f"{int(share * 100)}%"


def command(words: Sequence[str]) -> str:
    """A command as one would type it."""
    return shlex.join(words)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "clock": clock,
    "duration": duration,
    "number": number,
    "short": short,
    "money": money,
    "percent": percent,
    "command": command,
}
