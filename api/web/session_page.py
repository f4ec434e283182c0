"""The page of one session, and what its script asks for beside the interface: the events' outline, and the code."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from api import parsers
from api.context import pool_of, reader_of, settings_of
from api.params import Parameter, read_parameters
from api.reading import read_in_thread
from api.replay import replay_of
from api.replay_seekers import seekers_of
from api.web.highlight import Pieces, highlighted
from api.web.rendering import page
from api.web.session_view import offset, session_address, session_view
from data.export import FORMATS
from data.queries import SessionDetail
from data.sqlite.read_pool import ReadPool
from data.sqlite.session_outline import Occurrence, outline, session_blocks
from stream.pacing import MAX_SPEED, MIN_SPEED
from stream.recording import RecordingError, RecordingHeader, read_header
from stream.records import CodeBlock, Session
from stream.replay.line_ends import lf_streams
from stream.replay.seeking import PIPE_COLUMNS, PIPE_ROWS, Moment, shown_size
from stream.timestamps import format_timestamp
from stream.timing import MICROSECONDS

_ROWS = 2000  # of the outline at once
_BLOCKS = 20  # that are highlighted at once
_END = 999_999_999  # seconds, behind every end: as replay.js has it
_OCCURRENCES = 50  # of one block that are told

# What main.js imports, and what that does: a browser asks for all of it at once.
MODULES = (
    "vendor/xterm.mjs",
    "vendor/addon-web-links.mjs",
    *(f"{name}.js" for name in ("api", "format", "keys", "live", "rows", "strict_styles")),
    *(
        f"session/{name}.js"
        for name in ("bytes", "code", "elements", "event_list", "events", "head", "links", "outline", "pages")
    ),
    *(
        f"session/{name}.js"
        for name in ("replay", "screen", "scrubber", "tables", "tabs", "themes", "usage", "windowed")
    ),
)

_PAGE = (
    Parameter("t", parsers.decimal(0, 1e9), "seconds since the session's start"),
    Parameter("speed", parsers.decimal(MIN_SPEED, MAX_SPEED), f"a number from {MIN_SPEED:g} to {MAX_SPEED:g}"),
)
_CODE = (Parameter("after", parsers.integer(0, 1 << 62), "the id of a block", 0),)


async def session_page(request: Request) -> Response:
    """The session with this id, or the newest for `last`; an error page for one that nobody knows."""
    now = settings_of(request).now()
    asked = read_parameters(request.query_params, _PAGE, now)
    detail = await reader_of(request).session(request.path_params["session_id"])
    session = detail.session
    header = await read_in_thread(partial(_header, session))
    if header is not None:
        seekers_of(request).prepare(_moment(request, detail, asked["t"]))
    columns, rows = shown_size(header) if header else (PIPE_COLUMNS, PIPE_ROWS)
    values = {
        "session": session,
        "view": session_view(session, now),
        "header": header,
        "facts": list(_facts(session, header)),
        "states": _states(detail),
        "counts": detail.extractions_by_type,
        "formats": list(FORMATS),
        "modules": MODULES,
        "script": {
            "session": session.session_id,
            "started": session.started_at or "",
            "running": "true" if session.ended_at is None else "false",
            "lf": " ".join(sorted(lf_streams(header))) if header else "",
            "recorded": "true" if header else "false",
            "columns": columns,
            "rows": rows,
            "elapsed": offset(session.started_at, session.ended_at or format_timestamp(now)) or 0,
        },
    }
    return page(request, "session.html", values)


async def session_head(request: Request) -> Response:
    """What stands above the session, its states and its facts, for a page that was opened before it ended."""
    now = settings_of(request).now()
    read_parameters(request.query_params, (), now)
    detail = await reader_of(request).session(request.path_params["session_id"])
    session = detail.session
    header = await read_in_thread(partial(_header, session))
    view = session_view(session, now)._asdict()
    return JSONResponse({"view": view, "states": _states(detail), "facts": list(_facts(session, header))})


async def session_outline(request: Request) -> Response:
    """All events in a few words: lines of JSON, each `{"id": […], "timestamp": […], "type": […], …}`."""
    read_parameters(request.query_params, (), settings_of(request).now())
    rows = _outline_lines(pool_of(request), request.path_params["session_id"])
    return StreamingResponse(rows, media_type="application/x-ndjson")


async def session_code(request: Request) -> Response:
    """Code blocks behind an id, in pieces with CSS classes, and where else each stood; `next` is None at the end."""
    after = read_parameters(request.query_params, _CODE, settings_of(request).now())["after"]
    session_id = request.path_params["session_id"]
    question = partial(session_blocks, session_id=session_id, after=after, limit=_BLOCKS + 1, occurrences=_OCCURRENCES)
    found = await pool_of(request).read(question)
    shown = found[:_BLOCKS]
    pieces = await highlighted([(block.language, block.content) for block, _ in shown])
    blocks = [_block(*found, made) for found, made in zip(shown, pieces, strict=True)]
    return JSONResponse({"blocks": blocks, "next": shown[-1][0].id if len(found) > _BLOCKS else None})


async def _moment(request: Request, detail: SessionDetail, seconds: float | None) -> Moment:
    """What the page's script will ask for when the browser has it."""
    replay = await replay_of(detail, reader_of(request))
    return await seekers_of(request).moment(replay, round((_END if seconds is None else seconds) * MICROSECONDS))


async def _outline_lines(pool: ReadPool, session_id: str) -> AsyncGenerator[str, None]:
    after = 0
    while True:
        found = await pool.read(partial(outline, session_id=session_id, after=after, limit=_ROWS))
        if found.size:
            yield f"{found.columns}\n"
        if found.size < _ROWS:
            return
        after = found.last


def _block(block: CodeBlock, occurrences: list[Occurrence], pieces: Pieces) -> Mapping[str, Any]:
    return {
        "id": block.id,
        "language": block.language,
        "timestamp": block.timestamp,
        "line_start": block.line_start,
        "line_end": block.line_end,
        "context": block.context,
        "pieces": pieces,
        "occurrences": [_occurrence(place) for place in occurrences if not _is_same(place, block)],
    }


def _occurrence(place: Occurrence) -> Mapping[str, Any]:
    moment = offset(place.started_at, place.timestamp)
    return {**place._asdict(), "href": session_address(place.session_id, moment)}


def _is_same(place: Occurrence, block: CodeBlock) -> bool:
    return (place.session_id, place.line_start) == (block.session_id, block.line_start)


def _header(session: Session) -> RecordingHeader | None:
    """What the recording says about itself; None where it is gone."""
    if session.recording_path is None:
        return None
    try:
        return read_header(Path(session.recording_path))
    except RecordingError:
        return None


def _states(detail: SessionDetail) -> list[Mapping[str, Any]]:
    """Its states, oldest first, each with its seconds since the start."""
    started = detail.session.started_at
    return [
        {"state": change.state, "exit_code": change.exit_code, "t": offset(started, change.timestamp) or 0}
        for change in detail.state_changes
    ]


def _facts(session: Session, header: RecordingHeader | None) -> Iterator[tuple[str, str]]:
    """What is known about the session, as names and values."""
    told = {
        "Session": session.session_id,
        "Environment": session.environment,
        "Lines": f"{session.total_lines_processed:,}",
        "Events": f"{session.total_extraction_events:,}",
        "Outcomes": f"{session.total_feedback_outcomes:,}",
        "Patterns": session.extraction_config_version,
        "Recording": session.recording_path,
    }
    if header is not None:
        told |= {
            "Directory": header.cwd,
            "Terminal": f"{header.columns} columns, {header.rows} rows" if header.columns else "none",
            "Streams": "stdin {}, stdout {}, stderr {}".format(*header.mode),
            "Host": header.host,
            "Process": str(header.pid) if header.pid else "",
            "Recorded by": f"wrapper {header.version}" if header.version else "",
            **header.environ,
        }
    yield from ((name, value) for name, value in told.items() if value)
