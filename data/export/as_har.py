"""HAR 1.2: the session as a waterfall for any viewer of HTTP archives.

Each extracted event and each state is an entry. It starts when it happened and lasts until the next one: that is how
long the agent was at it. Its request is the query that shows it, its response holds the line.
"""

from typing import Any
from urllib.parse import urlencode

from data.export.encoder import About
from data.json_text import to_json
from stream.records import ExtractionEvent, StateChange
from stream.replay.items import Item
from stream.timestamps import format_timestamp

_BASE = "http://127.0.0.1:8151"
_FAILED = ("failed", "killed", "interrupted")


class HarArchive:
    """Holds the last event: how long it took is known when the next one comes."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._last: Item | None = None
        self._separator = ""

    def begin(self) -> bytes:
        session = self._about.session
        creator = {"name": "wrapper", "version": self._about.version}
        page = {
            "startedDateTime": self._time(0),
            "id": session.session_id,
            "title": f"{session.agent_name}: {' '.join(session.command)}",
            "pageTimings": {"onContentLoad": -1, "onLoad": self._about.duration / 1000},
        }
        return f'{{"log":{{"version":"1.2","creator":{to_json(creator)},"pages":[{to_json(page)}],"entries":['.encode()

    def add(self, item: Item) -> bytes:
        if not isinstance(item.value, ExtractionEvent | StateChange):
            return b""
        entry = self._entry(item.at)
        self._last = item
        return entry

    def end(self) -> bytes:
        return self._entry(self._about.duration) + b"]}}\n"

    def _entry(self, until: int) -> bytes:
        if self._last is None:
            return b""
        took = max(0, until - self._last.at) / 1000
        entry = {
            "pageref": self._about.session.session_id,
            "startedDateTime": self._time(self._last.at),
            "time": took,
            "request": self._request(self._last),
            "response": _response(self._last),
            "cache": {},
            "timings": {"send": 0, "wait": took, "receive": 0},
        }
        separator, self._separator = self._separator, ","
        return (separator + to_json(entry)).encode()

    def _time(self, at: int) -> str:
        return format_timestamp(self._about.header.started + at)

    def _request(self, item: Item) -> dict[str, Any]:
        session_id = self._about.session.session_id
        if isinstance(item.value, ExtractionEvent):
            query = {"session": session_id, "type": item.value.event_type, "pattern": item.value.pattern}
            path = f"/api/query/extractions?{urlencode(query)}"
        else:
            query, path = {}, f"/api/query/session/{session_id}"
        return {
            "method": "GET",
            "url": _BASE + path,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "queryString": [{"name": name, "value": value} for name, value in query.items()],
            "headersSize": -1,
            "bodySize": 0,
        }


def _response(item: Item) -> dict[str, Any]:
    value = item.value
    if isinstance(value, ExtractionEvent):
        kind, text, failed = value.event_type, value.original_line or "", value.event_type == "error"
    else:
        kind = text = value.state if isinstance(value, StateChange) else ""
        failed = kind in _FAILED
    return {
        "status": 500 if failed else 200,
        "statusText": kind,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {
            "size": len(text.encode("utf-8", "replace")),
            "mimeType": "text/plain; charset=utf-8",
            "text": text,
        },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
