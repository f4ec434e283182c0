"""The labelled transcripts: that they are well-formed, and that what is found in them does not get worse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.labels import compare, score_all, tallies
from benchmarks.transcripts import Case, Label, Place, cases, held_out
from stream.records import EVENT_TYPES, RISK_LEVELS, STREAMS, ExtractionEvent

# What was reached over all cases that are not held out. To be raised as it gets better, never lowered.
PRECISION = 0.99
RECALL = 0.99

CASES = cases()
FACTS = {"kind", "command", "mode", "columns", "rows", "exit_status", "signal", "cwd", "source", "before_patterns"}
KEYS = {"event_type", "value", "line", "stream", "or_at", "optional", "metadata", "risk_level"}
EACH = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])


def rows(case: Case) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (case.directory / "expected.jsonl").read_text().splitlines()]


def line_count(case: Case, stream: str) -> int:
    path = case.directory / {"stdout": "raw", "stderr": "stderr.raw"}[stream]
    data = path.read_bytes() if path.exists() else b""
    return data.count(b"\n") + (not data.endswith(b"\n"))


def places(label: Label) -> Iterator[tuple[str, int]]:
    for place in label.places:
        for line in place.lines or ():
            yield place.stream, line


@EACH
def test_a_case_says_how_it_was_run(case: Case) -> None:
    facts = case.facts
    assert set(facts) <= FACTS
    assert facts["mode"] in {"pipe", "pty"}
    assert (facts["mode"] == "pty") == ("columns" in facts and "rows" in facts)
    assert all(isinstance(word, str) for word in facts["command"])
    assert isinstance(facts["exit_status"], int)
    assert facts["source"]


@EACH
def test_a_label_has_the_form_that_is_documented(case: Case) -> None:
    for row in rows(case):
        assert set(row) <= KEYS
        assert row["event_type"] in EVENT_TYPES
        assert {place["stream"] for place in (row, *row.get("or_at", ()))} <= set(STREAMS)
        assert row.get("risk_level") in {None, *RISK_LEVELS}


@EACH
def test_a_label_points_into_its_stream(case: Case) -> None:
    for label in case.labels:
        for stream, line in places(label):
            assert 1 <= line <= line_count(case, stream), label


@EACH
def test_its_reads_cover_its_bytes(case: Case) -> None:
    timing = case.directory / "timing"
    if not timing.exists():
        return
    sizes = {"O": 0, "E": 0}
    for kind, _, rest in (line.split(" ", 2) for line in timing.read_text().splitlines()):
        if kind in sizes:
            sizes[kind] += int(rest)
    files = {"O": case.directory / "raw", "E": case.directory / "stderr.raw"}
    assert sizes == {kind: path.stat().st_size if path.exists() else 0 for kind, path in files.items()}


def test_held_out_cases_exist() -> None:
    assert held_out() <= {case.name for case in CASES}


def test_what_is_found_does_not_get_worse() -> None:
    unseen = held_out()
    reached = tallies(score_all(case for case in CASES if case.name not in unseen), "all")["all"]
    assert reached.precision >= PRECISION
    assert reached.recall >= RECALL


def label(**fields: Any) -> Label:
    given: dict[str, Any] = {"value": "boom", "places": (Place("stdout", (3,)),), "metadata": {}, "optional": False}
    return Label("error", **given | fields)


def event(value: str = "boom", line: int = 3, **fields: Any) -> ExtractionEvent:
    return ExtractionEvent("a", "s", "", "error", "p", value, line_number=line, stream="stdout", **fields)


def compared(labels: list[Label], events: list[ExtractionEvent]) -> tuple[int, int, int]:
    """How many were found, missed, false."""
    score = compare(Case(Path("agent/case"), {}, tuple(labels)), events)
    return len(score.found), len(score.missed), len(score.false)


@pytest.mark.parametrize(
    ("labels", "events", "outcome"),
    [
        ([label()], [event()], (1, 0, 0)),
        ([label()], [event("bang")], (0, 1, 1)),
        ([label()], [event(line=4)], (0, 1, 1)),
        ([label(value=["bang", "boom"])], [event()], (1, 0, 0)),
        ([label(value={"contains": "oo"})], [event()], (1, 0, 0)),
        ([label()], [event(), event()], (1, 0, 1)),
        ([label(optional=True)], [event()], (0, 0, 0)),
        ([label(optional=True)], [], (0, 0, 0)),
        ([label(optional=True), label()], [event()], (1, 0, 0)),
        ([label(value=None), label()], [event("bang"), event()], (2, 0, 0)),
        ([label(), label(value=None)], [event("bang"), event()], (2, 0, 0)),
        ([label(places=(Place("stderr", (1,)), Place("stdout", None)))], [event()], (1, 0, 0)),
    ],
)
def test_labels_and_events_are_paired(
    labels: list[Label], events: list[ExtractionEvent], outcome: tuple[int, int, int]
) -> None:
    assert compared(labels, events) == outcome


def test_metadata_are_compared_key_by_key() -> None:
    wanted = label(metadata={"line": 5, "kind": {"any_of": ["401", 401]}, "tokens": {"output": 7}})
    found = event(metadata={"line": "5", "kind": 401, "tokens": {"output": 7, "total": 9}})
    score = compare(Case(Path("agent/case"), {}, (wanted,)), [found])
    assert [wrong for _, _, wrong in score.found] == [("line",)]
