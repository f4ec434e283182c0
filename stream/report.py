"""Where the readers of one stream put what they find: rows, filled in with what all rows have. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from stream.lines import Line
from stream.recording import RecordingHeader
from stream.records import NO_METADATA, CodeBlock, ExtractionEvent, Usage
from stream.risk.tools import tool_risk
from stream.secrets.masker import SecretMasker, masked_text, masked_value
from stream.timestamps import format_timestamp
from stream.token_counts import Tokens

MAX_STORED_LINE = 4096  # bytes of `original_line`; the rest is in the recording
_RISKY = ("tool_use", "permission")


class Report:
    """What is found in one stream goes to `events`, `blocks` and `usages`, which the streams of a recording share.

    So do they `heard`: the kinds of agents whose JSON has been read in any of them. Who adds to it has it in its state.
    """

    def __init__(
        self,
        header: RecordingHeader,
        stream: str,
        events: list[ExtractionEvent],
        blocks: list[CodeBlock],
        usages: list[Usage] | None = None,
        *,
        masker: SecretMasker | None = None,
        heard: set[str] | None = None,
    ) -> None:
        self.header = header
        self.stream = stream
        self.events = events
        self.blocks = blocks
        self.usages = [] if usages is None else usages
        self.masker = masker
        self.heard = set[str]() if heard is None else heard
        self.not_understood: dict[str, int] = {}  # records of agents' JSON, by kind; known when the stream has ended
        self.errors_in_output = 0  # errors told of what tools printed
        self.faults: list[str] = []  # places in our own code that could not take a line (`stream.faults`)
        self._at, self._formatted = 0, format_timestamp(header.started)

    def timestamp(self, at: int) -> str:
        """UTC of a time since the start (µs)."""
        if at != self._at:  # many lines come with one read
            self._at, self._formatted = at, format_timestamp(self.header.started + at)
        return self._formatted

    def event(
        self,
        event_type: str,
        pattern: str,
        value: str | None,
        where: Line,
        *,
        text: bytes = b"",
        at: int | None = None,
        metadata: Mapping[str, Any] = NO_METADATA,
        language: str | None = None,
        risk_level: str | None = None,
        auto_confirmable: bool = False,
        masked: bool = False,
    ) -> ExtractionEvent:
        """A row, not yet put anywhere. `where` is its first line, `text` all its lines, `at` when the last one came.

        `masked` says that all of it was read from lines as they stand, which hold no secrets any more. Uses of tools
        and questions about them get their risk here, whoever reports them.
        """
        if event_type in _RISKY and risk_level is None and (risk := tool_risk(value, metadata, self.header.cwd)):
            risk_level, metadata = risk.level, {**metadata, "risk_reason": risk.reason}
        if self.masker and not masked:  # what a line says in escapes, or only together with another one
            value, metadata = masked_value(value, self.masker), masked_value(metadata, self.masker)
            text = masked_text(text, self.masker)
        if where.cut or len(text) > MAX_STORED_LINE:
            metadata = {"line_cut": len(text), **metadata}  # who has a part of it alone knows how long all of it is
        return ExtractionEvent(
            agent_name=self.header.agent,
            session_id=self.header.session_id,
            timestamp=self.timestamp(where.at if at is None else at),
            event_type=event_type,
            pattern=pattern,
            matched_value=value,
            original_line=text[:MAX_STORED_LINE].decode("utf-8", "ignore") if text else None,
            line_number=where.number,
            metadata=metadata,
            code_block_language=language,
            risk_level=risk_level,
            auto_confirmable=auto_confirmable,
            stream=self.stream,
            byte_offset=where.offset,
        )

    def tell(self, events: Iterable[ExtractionEvent]) -> None:
        """Puts rows into the report that were found in lines."""
        for event in events:
            self.events.append(event)
            self.errors_in_output += event.event_type == "error" and event.metadata.get("in") == "tool_output"

    def usage(
        self,
        tokens: Tokens,
        where: Line,
        *,
        key: str,
        scope: str,
        source: str,
        thread: str = "",
        model: str = "",
        cost_usd: float | None = None,
        approximate: bool = False,
    ) -> None:
        """Puts tokens into the ledger; nothing where the agent told neither tokens nor a cost."""
        tokens = tokens.plausible()
        total = tokens.counted()
        if total is None and cost_usd is None:
            return
        told = tokens._replace(total=total)
        session_id, timestamp = self.header.session_id, self.timestamp(where.at)
        self.usages.append(
            Usage(session_id, timestamp, thread, key, scope, source, model, *told, cost_usd, approximate)
        )

    def block(
        self,
        language: str,
        content: str,
        where: Line,
        line_end: int,
        *,
        at: int,
        context: Mapping[str, Any],
        parseable: bool | None = None,
    ) -> CodeBlock:
        """A code block whose first line is at `where` and whose last one came at `at`, not yet put anywhere."""
        return CodeBlock(
            agent_name=self.header.agent,
            session_id=self.header.session_id,
            timestamp=self.timestamp(at),
            language=language,
            content=self.masker.mask(content)[0] if self.masker else content,
            line_start=where.number,
            line_end=line_end,
            context=context,
            parseable=parseable,
            stream=self.stream,
            byte_offset=where.offset,
        )
