"""Questions whose answer is no list: full text, totals, comparisons, what needs attention. All read only."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api import answers, params
from api.context import reader_of, settings_of
from api.errors import ParameterError
from data.summaries import TopRequest


async def search(request: Request) -> Response:
    """The best hits in lines, values and code."""
    values = params.read_parameters(request.query_params, params.SEARCH, settings_of(request).now())
    found = await reader_of(request).search(values["q"], values["in"], values["limit"])
    return JSONResponse(answers.found_json(found))


async def stats(request: Request) -> Response:
    """Totals over everything that is stored."""
    params.read_parameters(request.query_params, (), settings_of(request).now())
    return JSONResponse(await answers.overall(reader_of(request)))


async def compare(request: Request) -> Response:
    """Two sessions or spans of time, and what is different."""
    values = params.read_parameters(request.query_params, params.COMPARE, settings_of(request).now())
    return JSONResponse(await answers.comparison(reader_of(request), values["a"], values["b"]))


async def attention(request: Request) -> Response:
    """Sessions that wait for permission, ended badly, or did what is risky."""
    values = params.read_parameters(request.query_params, params.ATTENTION, settings_of(request).now())
    return JSONResponse(await answers.attention(reader_of(request), values["limit"]))


async def summary(request: Request) -> Response:
    """What happened in a span of time, and how another one was different."""
    now = settings_of(request).now()
    values = params.read_parameters(request.query_params, params.SUMMARY, now)
    span = params.read_period(values, now)
    return JSONResponse(await answers.summary(reader_of(request), span, values["versus"], values["agent"]))


async def top(request: Request) -> Response:
    """What there is most of in a span of time."""
    now = settings_of(request).now()
    values = params.read_parameters(request.query_params, params.TOP, now)
    span = params.read_period(values, now)
    if values["by"] == "command" and values["type"] is not None:
        raise ParameterError("type is given beside by=command", "type is of events, by=command counts sessions")
    wanted = TopRequest(values["by"], *span, values["type"] or "error", values["agent"], values["limit"])
    return JSONResponse(await answers.top(reader_of(request), wanted))
