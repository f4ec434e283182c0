"""What agents say they used: tokens, and dollars where they tell any."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api import params
from api.context import reader_of, settings_of
from api.parsers import DAY
from data.usage import Amounts, UsageAnswer, UsageRequest, UsageRow
from stream.timestamps import format_timestamp, parse_timestamp

_DEFAULT_SPAN = 30 * DAY


async def usage(request: Request) -> Response:
    """Tokens and costs by day, agent, model or session."""
    now = settings_of(request).now()
    values = params.read_parameters(request.query_params, params.USAGE, now)
    since, until = params.read_range(values, now)
    since = since or default_since(until, values["session"], now)
    wanted = UsageRequest(values["by"], since, until, values["agent"], values["session"], values["limit"])
    return JSONResponse(usage_json(wanted, await reader_of(request).usage(wanted)))


def default_since(until: str | None, session: str | None, now: int) -> str | None:
    """Where the span begins if nobody says: thirty days before its end; of a session, everything counts."""
    end = now if until is None else parse_timestamp(until)
    return None if session else format_timestamp(max(0, end - _DEFAULT_SPAN))


def usage_json(wanted: UsageRequest, answer: UsageAnswer) -> dict[str, Any]:
    """The answer as clients get it; a model that nobody named is null."""
    return {
        "by": wanted.by,
        "from": wanted.since,
        "to": wanted.until,
        "usage": [{wanted.by: row.name or None, **_used(row)} for row in answer.rows],
        "total": _used(answer.total),
    }


def _used(row: UsageRow) -> dict[str, Any]:
    tokens = {name: count for name, count in row.amounts._asdict().items() if name in _TOKENS}
    return {"sessions": row.sessions, "tokens": tokens, "cost_usd": row.amounts.cost_usd}


_TOKENS = tuple(name for name in Amounts._fields if name != "cost_usd")
