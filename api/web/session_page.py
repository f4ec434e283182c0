"""The page of one session, and what its script asks for beside the interface: the outline and the code."""

import json
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from api.context import pool_of, reader_of, settings_of
from api.params import CODE, read_parameters
from api.web.highlight import Pieces, highlighted
from api.web.rendering import page
from api.web.session_view import offset, session_address, session_view
from data.sqlite.session_outline import Occurrence, outline, session_blocks
from data.export import FORMATS
from stream.recording import RecordingError, RecordingHeader, read_header
from stream.records import EVENT_TYPES, CodeBlock, Session
from stream.seeking import pipes, shown_size

_ROWS = 5000  # of the outline at once
_BLOCKS = 20  # that are highlighted at once
_OCCURRENCES = 50  # of one block that are told
