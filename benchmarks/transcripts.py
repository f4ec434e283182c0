"""The labelled transcripts: what an agent printed, and the events that a careful reader finds in it.

`docs/labels.md` gives the form of the files. A case is recorded and indexed as a run of its agent is.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from data.stores import RecordingStore
from stream.grammars.kinds import kind_of
from stream.patterns import load_packs
from stream.recording import LOGS, TIMING, RecordingHeader, format_headers, read_header
from stream.records import Batch, Checkpoint, ExtractionEvent, Session
from stream.timing import format_header, format_output
from wrapper.indexer import Indexer

TRANSCRIPTS = Path(__file__).parent.parent / "tests" / "transcripts"
HELD_OUT = TRANSCRIPTS / "held-out.txt"

_STARTED = 1_795_305_600_000_000


class Place(NamedTuple):
    """Where an event may begin: `lines` of a stream, any line if None."""

    stream: str
    lines: tuple[int, ...] | None


class Label(NamedTuple):
    """One line of an `expected.jsonl`, whose form `docs/labels.md` gives."""

    event_type: str
    value: Any
    places: tuple[Place, ...]
    metadata: Mapping[str, Any]
    optional: bool


class Case(NamedTuple):
    """A transcript and its labels. `facts` is its `case.toml`."""

    directory: Path
    facts: Mapping[str, Any]
    labels: tuple[Label, ...]

    @property
    def agent(self) -> str:
        return self.directory.parent.name

    @property
    def name(self) -> str:
        return f"{self.agent}/{self.directory.name}"


def held_out() -> frozenset[str]:
    """Names of the cases that nobody who writes patterns looks at."""
    return frozenset(HELD_OUT.read_text().split())


def cases() -> list[Case]:
    """All of them, in the order of their names."""
    return [read_case(path.parent) for path in sorted(TRANSCRIPTS.glob("*/*/case.toml"))]


def read_case(directory: Path) -> Case:
    rows = [json.loads(line) for line in (directory / "expected.jsonl").read_text().splitlines()]
    return Case(directory, tomllib.loads((directory / "case.toml").read_text()), tuple(map(_label, rows)))


def _label(row: Mapping[str, Any]) -> Label:
    places = tuple(_place(place) for place in (row, *row.get("or_at", ())))
    risk = {"risk_level": row["risk_level"]} if "risk_level" in row else {}
    return Label(
        row["event_type"], row.get("value"), places, row.get("metadata", {}) | risk, row.get("optional", False)
    )


def _place(row: Mapping[str, Any]) -> Place:
    line = row.get("line")
    return Place(row["stream"], None if line is None else tuple(line) if isinstance(line, list) else (line,))


def record(case: Case, scratch: Path) -> Path:
    """A recording of the case, as the pump would have left it. Its kind is for the command's name to tell."""
    facts = case.facts
    pty = facts["mode"] == "pty"
    header = RecordingHeader(
        session_id="labelled",
        agent=case.agent,
        command=tuple(facts["command"]),
        cwd=facts.get("cwd", "/home/dev/project"),
        started=_STARTED,
        mode=("pty", "pty", "pty") if pty else ("pipe", "pipe", "pipe"),
        columns=facts.get("columns", 0),
        rows=facts.get("rows", 0),
    )
    directory = scratch / case.agent / "labelled"
    directory.mkdir(parents=True)
    for stream, name in (("stdout", "raw"), ("stderr", "stderr.raw")):
        if (case.directory / name).exists():
            (directory / LOGS[stream]).write_bytes((case.directory / name).read_bytes())
    end = format_header("DURATION", "60.000000", 1_000_000)
    if "signal" in facts:
        end += format_header("SIGNAL", facts["signal"])
    end += format_header("EXIT_CODE", facts["exit_status"])
    (directory / TIMING).write_bytes(format_headers(header) + _reads(case) + end)
    return directory


def _reads(case: Case) -> bytes:
    """The case's own reads where their order or pauses matter; else each stream at once, stderr first."""
    timing = case.directory / "timing"
    if timing.exists():
        return timing.read_bytes()
    files = (("E", case.directory / "stderr.raw"), ("O", case.directory / "raw"))
    sizes = [(kind, path.stat().st_size) for kind, path in files if path.exists()]
    return b"".join(format_output(kind, 1000, size) for kind, size in sizes if size)


def extract(directory: Path) -> list[ExtractionEvent]:
    """What the indexer stores of a recording."""
    store = _Kept()
    indexer = Indexer(directory, store, load_packs(kind_of(read_header(directory))))
    while not indexer.ended:
        indexer.step()
    indexer.close()
    return store.events


class _Kept(RecordingStore):
    """Keeps events in memory."""

    def __init__(self) -> None:
        self.events: list[ExtractionEvent] = []

    def open_session(self, session: Session) -> None:
        """There is but one."""

    def checkpoint(self, session_id: str) -> Checkpoint | None:
        return None

    def commit(self, batch: Batch) -> bool:
        self.events += batch.events
        return True

    def reset(self, session_id: str, config_version: str) -> None:
        self.events.clear()

    def heartbeat(self, session_id: str, timestamp: str) -> None:
        """Nobody waits for it."""
