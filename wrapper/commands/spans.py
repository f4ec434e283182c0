"""Options that name a time or a span of it: the words and the meaning are those of the HTTP interface's parameters."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from api import parsers
from api.periods import NAMES, BackwardsError, Period
from wrapper.commands.options import USAGE, fail

PERIOD = f"{', '.join(NAMES)}, or FROM..TO as in -14d..-7d"
OTHERS = "--from and --to show others"
_TIME = "ISO 8601, today, yesterday, or relative as in -8h"

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


def span_options(default: str = "") -> Callable[[_Decorated], _Decorated]:
    """`--from`, `--to` and `--period`, for `read_span`; `default` says from when it is without them."""
    since = click.option("--from", "since", help=f"Since then: {_TIME}{default and f'; by default {default}'}.")
    until = click.option("--to", "until", help="Until then.")
    period = click.option("--period", help=f"In this span of time: {PERIOD}.")
    return lambda command: since(until(period(command)))


def read_span(options: dict[str, Any], now: int) -> tuple[str | None, str | None]:
    """Takes the span out of a command's options: two timestamps, each None where nobody said. `now` is in µs.

    Exits with status 2 for one that cannot be.
    """
    since, until, period = (options.pop(name) for name in ("since", "until", "period"))
    if period is not None:
        if since is not None or until is not None:
            fail("--period is given beside --from or --to: give one or the other", USAGE)
        return read_period("--period", period, now)
    first, last = _time("--from", since, now), _time("--to", until, now)
    if first is not None and last is not None and first > last:
        fail(f"--from is {since!r}, which is after --to, {until!r}", USAGE)
    return first, last


def read_period(option: str, text: str, now: int) -> Period:
    """A named span, or one of two times. Exits with status 2 for what is none."""
    period: Period = read_option(option, parsers.period, text, now)
    return period


def read_option(option: str, parse: Callable[[str, int], Any], text: str, now: int) -> Any:
    """What a parser of spans makes of an option's text. Exits with status 2 where it makes nothing of it."""
    try:
        return parse(text, now)
    except BackwardsError as error:
        fail(f"{option} is {text!r}; {error}", USAGE)
    except (ValueError, OverflowError):
        fail(f"{option} is {text!r}; it must be {PERIOD}", USAGE)


def _time(option: str, text: str | None, now: int) -> str | None:
    try:
        return None if text is None else parsers.time(text, now)
    except (ValueError, OverflowError):
        fail(f"{option} is {text!r}; it must be {_TIME} or -7d", USAGE)
