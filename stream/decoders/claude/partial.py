"""Claude's messages while they are made (`--include-partial-messages`): the API's own events. Pure."""

from collections.abc import Mapping
from typing import Any

from stream.decoders.claude.usage import count_message
from stream.decoders.fields import obj, text, whole
from stream.decoders.record import Record
from stream.embedded import EmbeddedTexts
from stream.regions import MESSAGE, THINKING, Region
from stream.report import Report

_MOST_MESSAGES = 200  # ids that are remembered, so that the text of a message is not read again when it is whole
_DELTAS: Mapping[str, tuple[str, Region]] = {"text_delta": ("text", MESSAGE), "thinking_delta": ("thinking", THINKING)}


class PartialMessages:
    """The messages that are being made, by the tool call that they are made for ('' for the main conversation)."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Any]] = {}
        self._streamed: dict[str, None] = {}

    def has(self, message_id: str) -> bool:
        """Whether the text of this message was read as it was made."""
        return message_id in self._streamed

    def read(self, record: Record, thread: str, report: Report, texts: EmbeddedTexts) -> None:
        """One `stream_event`."""
        event, maker = obj(record.data, "event"), text(record.data, "parent_tool_use_id")[:200]
        kind = text(event, "type")
        if kind == "message_start":
            texts.end_all(record.where, _key(maker))
            self._start(maker, obj(event, "message"))
            count_message(obj(event, "message"), thread, record, report)
        elif kind == "content_block_delta":
            self._delta(maker, event, record, texts)
        elif kind == "content_block_stop":
            texts.end(_key(maker, event), record.where)
        elif kind == "message_delta" and maker in self._open:
            message = {**self._open[maker], "usage": obj(event, "usage")}
            count_message(message, thread, record, report)
        elif kind == "message_stop":
            self._open.pop(maker, None)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open, "streamed": list(self._streamed)}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._open = dict(state["open"])
        self._streamed = dict.fromkeys(state["streamed"])

    def _start(self, maker: str, message: Mapping[str, Any]) -> None:
        message_id = text(message, "id")[:200]
        self._open[maker] = {"id": message_id, "model": text(message, "model")[:200]}
        self._streamed[message_id] = None
        if len(self._streamed) > _MOST_MESSAGES:
            del self._streamed[next(iter(self._streamed))]
        if len(self._open) > _MOST_MESSAGES:
            del self._open[next(iter(self._open))]

    def _delta(self, maker: str, event: Mapping[str, Any], record: Record, texts: EmbeddedTexts) -> None:
        name, region = _DELTAS.get(text(event, "delta", "type"), ("", MESSAGE))
        if words := text(event, "delta", name):
            texts.feed(_key(maker, event), words, region, record.where)


def _key(maker: str, event: Mapping[str, Any] | None = None) -> str:
    """Of the text of a content block; without one, what all keys of the maker begin with."""
    return f"claude {maker}/{'' if event is None else whole(event, 'index')}"
