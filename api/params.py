"""Query parameters: the tables that endpoints are declared with, and how a request is read by one.

A parameter that is not in the table, comes twice or cannot be parsed is a `ParameterError`, which names it, its value
and what would be right.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from api import parsers
from api.errors import ParameterError
from api.periods import NAMES, PREVIOUS, BackwardsError, Period, whole
from data import terms
from data.export import FORMATS
from data.queries import DEFAULT_LIMIT, MAX_LIMIT, SEARCHED, decode_cursor
from data.summaries import TOP_BY
from data.usage import USAGE_BY
from stream.pacing import MAX_SPEED, MIN_SPEED
from stream.records import EVENT_TYPES, RISK_LEVELS, SESSION_STATES, VERDICTS
from stream.timestamps import format_timestamp, parse_timestamp

_MAX_ID = (1 << 63) - 1
_MAX_DAYS = 36_500
_SHOWN = 200  # characters of a wrong value that an error repeats
_TIME = "ISO 8601 (2026-11-22T08:00:00Z) up to the year 2100, now, today, yesterday, or relative: -90m, -8h, -7d"


class Parameter(NamedTuple):
    """One query parameter. `allowed` says in words what `parse` takes."""

    name: str
    parse: parsers.Parser
    allowed: str
    default: Any = None
    required: bool = False


_AGENT = Parameter("agent", parsers.text, "an agent's exact name")
_SESSION = Parameter("session", parsers.text, "a session's whole id")
_TYPE = Parameter("type", parsers.choice(*EVENT_TYPES), f"one of {', '.join(EVENT_TYPES)}")
_Q = Parameter("q", parsers.search, terms.ALLOWED)
_PERIOD = f"{', '.join(NAMES)}, or two times with .. between, as in -14d..-7d"
_TIMES = (
    Parameter("from", parsers.time, _TIME),
    Parameter("to", parsers.time, _TIME),
    Parameter("days", parsers.integer(1, _MAX_DAYS), f"a number of days, 1 to {_MAX_DAYS}"),
)
_PAGING = (
    Parameter("limit", parsers.integer(1, MAX_LIMIT), f"a number of rows, 1 to {MAX_LIMIT}", DEFAULT_LIMIT),
    Parameter("page", parsers.integer(1, 1_000_000), "a page's number, 1 to 1000000"),
    Parameter("cursor", lambda text, _: decode_cursor(text), "what an answer gave as next"),
    Parameter("after", parsers.integer(0, _MAX_ID), "the id of a row"),
    Parameter("count", parsers.choice("exact"), "exact, or left out"),
)

EXTRACTIONS = (
    _AGENT,
    _TYPE,
    Parameter("pattern", parsers.text, "a pattern's exact name"),
    _SESSION,
    Parameter("risk", parsers.choice(*RISK_LEVELS), f"one of {', '.join(RISK_LEVELS)}"),
    _Q,
    *_TIMES,
    *_PAGING,
)
CODE_BLOCKS = (
    _AGENT,
    Parameter("language", parsers.language, "a language as a fence names it: sh and bash are one"),
    _SESSION,
    _Q,
    *_TIMES,
    *_PAGING,
)
SESSIONS = (
    _AGENT,
    Parameter("state", parsers.choice(*SESSION_STATES), f"one of {', '.join(SESSION_STATES)}"),
    Parameter("verdict", parsers.choice(*VERDICTS), f"one of {', '.join(VERDICTS)}"),
    Parameter("active", parsers.flag, "true or false"),
    *_TIMES,
    *_PAGING,
)
SEARCH = (
    _Q._replace(required=True),
    Parameter("in", parsers.choice(*SEARCHED), f"one of {', '.join(SEARCHED)}"),
    Parameter("limit", parsers.integer(1, 200), "a number of hits, 1 to 200", 20),
)
COMPARE = (
    Parameter("a", parsers.session_or_period, f"a session's whole id, {_PERIOD}", required=True),
    Parameter("b", parsers.session_or_period, f"a session's whole id, {_PERIOD}", required=True),
)
ATTENTION = (Parameter("limit", parsers.integer(1, 1000), "a number of sessions, 1 to 1000", 50),)
_SPAN = (*_TIMES, Parameter("period", parsers.period, _PERIOD))
SUMMARY = (_AGENT, *_SPAN, Parameter("versus", parsers.versus, f"{PREVIOUS}, {_PERIOD}"))
TOP = (
    Parameter("by", parsers.choice(*TOP_BY), f"one of {', '.join(TOP_BY)}", "pattern"),
    _TYPE,
    _AGENT,
    *_SPAN,
    Parameter("limit", parsers.integer(1, 100), "a number of entries, 1 to 100", 10),
)
USAGE = (
    _AGENT,
    _SESSION,
    *_TIMES,
    Parameter("by", parsers.choice(*USAGE_BY), f"one of {', '.join(USAGE_BY)}", "day"),
    Parameter("limit", parsers.integer(1, MAX_LIMIT), f"a number of rows, 1 to {MAX_LIMIT}", DEFAULT_LIMIT),
)
PATTERN_STATS = (Parameter("recent", parsers.integer(0, 100), "a number of examples, 0 to 100", 10),)
TIMELINE = (
    _AGENT,
    *_TIMES,
    Parameter("bucket", parsers.bucket, "a multiple of 5 minutes, as in 5m, 1h or 1d"),
)
REPLAY = (
    Parameter("speed", parsers.decimal(MIN_SPEED, MAX_SPEED), f"a number from {MIN_SPEED:g} to {MAX_SPEED:g}", 1.0),
    Parameter("from", parsers.decimal(0, 1e9), "seconds since the session's start", 0.0),
    Parameter("idle_limit", parsers.decimal(0, 1e9), "seconds, the longest wait for the next event"),
    Parameter("paused", parsers.flag, "true or false", default=False),
    Parameter("keyframes", parsers.flag, "true or false", default=False),
    Parameter("format", parsers.choice("sse", "json"), "sse or json", "sse"),
)
LIVE = (
    _AGENT,
    _SESSION,
    Parameter("type", parsers.choice(*EVENT_TYPES), f"one of {', '.join(EVENT_TYPES)}"),
    Parameter("output", parsers.flag, "true or false", default=False),
)
EXPORT = (
    Parameter("format", parsers.choice(*FORMATS), f"one of {', '.join(FORMATS)}", "json"),
    Parameter("raw", parsers.flag, "true or false", default=False),
)


def read_parameters(query: QueryParams, table: Sequence[Parameter], now: int) -> Mapping[str, Any]:
    """A value for every parameter of the table: what was asked, or its default. `now` is µs since the epoch."""
    known = {parameter.name: parameter for parameter in table}
    asked: dict[str, Any] = {}
    for name, text in query.multi_items():
        if name not in known:
            raise ParameterError(
                f"there is no parameter {_shown(name)} here", f"there are: {', '.join(known) or 'none'}"
            )
        if name in asked:
            raise ParameterError(f"{name} is given twice, also as {_shown(text)}", f"give {name} once")
        asked[name] = _value(known[name], text, now)
    for parameter in table:
        if parameter.required and parameter.name not in asked:
            raise ParameterError(f"{parameter.name} is missing", f"{parameter.name} must be {parameter.allowed}")
    return {parameter.name: parameter.default for parameter in table} | asked


def read_range(values: Mapping[str, Any], now: int) -> tuple[str | None, str | None]:
    """The timestamps of `from` (for which `days` may stand) and `to`."""
    since, until, days = values["from"], values["to"], values["days"]
    if days is not None:
        if since is not None:
            raise ParameterError(f"from and days={days} are both given", f"days={days} stands for from=-{days}d")
        since = format_timestamp(max(0, now - days * parsers.DAY))
    if since is not None and until is not None and since > until:
        raise ParameterError(f"from is {since}, which is after to, {until}", "from must not be after to")
    return since, until


def read_period(values: Mapping[str, Any], now: int) -> Period:
    """The span that `period` names, or `from` and `to` (or `days`) do; by default the last day."""
    since, until = read_range(values, now)
    if values["period"] is not None:
        if since is not None or until is not None:
            raise ParameterError("period is given beside from, to or days", "give one or the other")
        span: Period = values["period"]
        return span
    end = now if until is None else parse_timestamp(until)
    start = end - parsers.DAY if since is None else parse_timestamp(since)
    if start > end:
        raise ParameterError(f"from is {since}, which is after {format_timestamp(end)}", "from must not be after to")
    return whole(max(0, start), end)


def _value(parameter: Parameter, text: str, now: int) -> Any:
    try:
        return parameter.parse(text, now)
    except (terms.SearchSyntaxError, BackwardsError) as error:
        message = f"{parameter.name} is {_shown(text)}: {error}"
        raise ParameterError(message, f"{parameter.name} must be {parameter.allowed}") from error
    except (ValueError, OverflowError) as error:
        raise ParameterError(
            f"{parameter.name} is {_shown(text)}", f"{parameter.name} must be {parameter.allowed}"
        ) from error


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}… ({len(text)} characters)"
