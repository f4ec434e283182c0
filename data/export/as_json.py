"""JSON: one document, or one object a line. Both hold everything, in the order in which it happened."""

from collections.abc import Iterable
from typing import Any

from data.export.encoder import About
from data.export.events import SessionEvent, Teller, seconds
from data.json_text import to_json
from stream.replay.items import Item


class JsonDocument:
    """`{"session": …, "events": [{"event": …, "t": …, …}, …], "duration_seconds": …}`."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._teller = Teller()
        self._at = 0
        self._separator = ""

    def begin(self) -> bytes:
        return f'{{"session":{to_json(session_row(self._about))},"events":['.encode()

    def add(self, item: Item) -> bytes:
        self._at = item.at
        event = self._teller.tell(item)
        return self._events([event] if event else [])

    def end(self) -> bytes:
        rest = self._events(self._teller.flush(self._at))
        return rest + f'],"duration_seconds":{seconds(self._about.duration)}}}\n'.encode()

    def _events(self, events: Iterable[SessionEvent]) -> bytes:
        text = ""
        for event in events:
            text += self._separator + to_json({"event": event.name, **event.data})
            self._separator = ","
        return text.encode()


class JsonLines:
    """A line with the session, then one for each event."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._teller = Teller()
        self._at = 0

    def begin(self) -> bytes:
        return _line("session", session_row(self._about))

    def add(self, item: Item) -> bytes:
        self._at = item.at
        event = self._teller.tell(item)
        return _line(event.name, event.data) if event else b""

    def end(self) -> bytes:
        return b"".join(_line(event.name, event.data) for event in self._teller.flush(self._at))


def session_row(about: About) -> dict[str, Any]:
    """The session's row, with its duration."""
    return about.session._asdict() | {"duration_seconds": seconds(about.duration)}


def _line(name: str, data: Any) -> bytes:
    return to_json({"event": name, **data}).encode() + b"\n"
