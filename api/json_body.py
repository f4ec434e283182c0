"""Bodies of requests that change something: JSON objects, read by tables like those of the query parameters.

JSON is required by its content type: another site's form can be sent without asking us first, JSON cannot.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.requests import Request

from api.errors import ContentTypeError, ParameterError, TooLargeError

_MAX_BODY = 4096  # bytes; commands are short


class Field(NamedTuple):
    """A number that the body must have."""

    name: str
    lowest: float
    highest: float


async def read_body(request: Request, fields: Sequence[Field]) -> Mapping[str, float]:
    """A value for every field. Raises `ContentTypeError`, `TooLargeError` and `ParameterError`.

    Where there are no fields, the body may be empty.
    """
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise ContentTypeError(f"Content-Type is {kind!r}", "send application/json")
    text = await _text(request)
    if not text.strip() and not fields:
        return {}
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParameterError("the body is not JSON", _example(fields)) from error
    if not isinstance(body, dict) or set(body) != {field.name for field in fields}:
        raise ParameterError(f"the body is {_shown(body)}", _example(fields))
    return {field.name: _number(field, body[field.name]) for field in fields}


async def _text(request: Request) -> bytes:
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > _MAX_BODY:
            raise TooLargeError(f"the body has more than {_MAX_BODY} bytes", "commands are shorter")
    return data


def _number(field: Field, value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not field.lowest <= value <= field.highest:
        raise ParameterError(
            f"{field.name} is {_shown(value)}",
            f"{field.name} must be a number from {field.lowest:g} to {field.highest:g}",
        )
    return float(value)


def _example(fields: Sequence[Field]) -> str:
    return f"send {json.dumps({field.name: max(field.lowest, 1) for field in fields})}"


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
