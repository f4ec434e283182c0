"""asciicast, the format of asciinema: version 2 and version 3, with markers where something happened.

Sources: docs.asciinema.org, "asciicast v2" and "asciicast v3". Where LF alone was recorded, which a terminal driver
completes to CR LF, so does the export.
"""

import codecs
import shlex
from typing import Any

from data.export.encoder import About
from data.json_text import to_json
from stream.records import STREAMS, ExtractionEvent
from stream.replay.items import Item
from stream.replay.line_ends import lf_streams
from stream.replay.playback import OutputPiece, ResizePiece
from stream.timing import MICROSECONDS

_MARKED = ("error", "permission", "test_result")
_SIZE = (80, 24)  # of a session without a terminal
_LONGEST_LABEL = 100


class CastV2:
    """A header, then an event a line: seconds since the start, code, data."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._events = _CastEvents(about)

    def begin(self) -> bytes:
        columns, rows = _size(self._about)
        return _line({"version": 2, "width": columns, "height": rows, **_facts(self._about), "env": _env(self._about)})

    def add(self, item: Item) -> bytes:
        code, data = self._events.event(item)
        return _line([_seconds(item.at), code, data]) if data else b""

    def end(self) -> bytes:
        rest = self._events.rest()
        return _line([_seconds(self._about.duration), "o", rest]) if rest else b""


class CastV3:
    """The same with seconds since the event before, and the exit status as the last event."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._events = _CastEvents(about)
        self._at = 0

    def begin(self) -> bytes:
        columns, rows = _size(self._about)
        term: dict[str, Any] = {"cols": columns, "rows": rows}
        if kind := self._about.header.environ.get("TERM"):
            term["type"] = kind
        return _line({"version": 3, "term": term, **_facts(self._about), "env": _env(self._about)})

    def add(self, item: Item) -> bytes:
        return self._line(item.at, *self._events.event(item))

    def end(self) -> bytes:
        status = self._about.session.exit_code
        rest = self._line(self._about.duration, "o", self._events.rest())
        return rest + self._line(self._about.duration, "x", "" if status is None else str(status))

    def _line(self, at: int, code: str, data: str) -> bytes:
        if not data:
            return b""
        interval, self._at = at - self._at, at
        return _line([_seconds(interval), code, data])


class _CastEvents:
    """What is an event, and text from bytes that may be cut anywhere."""

    def __init__(self, about: About) -> None:
        self._lf_streams = lf_streams(about.header)
        self._decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in STREAMS}
        self._returned = dict.fromkeys(STREAMS, False)

    def event(self, item: Item) -> tuple[str, str]:
        """Code and data; no data where it is no event."""
        value = item.value
        if isinstance(value, OutputPiece):
            return "o", self._output(value)
        if isinstance(value, ResizePiece):
            return "r", f"{value.columns}x{value.rows}"
        if isinstance(value, ExtractionEvent) and value.event_type in _MARKED:
            label = f"{value.event_type}: {value.matched_value or value.original_line or value.pattern}"
            return "m", label[:_LONGEST_LABEL]
        return "m", ""

    def rest(self) -> str:
        """Characters whose ends never came."""
        return "".join(decoder.decode(b"", final=True) for decoder in self._decoders.values())

    def _output(self, piece: OutputPiece) -> str:
        text = self._decoders[piece.stream].decode(piece.data)
        if not text or piece.stream not in self._lf_streams:
            return text
        returned, self._returned[piece.stream] = self._returned[piece.stream], text[-1] == "\r"
        completed = text.replace("\r\n", "\n").replace("\n", "\r\n")
        return completed[1:] if returned and text[0] == "\n" else completed


def _facts(about: About) -> dict[str, Any]:
    return {
        "timestamp": about.header.started // MICROSECONDS,
        "command": shlex.join(about.session.command),
        "title": f"{about.session.agent_name} {about.session.session_id}",
    }


def _env(about: About) -> dict[str, str]:
    return {name: about.header.environ[name] for name in ("SHELL", "TERM") if name in about.header.environ}


def _size(about: About) -> tuple[int, int]:
    return (about.header.columns, about.header.rows) if about.header.columns else _SIZE


def _seconds(at: int) -> float:
    return at / MICROSECONDS


def _line(value: Any) -> bytes:
    return f"{to_json(value)}\n".encode()
