"""One stream of output, from its bytes to its events and code blocks: lines, fences and patterns put together. Pure."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from stream.ansi import without_controls
from stream.extractor import Extractor
from stream.fences import CodeFence, Opening, parse_opening
from stream.lines import Line, LineAssembler, LineBlock, Reads
from stream.recording import RecordingHeader
from stream.records import CodeBlock, ExtractionEvent
from stream.timestamps import format_timestamp

MAX_STORED_LINE = 4096  # bytes of `original_line`; the rest is in the recording

Place = Callable[[], Line]  # where a line stands: looked up only for lines that have something


class LineScanner:
    """Appends what it finds to `events` and `blocks`, which the scanners of a recording share."""

    def __init__(
        self,
        header: RecordingHeader,
        stream: str,
        extractor: Extractor,
        events: list[ExtractionEvent],
        blocks: list[CodeBlock],
    ) -> None:
        self._header = header
        self._stream = stream
        self._extractor = extractor
        self._events = events
        self._blocks = blocks
        self._lines = LineAssembler()
        self._fence: CodeFence | None = None
        self._at, self._formatted = 0, format_timestamp(header.started)

    @property
    def line_count(self) -> int:
        """Lines finished so far."""
        return self._lines.count

    def feed(self, reads: Reads) -> None:
        """The next bytes of the stream."""
        if block := self._lines.feed(reads):
            self._scan(block)

    def gap(self, lost: int, at: int) -> None:
        """So many bytes were not recorded here: the open line ends, and an event says what is missing."""
        if block := self._lines.flush(at):
            self._scan(block)
        self._events.append(
            ExtractionEvent(
                agent_name=self._header.agent,
                session_id=self._header.session_id,
                timestamp=self._timestamp(at),
                event_type="warning",
                pattern="recording_gap",
                matched_value=f"{lost} bytes of {self._stream} were not recorded",
                line_number=self._lines.count + 1,
                metadata={"bytes": lost},
                stream=self._stream,
            )
        )

    def finish(self, at: int) -> None:
        """The stream has ended, at this time: an open line counts as one, an open fence as a block."""
        if block := self._lines.flush(at):
            self._scan(block)
        if self._fence:
            self._cut(self._fence, "end", at)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {"lines": self._lines.state(), "fence": self._fence.state() if self._fence else None}

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._lines.resume(state["lines"])
        self._fence = CodeFence.resume(state["fence"]) if state["fence"] else None

    def _scan(self, block: LineBlock) -> None:
        text = block.text
        index = counted = body = 0
        for start, end in self._extractor.lines_of_interest(text):
            index += text.count(b"\n", counted, start)
            counted = start
            line = without_controls(text[start:end])
            if self._fence:
                self._take(self._fence, block, body, start)
                body = start
            place = partial(block.locate, index, start)
            if self._fence and self._inside(self._fence, line, place):
                continue
            if opening := parse_opening(line):
                self._open(opening, place())
                body = end + 1
            else:
                self._events += self._find(line, place)
        if self._fence:
            self._take(self._fence, block, body, len(text))

    def _inside(self, fence: CodeFence, line: bytes, place: Place) -> bool:
        """Whether the line belongs to the fence, as its end or as its content; what does not fit cuts it."""
        if fence.is_closed_by(line):
            self._close(fence, place())
            return True
        if fence.fits(line):
            fence.held += self._find(line, place)
            return True
        self._cut(fence, "size", place().at)
        return False

    def _take(self, fence: CodeFence, block: LineBlock, start: int, end: int) -> None:
        taken = fence.take(block.text[start:end])
        first_left = start + taken
        if first_left < end:
            self._cut(fence, "size", block.locate(block.text.count(b"\n", 0, first_left), first_left).at)

    def _open(self, opening: Opening, line: Line) -> None:
        self._fence = CodeFence(opening, line.number, line.offset)

    def _close(self, fence: CodeFence, line: Line) -> None:
        self._emit(fence, line.number, line.at, {})

    def _cut(self, fence: CodeFence, why: str, at: int) -> None:
        self._events += fence.held
        self._emit(fence, fence.line_number + fence.lines, at, {"cut": why})

    def _emit(self, fence: CodeFence, line_end: int, at: int, extra: dict[str, Any]) -> None:
        self._fence = None
        block = CodeBlock(
            agent_name=self._header.agent,
            session_id=self._header.session_id,
            timestamp=self._timestamp(at),
            language=fence.opening.language,
            content=fence.content(),
            line_start=fence.line_number,
            line_end=line_end,
            context={"info": fence.opening.info, **extra},
            stream=self._stream,
            byte_offset=fence.offset,
        )
        self._blocks.append(block)
        self._events.append(
            ExtractionEvent(
                agent_name=block.agent_name,
                session_id=block.session_id,
                timestamp=block.timestamp,
                event_type="code_block",
                pattern="code_fence",
                matched_value=fence.opening.info,
                original_line=(fence.opening.marks.decode() + fence.opening.info)[:MAX_STORED_LINE],
                line_number=block.line_start,
                metadata={"digest": block.digest, "line_end": line_end, **extra},
                code_block_language=block.language,
                stream=self._stream,
                byte_offset=fence.offset,
            )
        )

    def _timestamp(self, at: int) -> str:
        if at != self._at:  # many lines come with one read
            self._at, self._formatted = at, format_timestamp(self._header.started + at)
        return self._formatted

    def _find(self, line: bytes, place: Place) -> Iterable[ExtractionEvent]:
        if not (matches := self._extractor.matches(line)):
            return ()
        where = place()
        shown = line[:MAX_STORED_LINE].decode("utf-8", "ignore")
        cut = {"line_cut": len(line)} if where.cut or len(line) > MAX_STORED_LINE else {}
        return [
            ExtractionEvent(
                agent_name=self._header.agent,
                session_id=self._header.session_id,
                timestamp=self._timestamp(where.at),
                event_type=match.pattern.event_type,
                pattern=match.pattern.name,
                matched_value=match.value,
                original_line=shown,
                line_number=where.number,
                metadata=match.metadata | cut,
                risk_level=match.pattern.risk_level,
                auto_confirmable=match.pattern.auto_confirmable,
                stream=self._stream,
                byte_offset=where.offset,
            )
            for match in matches
        ]
