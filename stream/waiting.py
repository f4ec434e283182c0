"""How long an agent waited for its answers: from the question's time to that of the answer. Pure, bounded."""

from typing import Any

from stream.records import ExtractionEvent
from stream.timestamps import parse_timestamp

_MOST = 64  # questions that are open; the oldest is forgotten


class Waiting:
    """Sees the events of a session in their order."""

    def __init__(self) -> None:
        self._asked: dict[str, str] = {}  # stream and line of a question → its time

    def read(self, event: ExtractionEvent) -> ExtractionEvent:
        """The event; an answer to a question that was seen says how long it took (`waited_ms`)."""
        if event.event_type != "permission":
            return event
        if event.metadata.get("phase") == "asked":
            self._asked[f"{event.stream} {event.line_number}"] = event.timestamp
            if len(self._asked) > _MOST:
                del self._asked[next(iter(self._asked))]
            return event
        line = event.metadata.get("asked_line")
        asked = self._asked.pop(f"{event.stream} {line}", None)
        if asked is None or line == event.line_number or asked >= event.timestamp:  # both were seen at once
            return event
        waited = (parse_timestamp(event.timestamp) - parse_timestamp(asked)) // 1000
        return event._replace(metadata={**event.metadata, "waited_ms": waited})

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {**self._asked}

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._asked = {**state}
