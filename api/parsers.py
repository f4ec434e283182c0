"""From the text of a parameter to its value: pure functions that raise `ValueError`.

Each takes the text and the present (µs since the epoch). Times are UTC.
"""

import re
from collections.abc import Callable

from stream.timestamps import format_timestamp, parse_timestamp

Parser = Callable[[str, int], object]

DAY = 86_400_000_000

_SECOND = 1_000_000
_LATEST = 4102444800 * _SECOND  # the year 2100: arithmetic with later times would leave the calendar
_UNITS = {"s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND, "d": DAY, "w": 7 * DAY}
_RELATIVE = re.compile(r"-([0-9]{1,9})([smhdw])")
_UNQUOTED_ZONE = re.compile(r"(.+T.+) ([0-9]{2}:?[0-9]{2})")
_BUCKET = re.compile(r"([0-9]{1,6})([mhd])")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def text(value: str, _: int) -> str:
    """Anything but nothing."""
    if not value:
        raise ValueError("empty")
    return value


def flag(value: str, _: int) -> bool:
    """`true`, `1`, `false` or `0`."""
    return _FLAGS[choice(*_FLAGS)(value, 0)]


def choice(*allowed: str) -> Callable[[str, int], str]:
    """One of these."""

    def parse(value: str, _: int) -> str:
        if value not in allowed:
            raise ValueError(f"{value!r} is none of {allowed}")
        return value

    return parse


def integer(lowest: int, highest: int) -> Callable[[str, int], int]:
    """A whole number in digits alone: `int` would also take blanks, underscores and other scripts."""

    def parse(value: str, _: int) -> int:
        if not re.fullmatch(r"[0-9]{1,19}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"{value!r} is not in {lowest} to {highest}")
        return int(value)

    return parse


def decimal(lowest: float, highest: float) -> Callable[[str, int], float]:
    """A number with or without a fraction; no exponent, no `nan`."""

    def parse(value: str, _: int) -> float:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", value) or not lowest <= float(value) <= highest:
            raise ValueError(f"{value!r} is not in {lowest} to {highest}")
        return float(value)

    return parse


def time(value: str, now: int) -> str:
    """A timestamp from ISO 8601 (without a zone: UTC), `now`, `today`, `yesterday`, or relative like `-8h`.

    Nothing was recorded before 1970: earlier times are taken as its beginning.
    """
    moment = _moment(value, now)
    if moment > _LATEST:
        raise ValueError(f"{value!r} is too late")
    return format_timestamp(max(0, moment))


def bucket(value: str, _: int) -> int:
    """Seconds of a duration like `5m`, `1h` or `1d`, which is a multiple of five minutes."""
    match = _BUCKET.fullmatch(value)
    if not match:
        raise ValueError(f"{value!r} is not a duration")
    seconds = int(match[1]) * _UNITS[match[2]] // _SECOND
    if not 300 <= seconds <= 366 * 86_400 or seconds % 300:
        raise ValueError(f"{value!r} is not a multiple of five minutes")
    return seconds


def _moment(value: str, now: int) -> int:
    today = now - now % DAY
    named = {"now": now, "today": today, "yesterday": today - DAY}
    if value in named:
        return named[value]
    if match := _RELATIVE.fullmatch(value):
        return now - int(match[1]) * _UNITS[match[2]]
    # The plus sign of a zone arrives as a blank unless it was quoted.
    unquoted = _UNQUOTED_ZONE.fullmatch(value)
    return parse_timestamp(f"{unquoted[1]}+{unquoted[2]}" if unquoted else value)
