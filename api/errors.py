"""What can go wrong with a request, and the one shape in which all of it is told.

    ApiError                    what the endpoints raise; status and kind belong to the class
    ├── ParameterError          400  invalid_parameter
    ├── TokenError              401  token_required
    ├── OriginError             403  origin_not_allowed
    ├── NotFoundError           404  not_found
    │   └── RecordingNotFoundError   recording_not_found
    ├── TooLargeError           413  body_too_large
    ├── ContentTypeError        415  content_type_not_allowed
    └── HostError               421  host_not_allowed
    SessionNotFoundError        404  session_not_found   (data.stores)
    StoreError                  503  database_error      (data.stores)
    RecordingError              500  recording_damaged   (stream.recording)
    HTTPException               its own status           (Starlette: no such path, method not allowed)
    anything else               500  internal_error      the traceback is logged, never sent

The body is always `{"error": {"kind", "message", "hint"}}`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from data.stores import SESSIONS_ARE_LISTED, SessionNotFoundError, StoreError
from stream.recording import RecordingError


class ApiError(Exception):
    """An error with a status. `hint` says what the client can do about it."""

    status = HTTPStatus.BAD_REQUEST
    kind = "bad_request"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ParameterError(ApiError):
    """A parameter is unknown, or has a value that it cannot have."""

    kind = "invalid_parameter"


class TokenError(ApiError):
    """The server has a token, and the request has none or another one."""

    status = HTTPStatus.UNAUTHORIZED
    kind = "token_required"


class OriginError(ApiError):
    """Another site's page asks for a change."""

    status = HTTPStatus.FORBIDDEN
    kind = "origin_not_allowed"


class NotFoundError(ApiError):
    """What the path names is not there."""

    status = HTTPStatus.NOT_FOUND
    kind = "not_found"


class RecordingNotFoundError(NotFoundError):
    """The session is known, its recording is gone."""

    kind = "recording_not_found"


class TooLargeError(ApiError):
    """The body is longer than any that makes sense."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    kind = "body_too_large"


class ContentTypeError(ApiError):
    """What changes something must be JSON, and say so."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    kind = "content_type_not_allowed"


class HostError(ApiError):
    """The request was meant for another host: somebody's name leads to this machine."""

    status = HTTPStatus.MISDIRECTED_REQUEST
    kind = "host_not_allowed"


class Problem(NamedTuple):
    """An error as the client sees it."""

    status: int
    kind: str
    message: str
    hint: str
    headers: Mapping[str, str] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The one shape."""
        return {"error": {"kind": self.kind, "message": self.message, "hint": self.hint}}

    def response(self) -> Response:
        """The answer that tells it."""
        return JSONResponse(self.body, self.status, self.headers)


# What the layers below advise at the command line, as it is said here.
_HINTS = {SESSIONS_ARE_LISTED: "/api/query/sessions lists them"}

# Errors of the layers below: status, kind and hint; the first class that fits counts.
_BELOW = (
    (SessionNotFoundError, HTTPStatus.NOT_FOUND, "session_not_found", ""),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE, "database_error", "is the database in place, and is its disk full?"),
    (
        RecordingError,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "recording_damaged",
        "wrapper reindex says how much is readable",
    ),
)


def describe(error: Exception, path: str = "") -> Problem:
    """What to tell of any error of a request for `path`; of an unforeseen one, nothing but that it happened."""
    if isinstance(error, ApiError):
        return Problem(error.status, error.kind, str(error), error.hint)
    if isinstance(error, HTTPException):
        return _described_by_status(error, path)
    for below, status, kind, hint in _BELOW:
        if isinstance(error, below):
            told = getattr(error, "hint", "") or hint
            return Problem(status, kind, str(error), _HINTS.get(told, told))
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "the server failed to answer",
        "its terminal shows why; please report it",
    )


async def respond(request: Request, error: Exception) -> Response:
    """Starlette's handler of every error."""
    return describe(error, request.url.path).response()


# Starlette finds a handler by the class of the error; whatever is not here meets that of Exception, which also logs.
EXCEPTION_HANDLERS: Mapping[Any, Any] = dict.fromkeys(
    (ApiError, StoreError, RecordingError, HTTPException, Exception), respond
)


def _described_by_status(error: HTTPException, path: str) -> Problem:
    status = HTTPStatus(error.status_code)
    told = {
        HTTPStatus.NOT_FOUND: (f"there is nothing at {path}", "try /api/health or /api/query/sessions"),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            f"{path} does not take this method",
            f"it takes {(error.headers or {}).get('Allow', 'GET')}",
        ),
    }
    message, hint = told.get(status, (error.detail, ""))
    return Problem(status, status.phrase.lower().replace(" ", "_"), message, hint, error.headers)
