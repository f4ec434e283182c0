"""What a decoder tells of its stream: events of records, each problem once, and what was not understood. Pure."""

from collections.abc import Mapping
from typing import Any

from stream.decoders.fields import known, text
from stream.decoders.json_objects import objects_of
from stream.decoders.record import Record
from stream.embedded import EmbeddedTexts
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.records import NO_METADATA, ExtractionEvent
from stream.report import Report
from stream.token_counts import Tokens

_LONGEST = 4096  # characters of a value
_MOST_KINDS = 50  # kinds of records that are counted by their names

_HTTP_STATUS = lazy_regex(r"(?i)\b(?:status(?: code)?|HTTP(?:/[\d.]+)?|API error)[ :=]+([45]\d\d)\b")
_RATE_LIMIT = lazy_regex(r"(?i)\b429\b|rate[ _-]?limit|too many requests|quota exceeded|resource[ _]exhausted")


class Account:
    """The events of one stream's records go to the report under `pattern`, `AGENT_json` if there is none."""

    def __init__(self, agent: str, pattern: str = "") -> None:
        self.agent = agent
        self._pattern = pattern or f"{agent}_json"
        self._problem = ""  # the error or warning that was told last, while nothing else was
        self._unknown: dict[str, int] = {}
        self._last: Line | None = None

    def make(
        self,
        event_type: str,
        value: str,
        record: Record,
        report: Report,
        metadata: Mapping[str, Any] = NO_METADATA,
        *,
        pattern: str = "",
    ) -> ExtractionEvent:
        """An event of the record, not yet in the report."""
        where = record.where
        extra = {"line_end": record.line_end} if record.line_end > where.number else {}
        return report.event(
            event_type,
            pattern or self._pattern,
            value[:_LONGEST],
            where,
            text=record.text,
            metadata={**metadata, **extra},
        )

    def tell(
        self,
        event_type: str,
        value: str,
        record: Record,
        report: Report,
        metadata: Mapping[str, Any] = NO_METADATA,
    ) -> None:
        """Puts an event of the record into the report."""
        report.events.append(self.make(event_type, value, record, report, metadata))
        self._problem = ""

    def problem(
        self,
        event_type: str,
        message: str,
        record: Record,
        report: Report,
        metadata: Mapping[str, Any] = NO_METADATA,
        *,
        pattern: str = "",
    ) -> None:
        """Tells an error or a warning; one that is repeated before anything else happened is the same one."""
        message = plain_message(message).strip()[:_LONGEST]
        if not message or message == self._problem:
            return
        report.events.append(self.make(event_type, message, record, report, metadata, pattern=pattern))
        self._problem = message

    def metric(
        self, tokens: Tokens, scope: str, record: Record, report: Report, *, cost_usd: float | None = None
    ) -> None:
        """Tells tokens, and the cost if the agent does."""
        total = tokens.counted()
        if total is None and cost_usd is None:
            return
        value = f"${cost_usd}" if total is None else str(total)
        metadata = known(tokens=tokens.told(), cost_usd=cost_usd, scope=scope)
        self.tell("metric", value, record, report, metadata)

    def saw(self, record: Record) -> None:
        """Where the stream is."""
        self._last = record.where

    def unknown(self, kind: str) -> None:
        """Counts a record, or a part of one, that was not understood."""
        name = kind[:80] or "?"
        if name not in self._unknown and len(self._unknown) >= _MOST_KINDS:
            name = "others"
        self._unknown[name] = self._unknown.get(name, 0) + 1

    def finish(self, at: int, report: Report, texts: EmbeddedTexts) -> None:
        """The stream has ended: no text goes on, and the report learns which records were not understood."""
        if self._last is not None:
            texts.end_all(self._last._replace(at=at))
        for kind, count in self._unknown.items():
            report.not_understood[f"{self.agent} {kind}"] = count

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"problem": self._problem, "unknown": self._unknown, "last": self._last}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._problem = state["problem"]
        self._unknown = dict(state["unknown"])
        self._last = Line(*state["last"]) if state["last"] else None


def plain_message(message: str) -> str:
    """What a provider's answer says that an agent hands on as it came: `{"error": {"message": …}}`."""
    objects, rest = objects_of(message) if message.lstrip().startswith(("{", "[")) else ([], "")
    if len(objects) != 1 or rest:
        return message
    return text(objects[0], "error", "message") or text(objects[0], "message") or message


def http_kind(message: str) -> dict[str, str]:
    """`{"kind": "HTTP 401"}` of a message that names a status, else nothing."""
    match = _HTTP_STATUS.search(message)
    return {"kind": f"HTTP {match[1]}"} if match else {}


def waiting(reason: str) -> str:
    """What an agent is doing that tries again for this reason: `rate_limited` or `retrying`."""
    return "rate_limited" if _RATE_LIMIT.search(reason) else "retrying"


def retry(
    reason: str, *, attempt: int | None = None, of: int | None = None, until: str | None = None
) -> tuple[str, dict[str, Any]]:
    """The value and the metadata of a `state_change` of an agent that tries again."""
    return waiting(reason), known(reason=reason[:_LONGEST], attempt=attempt, of=of, until=until)
