"""From the records of a recording to what happened. Pure.

The result does not depend on how the bytes were cut into reads, nor on where `state` was taken and resumed. That is
what makes live, recovered and re-indexed runs agree.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from stream.echoes import Echoes, without_echoes
from stream.extractor import Extractor
from stream.grammars.kinds import agent_kind
from stream.lines import Reads
from stream.preparation import Preparer
from stream.recording import RecordingHeader
from stream.records import FINAL_STATES, NO_METADATA, STREAMS, CodeBlock, ExtractionEvent, StateChange, Usage, Verdict
from stream.report import Report
from stream.scanner import LineScanner
from stream.secrets.masker import SecretMasker
from stream.timestamps import format_timestamp
from stream.timing import TimingRecord, parse_seconds
from stream.verdict import VerdictReader
from stream.waiting import Waiting

_SLICE = 1 << 18  # bytes scanned at once: what is made of them stays in the processor's cache
_UNTOLD = (None, "unknown")  # outcomes of a tool that nobody has reported
_REPORTING = ("completed", "failed")  # states in which a run ends by itself


# Signals that say something of the streams: one of them if it is named, else both.
_ASKS_TO_END = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP")
_TOLD_TO_SCANNERS: Mapping[str, Callable[[LineScanner, Mapping[str, str], int], None]] = {
    "GAP": lambda scanner, fields, at: scanner.gap(int(fields["BYTES"]), at),
    "QUIET": lambda scanner, _, at: scanner.pause(at),
    "IDLE": lambda scanner, _, at: scanner.settle(at),
    "SIGWINCH": lambda scanner, fields, at: scanner.resize(int(fields["COLS"]), int(fields["ROWS"]), at),
}


class Findings(NamedTuple):
    """What was found since the last time it was taken.

    `outcomes` counts what was reported to have succeeded or failed: tests, tools, and the run itself at its end.
    """

    events: tuple[ExtractionEvent, ...]
    blocks: tuple[CodeBlock, ...]
    state_changes: tuple[StateChange, ...]
    lines: int
    outcomes: int
    usages: tuple[Usage, ...] = ()
    verdict: Verdict | None = None


class Pipeline:
    """Takes the records of one recording in order; `take` gives what they meant."""

    def __init__(self, header: RecordingHeader, extractor: Extractor, masker: SecretMasker | None = None) -> None:
        self.ended = False
        self._header = header
        self._signal: str | None = None
        self._events: list[ExtractionEvent] = []
        self._blocks: list[CodeBlock] = []
        self._usages: list[Usage] = []
        self._changes = [self._change("started", 0)]
        self._lines_taken = 0
        self._echoes = Echoes()
        self._waiting = Waiting()
        self._verdict = VerdictReader(header.kind or agent_kind(header.command, ""))
        shared = (self._events, self._blocks, self._usages)
        heard = set[str]()
        self._scanners = {
            stream: LineScanner(Report(header, stream, *shared, masker=masker, heard=heard), extractor)
            for stream in STREAMS
        }

    def feed(self, reads: Reads) -> None:
        """Output of the agent."""
        scanner = self._scanners[reads.stream]
        for part in _slices(reads):
            scanner.feed(part)

    def record(self, record: TimingRecord) -> None:
        """Anything else that the timing file tells: states, signals, quiet, the end."""
        if record.name == "STATE":
            self._change_state(record)
        elif record.name == "SIGNAL":
            self._signal = record.value
        elif record.name == "EXIT_CODE":
            state = "killed" if self._signal else "failed" if record.value else "completed"
            self._end(state, record.at, record.value)
        elif record.name in _ASKS_TO_END:
            self._scanners[STREAMS[0]].interrupt(record.name, parse_seconds(record.fields["AT"]))
        elif record.name in _TOLD_TO_SCANNERS:
            at = parse_seconds(record.fields["AT"])
            for stream, scanner in self._scanners.items():
                if record.fields.get("STREAM", stream) == stream:
                    _TOLD_TO_SCANNERS[record.name](scanner, record.fields, at)

    @property
    def awaiting_opening(self) -> frozenset[str]:
        """The streams in which the agent has said nothing of its own yet (`stream.extractor.Marks`)."""
        return frozenset(stream for stream, scanner in self._scanners.items() if scanner.awaits_opening)

    def prepare_with(self, preparer: Preparer) -> None:
        """Has output prepared by somebody else."""
        for scanner in self._scanners.values():
            scanner.prepare_with(preparer)

    def pass_over(self, reads: Reads) -> bool:
        """Has the lines of this output prepared, exactly as `feed` would, and does nothing else.

        Returns False when lines come that cannot be prepared.
        """
        scanner = self._scanners[reads.stream]
        return all(scanner.pass_over(part) for part in _slices(reads))

    def take(self) -> Findings:
        """What was found since the last call."""
        lines = sum(scanner.line_count for scanner in self._scanners.values())
        told, blocks = without_echoes(self._events, self._blocks, self._echoes)
        events = tuple(map(self._waiting.read, told))
        for event in events:
            self._verdict.see(event)
        ended = self._changes[-1] if self.ended and self._changes else None
        findings = Findings(
            events=events,
            blocks=blocks,
            state_changes=tuple(self._changes),
            lines=lines - self._lines_taken,
            outcomes=sum(map(_is_outcome, events)) + (ended is not None and ended.state in _REPORTING),
            usages=tuple(self._usages),
            verdict=self._verdict.decide(ended.state, ended.exit_code, self._signal) if ended else None,
        )
        self._lines_taken = lines
        for found in (self._events, self._blocks, self._changes, self._usages):
            found.clear()
        return findings

    def pending(self) -> int:
        """How much there is to `take`, lines aside."""
        return len(self._events) + len(self._blocks) + len(self._changes) + len(self._usages)

    def state(self) -> str:
        """JSON, to be resumed from; taken when nothing is left to `take`."""
        scanners = {stream: scanner.state() for stream, scanner in self._scanners.items()}
        ours: dict[str, Any] = {"signal": self._signal, "ended": self.ended, "echoes": self._echoes.state()}
        ours |= {"verdict": self._verdict.state(), "waiting": self._waiting.state()}
        return json.dumps({**ours, **scanners}, separators=(",", ":"))

    def resume(self, text: str) -> None:
        """Goes on where `state` was taken."""
        state = json.loads(text)
        self._signal, self.ended = state["signal"], state["ended"]
        self._echoes.resume(state["echoes"])
        self._verdict.resume(state["verdict"])
        self._waiting.resume(state["waiting"])
        self._changes.clear()
        for stream, scanner in self._scanners.items():
            scanner.resume(state[stream])
        self._lines_taken = sum(scanner.line_count for scanner in self._scanners.values())

    def _change_state(self, record: TimingRecord) -> None:
        fields = dict(record.fields)
        state, at = fields.pop("NAME"), parse_seconds(fields.pop("AT"))
        if state in FINAL_STATES:
            self._end(state, at)
        else:
            self._changes.append(self._change(state, at, metadata={k.lower(): v for k, v in fields.items()}))

    def _end(self, state: str, at: int, exit_code: int | None = None) -> None:
        self.ended = True
        for scanner in self._scanners.values():
            scanner.finish(at)
        unknown = {kind: count for scanner in self._scanners.values() for kind, count in scanner.not_understood.items()}
        metadata: dict[str, Any] = {"signal": self._signal} if self._signal else {}
        metadata |= {"unknown_records": unknown} if unknown else {}
        self._changes.append(self._change(state, at, exit_code, metadata))

    def _change(
        self, state: str, at: int, exit_code: int | None = None, metadata: Mapping[str, Any] = NO_METADATA
    ) -> StateChange:
        timestamp = format_timestamp(self._header.started + at)
        return StateChange(self._header.session_id, timestamp, state, exit_code, metadata)


def _is_outcome(event: ExtractionEvent) -> bool:
    if event.event_type == "tool_use":
        return event.metadata.get("outcome") not in _UNTOLD
    return event.event_type == "test_result"


def _slices(reads: Reads) -> Iterator[Reads]:
    for start in range(0, len(reads.data), _SLICE):
        yield reads._replace(offset=reads.offset + start, data=reads.data[start : start + _SLICE])
