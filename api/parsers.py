"""From the text of a parameter to its value: pure functions that raise `ValueError`.

Each takes the text and the present (µs since the epoch). Times are UTC; days begin at this machine's midnight.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from api.periods import NAMES, PREVIOUS, Period, midnight
from api.periods import period as read_period
from data.terms import Term, parse_terms
from stream.code_blocks import language_of
from stream.timestamps import format_timestamp, parse_timestamp

Parser = Callable[[str, int], object]

DAY = 86_400_000_000

_SECOND = 1_000_000
_LATEST = 4102444800 * _SECOND  # the year 2100: arithmetic with later times would leave the calendar
_UNITS = {"s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND, "d": DAY, "w": 7 * DAY}
_RELATIVE = re.compile(r"-([0-9]{1,9})([smhdw])")
_UNQUOTED_ZONE = re.compile(r"(.+T.+) ([0-9]{2}:?[0-9]{2})")
_BUCKET = re.compile(r"([0-9]{1,6})([mhd])")
_NAME = re.compile(r"[\w.+#-]+")  # of a language
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def text(value: str, _: int) -> str:
    """Anything but nothing."""
    if not value:
        raise ValueError("empty")
    return value


def language(value: str, _: int) -> str:
    """A language as it is stored, from any of the names that fences give it; what is no name stays as it is."""
    return language_of(value) if _NAME.fullmatch(text(value, 0)) else value


def flag(value: str, _: int) -> bool:
    """`true`, `1`, `false` or `0`."""
    return _FLAGS[choice(*_FLAGS)(value, 0)]


@dataclass(frozen=True)
class Choice:
    """One of these."""

    allowed: tuple[str, ...]

    def __call__(self, value: str, _: int) -> str:
        if value not in self.allowed:
            raise ValueError(f"{value!r} is none of {self.allowed}")
        return value


@dataclass(frozen=True)
class Integer:
    """A whole number in digits alone: `int` would also take blanks, underscores and other scripts."""

    lowest: int
    highest: int

    def __call__(self, value: str, _: int) -> int:
        if not re.fullmatch(r"[0-9]{1,19}", value) or not self.lowest <= int(value) <= self.highest:
            raise ValueError(f"{value!r} is not in {self.lowest} to {self.highest}")
        return int(value)


@dataclass(frozen=True)
class Decimal:
    """A number with or without a fraction; no exponent, no `nan`."""

    lowest: float
    highest: float

    def __call__(self, value: str, _: int) -> float:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", value) or not self.lowest <= float(value) <= self.highest:
            raise ValueError(f"{value!r} is not in {self.lowest} to {self.highest}")
        return float(value)


def choice(*allowed: str) -> Choice:
    """One of these."""
    return Choice(allowed)


def integer(lowest: int, highest: int) -> Integer:
    """A whole number within these bounds."""
    return Integer(lowest, highest)


def decimal(lowest: float, highest: float) -> Decimal:
    """A number within these bounds."""
    return Decimal(lowest, highest)


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


def search(value: str, _: int) -> tuple[Term, ...]:
    """Words, phrases and beginnings; see `data.terms`."""
    return parse_terms(value)


def period(value: str, now: int) -> Period:
    """A named span of time, or two times with `..` between."""
    return read_period(value, now, time)


def versus(value: str, now: int) -> Period | str:
    """A span of time, or `previous`."""
    return value if value == PREVIOUS else period(value, now)


def session_or_period(value: str, now: int) -> Period | str:
    """A span of time, or the id of a session."""
    return period(value, now) if ".." in value or value in NAMES else text(value, now)


def _moment(value: str, now: int) -> int:
    if value == "now":
        return now
    if value in ("today", "yesterday"):
        return midnight(now, -1 if value == "yesterday" else 0)
    if match := _RELATIVE.fullmatch(value):
        return now - int(match[1]) * _UNITS[match[2]]
    # The plus sign of a zone arrives as a blank unless it was quoted.
    unquoted = _UNQUOTED_ZONE.fullmatch(value)
    return parse_timestamp(f"{unquoted[1]}+{unquoted[2]}" if unquoted else value)
