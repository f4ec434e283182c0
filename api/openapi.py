"""The interface as an OpenAPI 3.1 document, made of the tables that requests are read by.

`OPERATIONS` says which table belongs to which path; everything else comes from the tables, the routes and the
docstrings of the endpoints.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api import params, parsers
from api.context import settings_of
from api.control import BODIES
from api.params import Parameter, read_parameters
from data.export import FORMATS

_JSON = "application/json"
_SSE = "text/event-stream"


class Operation(NamedTuple):
    """What a path takes and gives: its parameters, the types of its answers, statuses beyond those of all paths."""

    parameters: Sequence[Parameter] = ()
    types: Sequence[str] = (_JSON,)
    statuses: Sequence[int] = ()


OPERATIONS: Mapping[str, Operation] = {
    "/api/health": Operation(),
    "/api/query/extractions": Operation(params.EXTRACTIONS),
    "/api/query/code-blocks": Operation(params.CODE_BLOCKS),
    "/api/query/sessions": Operation(params.SESSIONS),
    "/api/query/session/{session_id}": Operation(statuses=(404,)),
    "/api/query/stats/agent/{agent}": Operation(statuses=(404,)),
    "/api/query/stats/pattern/{pattern}": Operation(params.PATTERN_STATS, statuses=(404,)),
    "/api/query/timeline": Operation(params.TIMELINE),
    "/api/query/search": Operation(params.SEARCH),
    "/api/query/stats": Operation(),
    "/api/query/compare": Operation(params.COMPARE, statuses=(404,)),
    "/api/query/attention": Operation(params.ATTENTION),
    "/api/query/summary": Operation(params.SUMMARY),
    "/api/query/top": Operation(params.TOP),
    "/api/query/usage": Operation(params.USAGE),
    "/api/live": Operation(params.LIVE, (_SSE,)),
    "/api/replay/session/{session_id}": Operation(params.REPLAY, (_SSE, _JSON), (204, 404, 500)),
    "/api/replay/control/{replay_id}/{command}": Operation(statuses=(404, 413, 415)),
    "/api/replay/export/{session_id}": Operation(
        params.EXPORT, sorted({form.media_type.partition(";")[0] for form in FORMATS.values()}), (404, 500)
    ),
    "/api/openapi.json": Operation(),
    "/metrics": Operation(types=("text/plain",)),
}

_EVERYWHERE = (400, 401, 403, 421, 503)
_SCHEMAS: Mapping[Any, Mapping[str, Any]] = {
    parsers.text: {"type": "string", "minLength": 1},
    parsers.language: {"type": "string", "minLength": 1},
    parsers.flag: {"type": "string", "enum": ["true", "false"]},
    parsers.bucket: {"type": "string", "pattern": "^[0-9]{1,6}[mhd]$"},
}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["kind", "message", "hint"],
            "properties": {name: {"type": "string"} for name in ("kind", "message", "hint")},
        }
    },
}
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


async def openapi(request: Request) -> Response:
    """This document."""
    settings = settings_of(request)
    read_parameters(request.query_params, (), settings.now())
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    return JSONResponse(document(routes, settings.version, token=settings.token is not None))


def document(routes: Sequence[Route], version: str, *, token: bool) -> dict[str, Any]:
    """The document about these routes; with `token`, every request must have one."""
    schemes: dict[str, Any] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "wrapper", "version": version, "summary": "The flight recorder for coding agents."},
        "paths": {path: _path(path, route) for route in routes if (path := plain_path(route)) in OPERATIONS},
        "components": {"schemas": {"Error": _ERROR}} | ({"securitySchemes": schemes} if token else {}),
    } | ({"security": [{"token": []}]} if token else {})


def plain_path(route: Route) -> str:
    """The path as OpenAPI writes it: without Starlette's convertors."""
    return route.path.replace(":path}", "}")


def _path(path: str, route: Route) -> dict[str, Any]:
    operation = OPERATIONS[path]
    names = _PATH_PARAMETER.findall(path)
    shared = [{"name": name, "in": "path", "required": True, "schema": _path_schema(name)} for name in names]
    method = "post" if "POST" in (route.methods or ()) else "get"
    told: dict[str, Any] = {
        "operationId": route.name,
        "summary": (route.endpoint.__doc__ or "").partition("\n")[0],
        "parameters": shared + [_parameter(parameter) for parameter in operation.parameters],
        "responses": _responses(operation),
    }
    if method == "post":
        told["requestBody"] = {"required": True, "content": {_JSON: {"schema": _body_schema()}}}
    return {method: told}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = dict(_schema(parameter.parse))
    if isinstance(parameter.default, str | int | float) and not isinstance(parameter.default, bool):
        schema["default"] = parameter.default
    told = {"name": parameter.name, "in": "query", "description": parameter.allowed, "schema": schema}
    return told | ({"required": True} if parameter.required else {})


def _schema(parse: parsers.Parser) -> Mapping[str, Any]:
    match parse:
        case parsers.Choice(allowed):
            return {"type": "string", "enum": list(allowed)}
        case parsers.Integer(lowest, highest):
            return {"type": "integer", "minimum": lowest, "maximum": highest}
        case parsers.Decimal(lowest, highest):
            return {"type": "number", "minimum": lowest, "maximum": highest}
    return _SCHEMAS.get(parse, {"type": "string"})


def _path_schema(name: str) -> dict[str, Any]:
    if name == "command":
        return {"type": "string", "enum": list(BODIES)}
    return {"type": "string", "minLength": 1}


def _body_schema() -> dict[str, Any]:
    """The bodies of all commands: which fits depends on the command."""
    return {
        "oneOf": [
            {
                "type": "object",
                "additionalProperties": False,
                "required": [field.name for field in fields],
                "properties": {
                    field.name: {"type": "number", "minimum": field.lowest, "maximum": field.highest}
                    for field in fields
                },
            }
            for fields in dict.fromkeys(BODIES.values())
        ]
    }


def _responses(operation: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": {"description": "The answer.", "content": {kind: {} for kind in operation.types}},
    }
    for status in sorted({*_EVERYWHERE, *operation.statuses}):
        answers[str(status)] = {"description": HTTPStatus(status).phrase}
        if status != HTTPStatus.NO_CONTENT:
            answers[str(status)]["content"] = {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    return answers
